#include "unroll/train/batches.hpp"

#include <doctest/doctest.h>

#include <set>

#include "io/files.hpp"
#include "support/numbers.hpp"
#include "unroll/core/creation.hpp"
#include "unroll/io/npz.hpp"

using namespace unroll;

namespace {

std::vector<Example> examples(Index count) {
  std::vector<Example> result;
  for (Index k = 0; k < count; ++k)
    result.push_back(
        {full({1 + k % 5, 2}, static_cast<double>(k + 1)), full({1 + k % 5}, static_cast<double>(k), int32)});
  return result;
}

}  // namespace

TEST_CASE("an epoch has every example once, padded with zeros behind its length") {
  for (bool by_length : {false, true})
    for (bool shuffle : {false, true}) {
      Batches batches(examples(10), {.batch_size = 4, .by_length = by_length, .shuffle = shuffle});
      CHECK(batches.size() == 3);
      std::set<int> seen;
      for (Index b = 0; b < 3; ++b) {
        Batch batch = batches.get(2, b);
        Index time = batch.inputs.shape(1);
        CHECK(batch.targets.shape() == batch.inputs.shape().slice(0, 2));
        for (Index row = 0; row < batch.inputs.shape(0); ++row) {
          const Index length = batch.lengths.at<std::int32_t>({row});
          const int value = static_cast<int>(batch.inputs.at<float>({row, 0, 1}));
          CHECK(length == 1 + (value - 1) % 5);
          CHECK(seen.insert(value).second);
          for (Index t = 0; t < time; ++t) {
            CHECK(batch.inputs.at<float>({row, t, 0}) == (t < length ? static_cast<float>(value) : 0.f));
            CHECK(batch.targets.at<std::int32_t>({row, t}) == (t < length ? value - 1 : 0));
          }
        }
      }
      CHECK(seen.size() == 10);
    }
}

TEST_CASE("batches by length hold rows of similar length") {
  Batches batches(examples(20), {.batch_size = 4});
  for (Index b = 0; b < batches.size(); ++b) {
    Batch batch = batches.get(0, b);
    for (Index row = 0; row < 4; ++row) CHECK(batch.lengths.at<std::int32_t>({row}) == batch.inputs.shape(1));
  }
}

TEST_CASE("the order depends on seed and epoch alone") {
  Batches a(examples(20), {.batch_size = 4, .seed = 1}), b(examples(20), {.batch_size = 4, .seed = 1});
  Batches c(examples(20), {.batch_size = 4, .seed = 2});
  b.get(0, 1);
  CHECK(array_equal(a.get(3, 2).inputs, b.get(3, 2).inputs));
  auto order = [](const Batches& batches, std::int64_t epoch) {
    std::vector<float> first;
    for (Index k = 0; k < batches.size(); ++k) first.push_back(batches.get(epoch, k).inputs.at<float>({0, 0, 0}));
    return first;
  };
  CHECK(order(a, 0) != order(a, 1));
  CHECK(order(a, 0) != order(c, 0));
}

TEST_CASE("targets may be of one shape for all, without time") {
  Batches batches({{zeros({2, 1}), zeros({3})}, {zeros({5, 1}), ones({3})}}, {.shuffle = false});
  Batch batch = batches.get(0, 0);
  CHECK(batch.targets.shape() == Shape{2, 3});
  CHECK(batch.inputs.shape() == Shape{2, 5, 1});
}

TEST_CASE("examples in files make the batches that examples in memory make") {
  testing::TemporaryFolder folder;
  const std::vector<Example> all = examples(7);
  std::vector<std::filesystem::path> files;
  for (const Example& e : all) {
    files.push_back(folder / (std::to_string(files.size()) + ".npz"));
    write_npz(files.back(), {{"inputs", e.inputs}, {"targets", e.targets}});
  }
  const Batches in_memory(all, {.batch_size = 3}), in_files(files, read_example_npz, {.batch_size = 3});
  for (Index b = 0; b < 3; ++b) {
    CHECK(array_equal(in_files.get(1, b).inputs, in_memory.get(1, b).inputs));
    CHECK(array_equal(in_files.get(1, b).targets, in_memory.get(1, b).targets));
    CHECK(in_files.time(1, b) == in_memory.get(1, b).inputs.shape(1));
  }
  write_npz(files[2], {{"inputs", zeros({9, 2})}, {"targets", zeros({9}, int32)}});
  CHECK_THROWS_WITH_AS((in_files.get(0, 0), in_files.get(0, 1), in_files.get(0, 2)),
                       doctest::Contains("2.npz has other shapes"), ValueError);
  write_npz(files[2], {{"inputs", zeros({9, 2})}});
  CHECK_THROWS_WITH_AS(Batches(files, read_example_npz), doctest::Contains("2.npz: expected the arrays"),
                       DataLossError);
}

TEST_CASE("examples that do not go together are refused") {
  CHECK_THROWS_AS(Batches({}), ValueError);
  CHECK_THROWS_AS(Batches(examples(2), {.batch_size = 0}), ValueError);
  CHECK_THROWS_WITH_AS(Batches({{zeros({2, 1}), zeros({3})}, {zeros({2, 2}), zeros({3})}}),
                       doctest::Contains("inputs of example 1 have shape (2, 2)"), ValueError);
  CHECK_THROWS_AS(Batches({{zeros({2, 1}), zeros({3})}, {zeros({2, 1}), zeros({4})}}), ValueError);
  CHECK_THROWS_AS(Batches({{zeros({2, 1}), zeros({3})}, {zeros({2, 1}), zeros({3}, int32)}}), TypeError);
  CHECK_THROWS_AS(Batches({{zeros({}), zeros({3})}}), ValueError);
  CHECK_THROWS_AS(Batches(examples(2)).get(0, 1), IndexError);
}
