#include <doctest/doctest.h>

#include <cmath>
#include <cstring>

#include "io/files.hpp"
#include "unroll/train/csv_writer.hpp"
#include "unroll/train/event_reader.hpp"
#include "unroll/train/event_writer.hpp"

using namespace unroll;
using namespace testing;

namespace {

template <class T>
T take(std::string& bytes) {
  T value;
  REQUIRE(bytes.size() >= sizeof value);
  std::memcpy(&value, bytes.data(), sizeof value);
  bytes.erase(0, sizeof value);
  return value;
}

// The events of a file, whose checksums have to be right.
std::vector<std::string> events(const std::filesystem::path& path) {
  std::string bytes = read_file(path);
  std::vector<std::string> result;
  auto masked = [](const std::string& data) {
    const std::uint32_t crc = detail::crc32c(data);
    return ((crc >> 15) | (crc << 17)) + 0xa282ead8u;
  };
  while (!bytes.empty()) {
    const std::string length = bytes.substr(0, 8);
    const auto size = take<std::uint64_t>(bytes);
    CHECK(take<std::uint32_t>(bytes) == masked(length));
    REQUIRE(bytes.size() >= size);
    result.push_back(bytes.substr(0, size));
    bytes.erase(0, size);
    CHECK(take<std::uint32_t>(bytes) == masked(result.back()));
  }
  return result;
}

}  // namespace

TEST_CASE("the checksum of event files is CRC-32C") {
  CHECK(detail::crc32c("123456789") == 0xe3069283u);
  CHECK(detail::crc32c(std::string(32, '\0')) == 0x8a9136aau);  // of RFC 3720
}

TEST_CASE("scalars, histograms and texts are events with their steps") {
  TemporaryFolder folder;
  EventWriter writer(folder / "run");
  writer.scalar("loss", 0.5, 300);
  writer.histogram("kernel", Tensor{1.0, -2.0, std::nan("")}, 7);
  writer.histogram("nothing", Tensor{std::nan("")}, 7);
  writer.text("note", "hello", 8);
  std::vector<std::string> all = events(writer.path());
  REQUIRE(all.size() == 4);
  CHECK(all[0].substr(9) ==
        "\x1a\x0d"
        "brain.Event:2");
  // Step 300, a summary of 13 bytes with a value of 11: tag "loss", simple_value 0.5.
  CHECK(all[1].substr(9) == std::string("\x10\xac\x02\x2a\x0d\x0a\x0b\x0a\x04loss\x15\0\0\0\x3f", 18));
  CHECK(all[2].find("kernel") != std::string::npos);
  CHECK(all[3].find("\x01\x42\x05hello\x4a\x08\x0a\x06\x0a\x04text") != std::string::npos);
}

TEST_CASE("records that cannot be written are an error") {
  CHECK_THROWS_AS(EventWriter("/proc/none"), IOError);
  CHECK_THROWS_AS(CsvWriter("/proc/none/x.csv", {"a"}), IOError);
}

TEST_CASE("a table has a line of names and goes on where it was") {
  TemporaryFolder folder;
  CsvWriter(folder / "x.csv", {"step", "loss"}).write({1, 0.1});
  CsvWriter(folder / "x.csv", {"step", "loss"}).write({2, -1e-300});
  CHECK(read_file(folder / "x.csv") == "step,loss\n1,0.1\n2,-1e-300\n");
  CHECK_THROWS_WITH_AS(CsvWriter(folder / "x.csv", {"step"}), doctest::Contains("has the names \"step,loss\""),
                       ValueError);
  CHECK_THROWS_AS(CsvWriter(folder / "y.csv", {"a,b"}), ValueError);
  CHECK_THROWS_AS(CsvWriter(folder / "y.csv", {"a"}).write({1, 2}), ValueError);
}

TEST_CASE("scalars are read back with their steps; what is being written is left out") {
  TemporaryFolder folder;
  EventWriter writer(folder / "run");
  writer.scalar("loss", 0.5, 1);
  writer.text("note", "hello", 1);
  writer.scalar("rate", -3, 1);
  writer.scalar("loss", 0.25, 20000);
  const Scalars expected{{"loss", {{1, 0.5}, {20000, 0.25}}}, {"rate", {{1, -3}}}};
  CHECK(read_scalars(writer.path()) == expected);
  const std::string bytes = read_file(writer.path());
  for (std::size_t cut = 1; cut < 20; ++cut) {
    write_file(folder / "cut", bytes.substr(0, bytes.size() - cut));
    CHECK(read_scalars(folder / "cut").at("loss").size() == 1);
  }
  std::string damaged = bytes;
  damaged[60] = static_cast<char>(damaged[60] ^ 4);
  write_file(folder / "damaged", damaged);
  CHECK_THROWS_WITH_AS(read_scalars(folder / "damaged"), doctest::Contains("a checksum is wrong at byte "),
                       DataLossError);
  CHECK_THROWS_AS(read_scalars(folder / "none"), IOError);
}
