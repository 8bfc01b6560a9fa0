#include "unroll/autograd/ops/ctc_greedy_decoder.hpp"

#include <doctest/doctest.h>

#include "unroll/core/creation.hpp"

using namespace unroll;

namespace {

// Logits (time, batch, 4) whose largest are 2 + 0.25 t at these classes.
Tensor logits_of(const std::vector<std::vector<Index>>& paths) {
  Index steps = static_cast<Index>(paths[0].size()), batch = static_cast<Index>(paths.size());
  Tensor logits = zeros({steps, batch, 4}, float64);
  for (Index b = 0; b < batch; ++b)
    for (Index t = 0; t < steps; ++t) logits.set({t, b, paths[b][t]}, 2 + 0.25 * static_cast<double>(t));
  return logits;
}

}  // namespace

TEST_CASE("greedy decoding merges repeated classes and removes blanks") {
  Tensor logits = logits_of({{1, 1, 3, 1, 2}, {3, 3, 0, 0, 3}, {2, 2, 2, 2, 2}});
  auto [decoded, length, cost] = ctc_greedy_decoder(logits, Tensor{5, 4, 0});
  CHECK(array_equal(decoded, Tensor({{1, 1, 2}, {0, -1, -1}, {-1, -1, -1}}, int64)));
  CHECK(array_equal(length, Tensor({3, 1, 0}, int64)));
  CHECK(array_equal(cost, Tensor{{-12.5}, {-9.5}, {-0.0}}));
}

TEST_CASE("without merging only blanks go, and any class may be the blank") {
  Tensor logits = logits_of({{1, 1, 3, 1, 2}});
  CHECK(array_equal(ctc_greedy_decoder(logits, Tensor{5}, {.merge_repeated = false}).decoded,
                    Tensor({{1, 1, 1, 2}}, int64)));
  CHECK(array_equal(ctc_greedy_decoder(logits, Tensor{5}, {.blank_index = 1}).decoded, Tensor({{3, 2}}, int64)));
}

TEST_CASE("the decoder refuses what does not fit") {
  Tensor logits = logits_of({{1, 1, 3}});
  CHECK_THROWS_AS(ctc_greedy_decoder(logits, Tensor{4}), InvalidArgumentError);
  CHECK_THROWS_AS(ctc_greedy_decoder(logits, Tensor{-1}), InvalidArgumentError);
  CHECK_THROWS_AS(ctc_greedy_decoder(logits, Tensor{1, 1}), ValueError);
  CHECK_THROWS_AS(ctc_greedy_decoder(logits, Tensor{1.0}), TypeError);
  CHECK_THROWS_AS(ctc_greedy_decoder(logits, Tensor{1}, {.blank_index = 4}), ValueError);
  CHECK_THROWS_AS(ctc_greedy_decoder(zeros({3, 4}), Tensor{1}), ValueError);
}
