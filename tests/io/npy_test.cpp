#include "unroll/io/npy.hpp"

#include <doctest/doctest.h>

#include "files.hpp"
#include "support/numbers.hpp"
#include "unroll/core/creation.hpp"

using namespace unroll;
using testing::read_file;
using testing::TemporaryFolder;
using testing::write_file;

namespace {

// As numpy.save pads it.
std::string npy(std::string header, const std::string& data) {
  header.append(117 - header.size(), ' ').push_back('\n');
  return std::string("\x93NUMPY\x01\x00\x76\x00", 10) + header + data;
}

Tensor load(const std::string& bytes) { return detail::decode_npy("test", bytes); }

}  // namespace

TEST_CASE("a .npy file has the bytes that numpy.save gives") {
  const Tensor values{{1.5f, -2.f}, {0.25f, 8.f}, {3.f, -1.f}};
  const std::string data("\0\0\xc0\x3f\0\0\0\xc0\0\0\x80\x3e\0\0\0\x41\0\0\x40\x40\0\0\x80\xbf", 24);
  CHECK(detail::encode_npy(values) == npy("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }", data));
  CHECK(detail::encode_npy(Tensor{true, false}) ==
        npy("{'descr': '|b1', 'fortran_order': False, 'shape': (2,), }", std::string("\1\0", 2)));
  CHECK(detail::encode_npy(Tensor(1)).substr(10, 60) == "{'descr': '<i4', 'fortran_order': False, 'shape': (), }     ");
}

TEST_CASE("tensors of every dtype come back as they were") {
  TemporaryFolder folder;
  for (const Shape& shape : {Shape(), Shape{3}, Shape{2, 3, 4}, Shape{2, 0, 3}})
    for (DType dtype : {bool_, int32, int64, float32, float64}) {
      Tensor values = numbers(shape, 1, dtype);
      write_npy(folder / "x.npy", values);
      CHECK(bit_equal(read_npy(folder / "x.npy"), values));
    }
  CHECK(folder.files() == 1);
}

TEST_CASE("NumPy's other layouts are read: order of axes and bytes, half precision, small integers, later versions") {
  const std::string six("\0\1\0\4\0\2\0\5\0\3\0\6", 12);
  CHECK(array_equal(load(npy("{'descr': '>i2', 'fortran_order': True, 'shape': (2, 3), }", six)),
                    Tensor{{1, 2, 3}, {4, 5, 6}}));
  const std::string halves("\x00\x3c\x00\xc0\x01\x00\x00\x7c\x55\x35", 10);
  CHECK(array_equal(load(npy("{'descr': '<f2', 'fortran_order': False, 'shape': (5,), }", halves)),
                    Tensor{1.f, -2.f, 5.9604645e-8f, INFINITY, 0.33325195f}));
  CHECK(array_equal(load(npy("{'shape': (2,), 'descr': '|u1', 'fortran_order': False}", "\xff\x01")), Tensor{255, 1}));
  CHECK(load(npy("{'descr': '<u4', 'fortran_order': False, 'shape': (1L,), }", "\xff\xff\xff\xff"))
            .item<std::int64_t>() == 4294967295);
  std::string second = npy("{'descr': '|i1', 'fortran_order': False, 'shape': (1,), }", "\xfe");
  second.replace(6, 4, std::string("\2\0\x76\0\0\0", 6));
  CHECK(array_equal(load(second), Tensor{-2}));
}

TEST_CASE("what is no .npy file is an error that says why") {
  auto message = [](const std::string& bytes) -> std::string {
    try {
      load(bytes);
    } catch (const DataLossError& error) {
      return error.what();
    }
    return "";
  };
  CHECK(message("") == "test: no .npy file");
  CHECK(message(npy("{'descr': '<c8', 'fortran_order': False, 'shape': (), }", "12345678")) ==
        "test: the elements are \"<c8\", expected numbers or bools");
  CHECK(message(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", "1234")) ==
        "test: 4 bytes for the shape (2,) of elements of 4 bytes");
  CHECK(message(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", "12345")).find("5 bytes for") !=
        std::string::npos);
  CHECK(message(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }", "")) == "test: a dimension is -1");
  CHECK(message(npy("{'descr': '<f4', 'fortran_order': 1, 'shape': (), }", "1234")).find("expected True or False") !=
        std::string::npos);
  CHECK(message(npy("{'descr': '<f4', 'shape': (), }", "1234")).find("a key that is missing") != std::string::npos);
  CHECK(message(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,1), }", "1234")) ==
        "test: 9 axes, expected at most 8");
  CHECK(message(npy("{'descr': '<u8', 'fortran_order': False, 'shape': (1,), }", "\xff\xff\xff\xff\xff\xff\xff\xff"))
            .find("which int64 does not hold") != std::string::npos);
  CHECK_THROWS_AS(load(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296), }", "")),
                  Error);
  CHECK_THROWS_WITH_AS(read_npy("/none.npy"), doctest::Contains("read_npy: /none.npy: cannot open"), IOError);
  CHECK_THROWS_WITH_AS(read_npy("/"), doctest::Contains("it is a folder"), IOError);
}

TEST_CASE("a .npy file that is cut anywhere, or has a bit turned in its header, is refused or read, never worse") {
  const std::string bytes = detail::encode_npy(numbers({2, 3}, 1, float32));
  for (std::size_t length = 0; length < bytes.size(); ++length)
    CHECK_THROWS_AS(load(bytes.substr(0, length)), DataLossError);
  int refused = 0;
  for (std::size_t bit = 0; bit < 8 * 80; ++bit) {
    std::string turned = bytes;
    turned[bit / 8] = static_cast<char>(turned[bit / 8] ^ 1 << bit % 8);
    try {
      load(turned);
    } catch (const Error&) {
      ++refused;
    }
  }
  CHECK(refused > 400);
}
