// Archives that no numpy.savez has written.
#include <doctest/doctest.h>
#include <sys/resource.h>

#include <cstdint>

#include "files.hpp"
#include "support/child.hpp"
#include "support/numbers.hpp"
#include "unroll/core/creation.hpp"
#include "unroll/io/npy.hpp"
#include "unroll/io/npz.hpp"

using namespace unroll;
using testing::in_child;
using testing::TemporaryFolder;
using testing::write_file;

namespace {

std::string little_endian(std::uint64_t value, int bytes) {
  std::string result;
  for (; bytes > 0; --bytes, value >>= 8) result.push_back(static_cast<char>(value));
  return result;
}

std::uint32_t crc_of(const std::string& bytes) {
  std::uint32_t crc = ~0u;
  for (unsigned char byte : bytes) {
    crc ^= byte;
    for (int k = 0; k < 8; ++k) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc;
}

// `plain`, as it is, and after it `zeros` zeros, in deflate's matches of 258 bytes: 13 bits each.
std::string deflated(const std::string& plain, std::size_t zeros) {
  std::string result = little_endian(0, 1) + little_endian(plain.size(), 2) + little_endian(~plain.size(), 2) + plain;
  unsigned waiting = 0;
  int bits = 0;
  auto put = [&](unsigned value, int count) {
    waiting |= value << bits;
    for (bits += count; bits >= 8; bits -= 8, waiting >>= 8) result.push_back(static_cast<char>(waiting));
  };
  auto code = [&](unsigned value, int count) {  // Huffman's codes begin with their highest bit
    while (count-- > 0) put(value >> count & 1, 1);
  };
  put(1, 1), put(1, 2);
  for (std::size_t single = zeros % 258; single > 0; --single) code(0x30, 8);
  for (std::size_t match = zeros / 258; match > 0; --match) code(0xc5, 8), code(0, 5);
  code(0, 7);
  put(0, 7);
  return result;
}

struct Entry {
  std::string name, content;  // as it stands in the archive
  std::uint64_t size;         // that the archive tells of
  std::uint32_t crc = 0;
  bool deflated = true;
};

std::string zip(const std::vector<Entry>& entries) {
  std::string result, directory;
  for (const auto& [name, content, size, crc, deflated] : entries) {
    const std::string fields = little_endian(20, 2) + little_endian(0, 2) + little_endian(deflated ? 8 : 0, 2) +
                               little_endian(0, 2) + little_endian(33, 2) + little_endian(crc, 4) +
                               little_endian(content.size(), 4) + little_endian(size, 4) +
                               little_endian(name.size(), 2) + little_endian(0, 2);
    directory +=
        "PK\1\2" + little_endian(20, 2) + fields + little_endian(0, 10) + little_endian(result.size(), 4) + name;
    result += "PK\3\4" + fields + name + content;
  }
  const std::string counts = little_endian(entries.size(), 2) + little_endian(entries.size(), 2);
  return result + directory + "PK\5\6" + little_endian(0, 4) + counts + little_endian(directory.size(), 4) +
         little_endian(result.size(), 4) + little_endian(0, 2);
}

Entry stored(const std::string& name, const Tensor& tensor) {
  const std::string content = detail::encode_npy(tensor);
  return {name, content, content.size(), crc_of(content), false};
}

std::string header_of(const std::string& shape) {
  std::string header("\x93NUMPY\x01\x00\x76\x00", 10);
  header += "{'descr': '<f4', 'fortran_order': False, 'shape': (" + shape + ",), }";
  header.append(127 - header.size(), ' ').push_back('\n');
  return header;
}

long most_kilobytes() {
  rusage usage;
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

std::string message_of_reading(const std::filesystem::path& path) {
  try {
    read_npz(path);
  } catch (const DataLossError& error) {
    return error.what();
  }
  return "";
}

// In a process of its own; the message and whether it took less than 16 MB.
void check_refused(const std::filesystem::path& path, const std::string& message) {
  CHECK(message_of_reading(path) == "read_npz: " + path.string() + ": " + message);
  CHECK(in_child([&] {
          const long before = most_kilobytes();
          if (message_of_reading(path).empty()) return 2;
          return most_kilobytes() - before < (16 << 10) ? 0 : 1;
        }) == 0);
}

constexpr std::size_t large = std::size_t{96} << 20;

}  // namespace

TEST_CASE("an archive made by hand is read: these tests test what they say") {
  TemporaryFolder folder;
  const std::string header = header_of("25000"), plain = header + std::string(100000, '\0');
  write_file(folder / "x.npz", zip({{"x.npy", deflated(header, 100000), plain.size(), crc_of(plain)},
                                    stored("y.npy", numbers({2, 3}, 1))}));
  const NamedTensors read = read_npz(folder / "x.npz");
  REQUIRE(read.size() == 2);
  CHECK(bit_equal(read[0].second, zeros({25000})));
  CHECK(bit_equal(read[1].second, numbers({2, 3}, 1)));
}

TEST_CASE("an entry that is larger than its array is refused before it is inflated") {
  TemporaryFolder folder;
  const std::string header = header_of("1");
  write_file(folder / "x.npz",
             zip({stored("a.npy", zeros({3})), {"b.npy", deflated(header, large), header.size() + large}}));
  check_refused(folder / "x.npz", "b.npy: the archive tells of 100663424 bytes, the array's header of 132");
}

TEST_CASE("an entry that is smaller than its array is refused before memory is taken") {
  TemporaryFolder folder;
  const std::string header = header_of(std::to_string(large));
  write_file(folder / "x.npz", zip({{"x.npy", deflated(header, 1000), header.size() + 1000}}));
  check_refused(folder / "x.npz", "x.npy: the archive tells of 1128 bytes, the array's header of 402653312");
  const std::string endless = header_of("4294967296, 4294967296, 4");
  write_file(folder / "y.npz", zip({{"x.npy", endless, endless.size(), crc_of(endless), false}}));
  check_refused(folder / "y.npz", "x.npy: the header's shape has more elements than can be counted");
}

TEST_CASE("a size that the compressed bytes cannot hold is refused, also where the array's header agrees") {
  TemporaryFolder folder;
  const std::string header = header_of(std::to_string(large / 4));
  const std::uint64_t size = header.size() + large;
  const std::string content = deflated(header, 1000);
  write_file(folder / "x.npz", zip({{"x.npy", content, size}}));
  check_refused(folder / "x.npz", "x.npy: the archive tells of 100663424 bytes, which " +
                                      std::to_string(content.size()) + " compressed ones cannot hold");
  write_file(folder / "y.npz", zip({{"x.npy", header, size, 0, false}}));
  check_refused(folder / "y.npz", "x.npy: the archive tells of 100663424 bytes, which 128 compressed ones cannot hold");
}

TEST_CASE("an entry that inflates to more or less than archive and header agree on is refused") {
  TemporaryFolder folder;
  const std::string header = header_of("250");
  for (std::size_t zeros : {std::size_t{400}, std::size_t{5000}, large}) {
    CAPTURE(zeros);
    write_file(folder / "x.npz", zip({{"x.npy", deflated(header, zeros), header.size() + 1000}}));
    const std::string message = message_of_reading(folder / "x.npz");
    CAPTURE(message);
    CHECK(message.find("x.npz: x.npy: ") != std::string::npos);
    check_refused(folder / "x.npz", message.substr(message.find("x.npy: ")));
  }
}

TEST_CASE("a .npy header of more than 64 KB is refused before it is inflated") {
  TemporaryFolder folder;
  const std::string start = "\x93NUMPY\x02" + std::string(1, '\0') + little_endian(large, 4);
  write_file(folder / "x.npz", zip({{"x.npy", deflated(start, large), start.size() + large}}));
  check_refused(folder / "x.npz", "x.npy: a header of 100663308 bytes, expected at most 65536");
}

TEST_CASE("entries that share their compressed bytes are refused") {
  TemporaryFolder folder;
  const std::string inner = zip({stored("b.npy", zeros({1000}))});
  const std::size_t directory = inner.find("PK\1\2");
  const std::string shared = inner.substr(0, directory);
  std::string record = inner.substr(directory, inner.rfind("PK\5\6") - directory);
  std::string bytes = zip({{"a.npy", shared, shared.size(), crc_of(shared), false}});
  record.replace(42, 4, little_endian(bytes.find(shared), 4));
  const std::size_t end = bytes.rfind("PK\5\6");
  bytes.replace(end + 8, 8, little_endian(2, 2) + little_endian(2, 2) + little_endian(2 * record.size(), 4));
  bytes.insert(end, record);
  write_file(folder / "x.npz", bytes);
  check_refused(folder / "x.npz", "the entries are larger than the archive");
}

TEST_CASE("a name that an archive holds twice is named, with and without .npy") {
  TemporaryFolder folder;
  const Tensor x = zeros({2});
  write_file(folder / "x.npz", zip({stored("a.npy", x), stored("rnn/b.npy", x), stored("rnn/b.npy", x)}));
  check_refused(folder / "x.npz", "the name \"rnn/b.npy\" occurs twice");
  write_file(folder / "y.npz", zip({stored("a.npy", x), stored("b.npy", x), stored("b", x)}));
  check_refused(folder / "y.npz", "the name \"b\" occurs twice");
}

TEST_CASE("a name that is a path out of the folder is a name, and no file is written") {
  TemporaryFolder folder;
  std::filesystem::create_directory(folder / "inner");
  const Tensor x = numbers({2}, 1);
  write_file(folder / "inner" / "x.npz", zip({stored("../x.npy", x), stored("/unroll-absolute.npy", x)}));
  const NamedTensors read = read_npz(folder / "inner" / "x.npz");
  REQUIRE(read.size() == 2);
  CHECK(read[0].first == "../x");
  CHECK(read[1].first == "/unroll-absolute");
  for (const auto& [name, tensor] : read) CHECK(bit_equal(tensor, x));
  CHECK(folder.files() == 1);
  CHECK(std::distance(std::filesystem::directory_iterator(folder / "inner"), {}) == 1);
  CHECK_FALSE(std::filesystem::exists("../x.npy"));
  CHECK_FALSE(std::filesystem::exists("/unroll-absolute.npy"));
  write_npz(folder / "y.npz", read);
  CHECK(read_npz(folder / "y.npz")[0].first == "../x");
  CHECK(folder.files() == 2);
}
