#pragma once
// A small model with everything that has to be saved: two modules, slots, random numbers in the loss.
#include <doctest/doctest.h>

#include "io/files.hpp"
#include "support/numbers.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/dropout.hpp"
#include "unroll/autograd/ops/losses.hpp"
#include "unroll/cells/dense.hpp"
#include "unroll/cells/gru_cell.hpp"
#include "unroll/core/random.hpp"
#include "unroll/optim/adam.hpp"
#include "unroll/rnn/dynamic_rnn.hpp"
#include "unroll/train/trainer.hpp"

namespace testing {

inline unroll::Batches toy_batches(int seed = 0, unroll::Index count = 7) {
  using namespace unroll;
  std::vector<Example> examples;
  for (Index k = 0; k < count; ++k)
    examples.push_back({numbers({2 + k % 4, 2}, static_cast<int>(k) + seed, float32),
                        numbers({1}, static_cast<int>(k) + 30 + seed, float32)});
  return Batches(std::move(examples), {.batch_size = 3, .seed = 5});
}

struct Toy {
  unroll::GRUCell cell{3};
  unroll::Dense head{1};
  unroll::Adam adam{{.learning_rate = 0.05}};

  Toy() { unroll::set_random_seed(3); }
  std::vector<unroll::Module*> modules() { return {&cell, &head}; }
  unroll::Tensor loss(const unroll::Batch& batch) {
    using namespace unroll;
    auto [outputs, state] = dynamic_rnn(cell, batch.inputs, {.sequence_length = batch.lengths, .dtype = float32});
    return mean_squared_error(batch.targets, head(dropout(state.leaf(), 0.25)));
  }
  unroll::FitResult fit(const unroll::FitOptions& options) {
    return unroll::fit(
        modules(), adam, toy_batches(), [&](const unroll::Batch& b) { return loss(b); }, options);
  }
  /// All variables, also the optimiser's.
  std::vector<unroll::Tensor> values() const {
    std::vector<unroll::Tensor> all;
    for (const auto& list : {cell.variables(), head.variables(), adam.variables()})
      for (const unroll::Variable& v : list) all.push_back(v.value());
    return all;
  }
};

inline void check_same_bits(const std::vector<unroll::Tensor>& a, const std::vector<unroll::Tensor>& b) {
  REQUIRE(a.size() == b.size());
  for (std::size_t k = 0; k < a.size(); ++k) CHECK(unroll::bit_equal(a[k], b[k]));
}

}  // namespace testing
