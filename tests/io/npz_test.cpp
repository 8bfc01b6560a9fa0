#include "unroll/io/npz.hpp"

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

TEST_CASE("tensors come back from an .npz by name and order, stored or compressed") {
  TemporaryFolder folder;
  const NamedTensors tensors{{"rnn/lstm_cell/kernel", numbers({3, 4}, 1, float32)},
                             {"step", Tensor(std::int64_t{5})},
                             {"empty", zeros({0, 2})},
                             {"\xc3\xa4", Tensor{true}}};
  for (bool compressed : {false, true}) {
    write_npz(folder / "x.npz", tensors, {.compressed = compressed});
    NamedTensors read = read_npz(folder / "x.npz");
    REQUIRE(read.size() == tensors.size());
    for (std::size_t k = 0; k < tensors.size(); ++k) {
      CHECK(read[k].first == tensors[k].first);
      CHECK(bit_equal(read[k].second, tensors[k].second));
    }
  }
  CHECK(folder.files() == 1);
}

TEST_CASE("the same tensors give the same bytes; compressed ones fewer") {
  TemporaryFolder folder;
  const NamedTensors tensors{{"x", zeros({100, 10})}};
  write_npz(folder / "a.npz", tensors);
  write_npz(folder / "b.npz", tensors);
  write_npz(folder / "c.npz", tensors, {.compressed = true});
  CHECK(read_file(folder / "a.npz") == read_file(folder / "b.npz"));
  CHECK(read_file(folder / "c.npz").size() < read_file(folder / "a.npz").size() / 4);
}

TEST_CASE("modules are saved to an .npz and loaded by the names of their variables") {
  TemporaryFolder folder;
  Affine saved(3), loaded(3), other(2), unbuilt(3), more(3, "more");
  for (Affine* module : {&saved, &loaded, &other, &more}) module->build(four_inputs);
  save_npz(folder / "m.npz", saved);
  load_npz(folder / "m.npz", loaded);
  testing::check_equal(saved, loaded);
  const Tensor before = other.variables()[0].value();
  CHECK_THROWS_WITH_AS(load_npz(folder / "m.npz", other),
                       doctest::Contains("\"affine/w\" has shape (4, 3), expected (4, 2)"), ValueError);
  CHECK(other.variables()[0].value().is_same(before));
  CHECK_THROWS_WITH_AS(load_npz(folder / "m.npz", more), doctest::Contains("there is no \"more/w\""), ValueError);
  save_npz(folder / "two.npz", saved, more);
  CHECK_THROWS_WITH_AS(load_npz(folder / "two.npz", loaded), doctest::Contains("\"more/w\" is no variable"),
                       ValueError);
  CHECK_THROWS_WITH_AS(save_npz(folder / "u.npz", unbuilt), doctest::Contains("has no variables yet"), ValueError);
  write_npz(folder / "t.npz", {{"affine/w", zeros({4, 3}, float64)}, {"affine/b", zeros({3})}});
  CHECK_THROWS_WITH_AS(load_npz(folder / "t.npz", loaded), doctest::Contains("\"affine/w\" is float64"), TypeError);
}

TEST_CASE("an .npz that is damaged anywhere is an error") {
  TemporaryFolder folder;
  write_npz(folder / "x.npz", {{"x", numbers({2, 3}, 1, float32)}, {"y", numbers({2}, 2)}});
  const std::string bytes = read_file(folder / "x.npz");
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    write_file(folder / "cut.npz", bytes.substr(0, length));
    CHECK_THROWS_AS(read_npz(folder / "cut.npz"), DataLossError);
  }
  const std::size_t data = bytes.find("NUMPY") + 130;
  std::string turned = bytes;
  turned[data] = static_cast<char>(turned[data] ^ 1);
  write_file(folder / "turned.npz", turned);
  CHECK_THROWS_WITH_AS(read_npz(folder / "turned.npz"), doctest::Contains("x.npy: CRC error"), DataLossError);
  write_file(folder / "text.npz", "no archive");
  CHECK_THROWS_WITH_AS(read_npz(folder / "text.npz"), doctest::Contains("no zip archive"), DataLossError);
}

TEST_CASE("an .npz cannot hold names twice, or none") {
  TemporaryFolder folder;
  const Tensor x = zeros({1});
  CHECK_THROWS_WITH_AS(write_npz(folder / "x.npz", {{"x", x}, {"x", x}}), doctest::Contains("\"x\" occurs twice"),
                       ValueError);
  CHECK_THROWS_AS(write_npz(folder / "x.npz", {{"", x}}), ValueError);
  CHECK_THROWS_AS(write_npz(folder / "x.npz", {}), ValueError);
  CHECK_THROWS_AS(write_npz(folder / "none" / "x.npz", {{"x", x}}), IOError);
  CHECK(folder.files() == 0);
}
