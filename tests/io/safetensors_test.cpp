#include "unroll/io/safetensors.hpp"

#include <doctest/doctest.h>

#include "files.hpp"
#include "modules.hpp"
#include "support/numbers.hpp"
#include "unroll/core/creation.hpp"

using namespace unroll;
using testing::Affine;
using testing::four_inputs;
using testing::read_file;
using testing::TemporaryFolder;
using testing::write_file;

namespace {

std::string file(const std::string& header, const std::string& data) {
  std::string length(8, '\0');
  length[0] = static_cast<char>(header.size() & 255);
  length[1] = static_cast<char>(header.size() >> 8);
  return length + header + data;
}

std::string message(const std::string& bytes) {
  TemporaryFolder folder;
  write_file(folder / "x", bytes);
  const std::string who = "read_safetensors: " + (folder / "x").string() + ": ";
  try {
    read_safetensors(folder / "x");
  } catch (const DataLossError& error) {
    const std::string text = error.what();
    CHECK(text.starts_with(who));
    return text.substr(who.size());
  }
  return "";
}

}  // namespace

TEST_CASE("a safetensors file has a length, a header of JSON, and the elements, larger ones first") {
  TemporaryFolder folder;
  write_safetensors(folder / "x", {{"a", Tensor{1.f}}, {"b", Tensor{{2.0}}}}, {{"format", "pt"}});
  const std::string header =
      R"({"__metadata__":{"format":"pt"},"b":{"dtype":"F64","shape":[1,1],"data_offsets":[0,8]},)"
      R"("a":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}})";
  CHECK(read_file(folder / "x") == file(header + std::string((8 - header.size() % 8) % 8, ' '),
                                        std::string("\0\0\0\0\0\0\0\x40\0\0\x80\x3f", 12)));
}

TEST_CASE("tensors of every dtype and the metadata come back as they were") {
  TemporaryFolder folder;
  for (const Shape& shape : {Shape(), Shape{3}, Shape{2, 3, 4}, Shape{2, 0, 3}})
    for (DType dtype : {bool_, int32, int64, float32, float64}) {
      Tensor values = numbers(shape, 1, dtype);
      write_safetensors(folder / "x", {{"x", values}}, {{"k", "v"}});
      Safetensors read = read_safetensors(folder / "x");
      REQUIRE(read.tensors.size() == 1);
      CHECK(bit_equal(read.tensors[0].second, values));
      CHECK(read.metadata == SafetensorsMetadata{{"k", "v"}});
    }
  write_safetensors(folder / "x", {});
  CHECK(read_safetensors(folder / "x").tensors.empty());
  CHECK(folder.files() == 1);
}

TEST_CASE("types that Tensor does not have are read as ones that hold their values") {
  TemporaryFolder folder;
  write_file(folder / "x", file(R"({"h":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]},)"
                                R"("f":{"dtype":"F16","shape":[1],"data_offsets":[4,6]},)"
                                R"("u":{"dtype":"U8","shape":[2],"data_offsets":[6,8]}})",
                                std::string("\x80\x3f\x00\xc0\x00\x3c\xff\x02", 8)));
  NamedTensors tensors = read_safetensors(folder / "x").tensors;
  CHECK(array_equal(find_tensor(tensors, "h"), Tensor{1.f, -2.f}));
  CHECK(array_equal(find_tensor(tensors, "f"), Tensor{1.f}));
  CHECK(array_equal(find_tensor(tensors, "u"), Tensor{255, 2}));
  CHECK_FALSE(find_tensor(tensors, "none").defined());
}

TEST_CASE("modules are saved and loaded by the names of their variables") {
  TemporaryFolder folder;
  Affine saved(3), loaded(3), other(2);
  for (Affine* module : {&saved, &loaded, &other}) module->build(four_inputs);
  save_safetensors(folder / "m", saved);
  load_safetensors(folder / "m", loaded);
  testing::check_equal(saved, loaded);
  CHECK_THROWS_WITH_AS(load_safetensors(folder / "m", other), doctest::Contains("expected (4, 2)"), ValueError);
}

TEST_CASE("what is wrong with a safetensors file is said, with the tensor's name") {
  CHECK(message("1234567") == "the file ends within its first 8 bytes");
  CHECK(message(std::string("\xff\xff\xff\x7f\0\0\0\0{}", 10)) == "a header of 2147483647 bytes is claimed, 2 follow");
  CHECK(message(file("[]", "")) == "the header is no object");
  CHECK(message(file("{", "")).find("parse error") != std::string::npos);
  CHECK(message(file(R"({"x":1})", "")) == "\"x\": expected dtype, shape and data_offsets");
  CHECK(message(file(R"({"x":{"dtype":"F8","shape":[],"data_offsets":[0,1]}})", "1")) ==
        "\"x\": the type \"F8\" is not known");
  CHECK(message(file(R"({"x":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})", "1234")) == "\"x\": -1 is no size");
  CHECK(message(file(R"({"x":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})", "1234")) ==
        "\"x\": 4 bytes for the shape (2,) of elements of 4 bytes");
  CHECK(message(file(R"({"x":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,4]}})", "1234"))
            .find("\"x\": ") == 0);
  CHECK(message(file(R"({"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", "12345678")) ==
        "4 bytes follow the last tensor");
  CHECK(
      message(file(R"({"x":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})", "12345678")).find("expected from 0") !=
      std::string::npos);
  CHECK(message(file(R"({"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
                     R"("y":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}})",
                     "123456"))
            .find("\"y\": its data is at 2 .. 6, expected from 4") == 0);
  CHECK(message(file(R"({"x":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"x":1})", "")) ==
        "the key \"x\" occurs twice");
  CHECK(message(file(R"({"__metadata__":{"a":1}})", "")) == "__metadata__.a is no text");
  CHECK(message(file(std::string(300, '['), "")) == "nested deeper than 200 levels");
}

TEST_CASE("a safetensors file that is cut anywhere, or has a bit turned in its header, is refused or read") {
  TemporaryFolder folder;
  write_safetensors(folder / "x", {{"x", numbers({2}, 1)}, {"y", numbers({3}, 1, float32)}});
  const std::string bytes = read_file(folder / "x");
  for (std::size_t length = 0; length < bytes.size(); ++length) CHECK_FALSE(message(bytes.substr(0, length)).empty());
  int refused = 0;
  for (std::size_t bit = 0; bit < 8 * 100; ++bit) {
    std::string turned = bytes;
    turned[bit / 8] = static_cast<char>(turned[bit / 8] ^ 1 << bit % 8);
    refused += !message(turned).empty();
  }
  CHECK(refused > 400);
}

TEST_CASE("names that a safetensors file cannot hold are refused before anything is written") {
  TemporaryFolder folder;
  const Tensor x = zeros({1});
  CHECK_THROWS_AS(write_safetensors(folder / "x", {{"x", x}, {"x", x}}), ValueError);
  CHECK_THROWS_AS(write_safetensors(folder / "x", {{"__metadata__", x}}), ValueError);
  CHECK_THROWS_WITH_AS(write_safetensors(folder / "x", {{"\xff", x}}), doctest::Contains("not UTF-8"), ValueError);
  CHECK(folder.files() == 0);
}
