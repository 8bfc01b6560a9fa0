#include "unroll/train/event_reader.hpp"

#include <google/protobuf/io/coded_stream.h>

#include <bit>
#include <cstring>
#include <limits>
#include <optional>
#include <string_view>

#include "unroll/io/file_bytes.hpp"
#include "unroll/train/event_writer.hpp"

namespace unroll {
namespace {

using google::protobuf::io::CodedInputStream;

// Field numbers and how they are written, of tensorflow.Event, Summary and Summary.Value.
enum Wire : std::uint32_t { as_varint = 0, as_64_bits = 1, as_length = 2, as_32_bits = 5 };
constexpr std::uint32_t key(std::uint32_t field, Wire wire) { return field << 3 | wire; }

struct Scalar {
  std::string tag;
  std::optional<float> value;
};

// Calls `field` for each of a message's fields. False if the bytes are no message.
template <class F>
bool each_field(std::string_view bytes, F&& field) {
  if (bytes.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) return false;
  CodedInputStream in(reinterpret_cast<const std::uint8_t*>(bytes.data()), static_cast<int>(bytes.size()));
  while (const std::uint32_t tag = in.ReadTag()) {
    std::uint64_t number = 0;
    std::uint32_t length = 0;
    std::string text;
    bool whole = false;
    switch (tag & 7) {
      case as_varint:
        whole = in.ReadVarint64(&number);
        break;
      case as_64_bits:
        whole = in.ReadLittleEndian64(&number);
        break;
      case as_32_bits:
        whole = in.ReadLittleEndian32(&length);
        number = length;
        break;
      case as_length:
        whole = in.ReadVarint32(&length) && length <= bytes.size() && in.ReadString(&text, static_cast<int>(length));
        break;
      default:
        break;
    }
    if (!whole || !field(tag, number, text)) return false;
  }
  return in.ConsumedEntireMessage();
}

bool read_event(std::string_view bytes, Scalars& scalars) {
  std::int64_t step = 0;
  std::string summary;
  auto event_field = [&](std::uint32_t tag, std::uint64_t number, const std::string& text) {
    if (tag == key(2, as_varint)) step = static_cast<std::int64_t>(number);
    if (tag == key(5, as_length)) summary = text;
    return true;
  };
  auto summary_field = [&](std::uint32_t tag, std::uint64_t, const std::string& value) {
    if (tag != key(1, as_length)) return true;
    Scalar scalar;
    const bool good = each_field(value, [&](std::uint32_t inner, std::uint64_t bits, const std::string& text) {
      if (inner == key(1, as_length)) scalar.tag = text;
      if (inner == key(2, as_32_bits)) scalar.value = std::bit_cast<float>(static_cast<std::uint32_t>(bits));
      return true;
    });
    if (good && scalar.value) scalars[scalar.tag].emplace_back(step, static_cast<double>(*scalar.value));
    return good;
  };
  return each_field(bytes, event_field) && each_field(summary, summary_field);
}

template <class T>
T number_at(std::string_view bytes, std::size_t at) {
  T number;
  std::memcpy(&number, bytes.data() + at, sizeof number);
  return number;
}

}  // namespace

Scalars read_scalars(const std::filesystem::path& path) {
  const std::string who = "read_scalars: " + path.string(), file = read_file_bytes(who, path);
  constexpr std::size_t head = 12, crc = 4;
  Scalars scalars;
  std::size_t at = 0;
  while (file.size() - at >= head + crc) {
    const std::string_view rest = std::string_view(file).substr(at);
    auto fail = [&](const char* what) { raise<DataLossError>(who, what, " at byte ", at); };
    if (detail::masked_crc32c(rest.substr(0, 8)) != number_at<std::uint32_t>(rest, 8)) fail("a checksum is wrong");
    const auto length = number_at<std::uint64_t>(rest, 0);
    if (length > rest.size() - head - crc) break;
    const std::string_view event = rest.substr(head, static_cast<std::size_t>(length));
    if (detail::masked_crc32c(event) != number_at<std::uint32_t>(rest, head + event.size()))
      fail("a checksum is wrong");
    if (!read_event(event, scalars)) fail("no event");
    at += head + event.size() + crc;
  }
  return scalars;
}

}  // namespace unroll
