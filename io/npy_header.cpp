#include "unroll/io/npy_header.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace unroll {
namespace {

constexpr std::string_view magic = "\x93NUMPY";

struct Dict {
  std::string descr;
  bool fortran_order = false;
  std::vector<Index> shape;
};

// The header is a dict of Python with three known keys.
class DictReader {
 public:
  DictReader(std::string_view who, std::string_view text) : who_(who), text_(text) {}

  Dict read() {
    std::optional<std::string> descr;
    std::optional<bool> order;
    std::optional<std::vector<Index>> shape;
    expect('{');
    while (!accept('}')) {
      std::string key = string();
      expect(':');
      if (key == "descr" && !descr)
        descr = string();
      else if (key == "fortran_order" && !order)
        order = boolean();
      else if (key == "shape" && !shape)
        shape = tuple();
      else
        fail("the key \"" + key.substr(0, 40) + "\"");
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    skip_blanks();
    if (next_ != text_.size()) fail("text after the header");
    if (!descr || !order || !shape) fail("a key that is missing");
    return {*descr, *order, *shape};
  }

 private:
  [[noreturn]] void fail(std::string_view what) const {
    raise<DataLossError>(who_, "no header of a .npy file: ", what, " at position ", next_);
  }
  void skip_blanks() {
    while (next_ < text_.size() && (text_[next_] == ' ' || text_[next_] == '\n')) ++next_;
  }
  bool accept(char c) {
    skip_blanks();
    if (next_ == text_.size() || text_[next_] != c) return false;
    ++next_;
    return true;
  }
  void expect(char c) {
    if (!accept(c)) fail(std::string("expected ") + c);
  }
  std::string string() {
    const char quote = accept('"') ? '"' : '\'';
    if (quote == '\'') expect(quote);
    std::size_t end = text_.find(quote, next_);
    if (end == std::string_view::npos) fail("a string without end");
    std::string result(text_.substr(next_, end - next_));
    next_ = end + 1;
    return result;
  }
  bool boolean() {
    skip_blanks();
    for (std::string_view word : {"True", "False"})
      if (text_.substr(next_).starts_with(word)) {
        next_ += word.size();
        return word == "True";
      }
    fail("expected True or False");
  }
  std::vector<Index> tuple() {
    std::vector<Index> dims;
    expect('(');
    while (!accept(')')) {
      skip_blanks();
      Index dim = 0;
      auto [end, error] = std::from_chars(text_.data() + next_, text_.data() + text_.size(), dim);
      if (error != std::errc()) fail("expected a dimension");
      next_ = static_cast<std::size_t>(end - text_.data());
      accept('L');  // of Python 2
      dims.push_back(dim);
      if (!accept(',')) {
        expect(')');
        break;
      }
    }
    return dims;
  }

  std::string_view who_, text_;
  std::size_t next_ = 0;
};

struct Kind {
  std::string_view code;
  ElementType type;
};
constexpr Kind kinds[] = {{"b1", ElementType::bool_},   {"i1", ElementType::int8},    {"i2", ElementType::int16},
                          {"i4", ElementType::int32},   {"i8", ElementType::int64},   {"u1", ElementType::uint8},
                          {"u2", ElementType::uint16},  {"u4", ElementType::uint32},  {"u8", ElementType::uint64},
                          {"f2", ElementType::float16}, {"f4", ElementType::float32}, {"f8", ElementType::float64}};

std::string_view code_of(ElementType type) {
  for (const Kind& kind : kinds)
    if (kind.type == type) return kind.code;
  return {};
}

ElementType type_of(std::string_view who, const std::string& descr) {
  if (descr.size() == 3 && std::string_view("<>|=").find(descr[0]) != std::string_view::npos)
    for (const Kind& kind : kinds)
      if (descr.substr(1) == kind.code) return kind.type;
  raise<DataLossError>(who, "the elements are \"", descr.substr(0, 40), "\", expected numbers or bools");
}

}  // namespace

std::string encode_npy_header(const TensorSpec& spec, std::size_t least_size) {
  const ElementType type = element_type(spec.dtype);
  std::string header = "{'descr': '";
  header.append(bytes_per_element(type) == 1 ? "|" : "<").append(code_of(type));
  header += "', 'fortran_order': False, 'shape': (";
  for (Index dim : spec.shape) header.append(std::to_string(dim)).append(", ");
  if (spec.shape.rank() == 1) header.pop_back();
  if (spec.shape.rank() > 1) header.resize(header.size() - 2);
  header += "), }";
  constexpr std::size_t alignment = 64, before = magic.size() + 4;
  header.append(alignment - 1 - (before + header.size()) % alignment, ' ');
  if (before + header.size() + 1 < least_size) header.append(least_size - before - header.size() - 1, ' ');
  header.push_back('\n');
  std::string bytes(magic);
  bytes += {'\x01', '\x00', static_cast<char>(header.size() & 255), static_cast<char>(header.size() >> 8)};
  return bytes + header;
}

NpyHeader decode_npy_header(std::string_view who, std::string_view bytes) {
  if (!bytes.starts_with(magic) || bytes.size() < magic.size() + 4) raise<DataLossError>(who, "no .npy file");
  auto byte = [&](std::size_t k) { return static_cast<std::size_t>(static_cast<unsigned char>(bytes[k])); };
  const std::size_t version = byte(magic.size()), width = version == 1 ? 2 : 4;
  if (version < 1 || version > 3) raise<DataLossError>(who, "version ", version, " of .npy, expected 1, 2 or 3");
  std::size_t start = magic.size() + 2 + width, length = 0;
  if (bytes.size() < start) raise<DataLossError>(who, "the file ends within its header");
  for (std::size_t k = width; k-- > 0;) length = length << 8 | byte(magic.size() + 2 + k);
  if (length > longest_npy_header - start)
    raise<DataLossError>(who, "a header of ", start + length, " bytes, expected at most ", longest_npy_header);
  if (bytes.size() - start < length) raise<DataLossError>(who, "the file ends within its header");
  const Dict dict = DictReader(who, bytes.substr(start, length)).read();
  if (dict.shape.size() > static_cast<std::size_t>(Shape::max_rank))
    raise<DataLossError>(who, dict.shape.size(), " axes, expected at most ", Shape::max_rank);
  for (Index dim : dict.shape)
    if (dim < 0) raise<DataLossError>(who, "a dimension is ", dim);
  return {.type = type_of(who, dict.descr),
          .swapped = dict.descr[0] == '>',
          .fortran_order = dict.fortran_order,
          .dims = dict.shape,
          .size = start + length};
}

std::size_t npy_file_size(std::string_view who, const NpyHeader& header) {
  if (std::find(header.dims.begin(), header.dims.end(), 0) != header.dims.end()) return header.size;
  std::size_t size = bytes_per_element(header.type);
  for (Index dim : header.dims)
    if (__builtin_mul_overflow(size, static_cast<std::size_t>(dim), &size))
      raise<DataLossError>(who, "the header's shape has more elements than can be counted");
  if (__builtin_add_overflow(size, header.size, &size))
    raise<DataLossError>(who, "the header's shape has more elements than can be counted");
  return size;
}

}  // namespace unroll
