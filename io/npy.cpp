#include "unroll/io/npy.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "unroll/autograd/ops/transpose.hpp"
#include "unroll/io/atomic_file.hpp"
#include "unroll/io/elements.hpp"
#include "unroll/io/file_bytes.hpp"

namespace unroll {
namespace {

constexpr std::string_view magic = "\x93NUMPY";

struct Header {
  std::string descr;
  bool fortran_order = false;
  std::vector<Index> shape;
};

// The header is a dict of Python with three known keys.
class HeaderReader {
 public:
  HeaderReader(std::string_view who, std::string_view text) : who_(who), text_(text) {}

  Header read() {
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

std::string detail::encode_npy(const Tensor& tensor) {
  const ElementType type = element_type(tensor.dtype());
  std::string header = "{'descr': '";
  header.append(bytes_per_element(type) == 1 ? "|" : "<").append(code_of(type));
  header += "', 'fortran_order': False, 'shape': (";
  for (Index dim : tensor.shape()) header.append(std::to_string(dim)).append(", ");
  if (tensor.rank() == 1) header.pop_back();
  if (tensor.rank() > 1) header.resize(header.size() - 2);
  header += "), }";
  constexpr std::size_t alignment = 64, before = magic.size() + 4;
  header.append(alignment - 1 - (before + header.size()) % alignment, ' ').push_back('\n');
  std::string bytes(magic);
  bytes += {'\x01', '\x00', static_cast<char>(header.size() & 255), static_cast<char>(header.size() >> 8)};
  return bytes.append(header).append(encode_elements(tensor));
}

Tensor detail::decode_npy(std::string_view who, std::string_view bytes) {
  if (!bytes.starts_with(magic) || bytes.size() < magic.size() + 4) raise<DataLossError>(who, "no .npy file");
  auto byte = [&](std::size_t k) { return static_cast<std::size_t>(static_cast<unsigned char>(bytes[k])); };
  const std::size_t version = byte(magic.size()), width = version == 1 ? 2 : 4;
  if (version < 1 || version > 3) raise<DataLossError>(who, "version ", version, " of .npy, expected 1, 2 or 3");
  std::size_t start = magic.size() + 2 + width, length = 0;
  if (bytes.size() < start) raise<DataLossError>(who, "the file ends within its header");
  for (std::size_t k = width; k-- > 0;) length = length << 8 | byte(magic.size() + 2 + k);
  if (bytes.size() - start < length) raise<DataLossError>(who, "the file ends within its header");
  Header header = HeaderReader(who, bytes.substr(start, length)).read();
  if (header.shape.size() > static_cast<std::size_t>(Shape::max_rank))
    raise<DataLossError>(who, header.shape.size(), " axes, expected at most ", Shape::max_rank);
  for (Index dim : header.shape)
    if (dim < 0) raise<DataLossError>(who, "a dimension is ", dim);
  const ElementType type = type_of(who, header.descr);
  std::vector<Index> dims = header.shape;
  if (header.fortran_order) std::reverse(dims.begin(), dims.end());
  Tensor tensor = decode_elements(who, type, Shape(std::span<const Index>(dims)), bytes.substr(start + length),
                                  header.descr[0] == '>');
  return header.fortran_order ? transpose(tensor) : tensor;
}

void write_npy(const std::filesystem::path& path, const Tensor& tensor) {
  AtomicFile file("write_npy", path);
  file.write(detail::encode_npy(tensor));
  file.commit();
}

Tensor read_npy(const std::filesystem::path& path) {
  const std::string who = "read_npy: " + path.string();
  return detail::decode_npy(who, read_file_bytes(who, path));
}

}  // namespace unroll
