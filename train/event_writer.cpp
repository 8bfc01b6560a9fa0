#include "unroll/train/event_writer.hpp"

#include <unistd.h>

#include <array>
#include <atomic>
#include <bit>
#include <chrono>
#include <cmath>
#include <limits>
#include <map>

namespace unroll {
namespace {

constexpr std::string_view who = "EventWriter";

double wall_time() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

template <class T>
std::string fixed(T value) {
  const auto bytes = std::bit_cast<std::array<char, sizeof(T)>>(value);
  return {bytes.data(), bytes.size()};
}

// Protocol buffers: a number of the field and how it is written, then the value.
std::string varint(std::uint64_t value) {
  std::string bytes;
  for (; value >= 128; value >>= 7) bytes.push_back(static_cast<char>(value | 128));
  bytes.push_back(static_cast<char>(value));
  return bytes;
}
enum Wire { as_varint = 0, as_64_bits = 1, as_length = 2, as_32_bits = 5 };
std::string key(int field, Wire wire) { return varint(static_cast<std::uint64_t>(field) << 3 | wire); }
std::string integer(int field, std::int64_t value) {
  return key(field, as_varint) + varint(static_cast<std::uint64_t>(value));
}
std::string real(int field, double value) { return key(field, as_64_bits) + fixed(value); }
std::string single(int field, float value) { return key(field, as_32_bits) + fixed(value); }
std::string bytes(int field, std::string_view value) {
  return key(field, as_length) + varint(value.size()) + std::string(value);
}

// The upper limit of the bucket that a value is in: powers of 1.1, mirrored.
double bucket_limit(double value) {
  constexpr double growth = 1.1, least = 1e-12;
  if (value == 0 || std::abs(value) < least) return value < 0 ? 0 : least;
  const double exponent = std::log(std::abs(value)) / std::log(growth);
  return value > 0 ? std::pow(growth, std::floor(exponent) + 1) : -std::pow(growth, std::ceil(exponent) - 1);
}

std::string histogram_message(const std::vector<double>& values) {
  double least = std::numeric_limits<double>::max(), most = -least, sum = 0, squares = 0;
  std::map<double, double> buckets;
  for (double value : values) {
    least = std::min(least, value);
    most = std::max(most, value);
    sum += value;
    squares += value * value;
    ++buckets[bucket_limit(value)];
  }
  std::string limits, counts;
  for (const auto& [limit, count] : buckets) limits += fixed(limit), counts += fixed(count);
  return real(1, least) + real(2, most) + real(3, static_cast<double>(values.size())) + real(4, sum) +
         real(5, squares) + bytes(6, limits) + bytes(7, counts);
}

}  // namespace

std::uint32_t detail::crc32c(std::string_view data) {
  static const auto table = [] {
    std::array<std::uint32_t, 256> entries{};
    for (std::uint32_t k = 0; k < entries.size(); ++k) {
      std::uint32_t value = k;
      for (int bit = 0; bit < 8; ++bit) value = value >> 1 ^ (value & 1 ? 0x82f63b78u : 0u);
      entries[k] = value;
    }
    return entries;
  }();
  std::uint32_t crc = ~0u;
  for (char c : data) crc = table[(crc ^ static_cast<unsigned char>(c)) & 255] ^ crc >> 8;
  return ~crc;
}

std::uint32_t detail::masked_crc32c(std::string_view data) { return std::rotr(crc32c(data), 15) + 0xa282ead8u; }

EventWriter::EventWriter(const std::filesystem::path& folder) {
  static std::atomic<int> count = 0;
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) raise<IOError>(who, "cannot make the folder ", folder.string(), ": ", error.message());
  path_ = folder / ("events.out.tfevents." + std::to_string(static_cast<std::int64_t>(wall_time())) + ".unroll." +
                    std::to_string(::getpid()) + "." + std::to_string(count++));
  file_.open(path_, std::ios::binary);
  write(real(1, wall_time()) + bytes(3, "brain.Event:2"));
}

void EventWriter::write(const std::string& event) {
  const std::string length = fixed(static_cast<std::uint64_t>(event.size()));
  file_ << length << fixed(detail::masked_crc32c(length)) << event << fixed(detail::masked_crc32c(event)) << std::flush;
  if (!file_) raise<IOError>(who, "cannot write ", path_.string());
}

void EventWriter::write_summary(std::int64_t step, const std::string& value) {
  write(real(1, wall_time()) + integer(2, step) + bytes(5, bytes(1, value)));
}

void EventWriter::scalar(const std::string& tag, double value, std::int64_t step) {
  write_summary(step, bytes(1, tag) + single(2, static_cast<float>(value)));
}

void EventWriter::histogram(const std::string& tag, const Tensor& values, std::int64_t step) {
  std::vector<double> finite;
  dispatch_floating(who, values.dtype(), [&](auto zero) {
    for (auto value : values.values<decltype(zero)>())
      if (std::isfinite(value)) finite.push_back(value);
  });
  if (finite.empty()) return;
  write_summary(step, bytes(1, tag) + bytes(5, histogram_message(finite)));
}

void EventWriter::text(const std::string& tag, const std::string& text, std::int64_t step) {
  constexpr int dt_string = 7;
  const std::string tensor = integer(1, dt_string) + bytes(2, bytes(2, integer(1, 1))) + bytes(8, text);
  const std::string metadata = bytes(1, bytes(1, "text"));
  write_summary(step, bytes(1, tag) + bytes(8, tensor) + bytes(9, metadata));
}

}  // namespace unroll
