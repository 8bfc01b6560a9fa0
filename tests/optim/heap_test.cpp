// What a training step asks the heap for, beside the recurrent layer.
#include <doctest/doctest.h>

#include "optim/optimizer_checks.hpp"
#include "support/heap_count.hpp"
#include "support/use_threads.hpp"
#include "unroll/autograd/ops/cross_entropy.hpp"
#include "unroll/autograd/ops/dropout.hpp"
#include "unroll/autograd/ops/reduce.hpp"
#include "unroll/cells/dense.hpp"
#include "unroll/cells/embedding.hpp"
#include "unroll/core/random.hpp"
#include "unroll/optim/adam.hpp"
#include "unroll/optim/clipping.hpp"

using namespace unroll;

TEST_CASE("after warm-up a training step asks the heap for the vector of gradients and nothing else") {
  for (int threads : {1, 2}) {
    CAPTURE(threads);
    testing::UseThreads use(threads);
    RandomGenerator random(1);
    const Tensor ids = random.integers({16, 64}, 0, 80, int32), next = random.integers({16, 64}, 0, 80, int32);
    Embedding embedding(80, 64);
    Dense head(80);
    Adam adam;
    std::vector<Variable> variables;
    auto step = [&](std::uint64_t number) {
      GradientTape tape;
      Tensor x = dropout(embedding(ids), 0.1, {.seed = 3, .stream = number});
      Tensor loss = reduce_mean(sparse_softmax_cross_entropy_with_logits(next, head(x)));
      if (variables.empty()) {
        variables = embedding.variables();
        for (const Variable& v : head.variables()) variables.push_back(v);
      }
      auto [gradients, norm] = clip_by_global_norm(tape.gradient(loss, variables), 0.01);
      adam.apply_gradients(gradients, variables);
    };
    long at_start = testing::heap_allocations();
    for (std::uint64_t k = 0; k < 3; ++k) step(k);
    CHECK(testing::heap_allocations() - at_start > 10);  // so it does count
    at_start = testing::heap_allocations();
    for (std::uint64_t k = 3; k < 6; ++k) step(k);
    CHECK(testing::heap_allocations() - at_start == 3);
  }
}
