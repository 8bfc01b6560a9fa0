// The two directions side by side, and one after another.
#include <doctest/doctest.h>

#include "support/use_threads.hpp"
#include "unroll/unroll.hpp"

using namespace unroll;

namespace {

std::vector<Tensor> train(RNNCell& fw, RNNCell& bw, const Tensor& lengths, bool time_major, Executor executor,
                          int threads) {
  testing::UseThreads use(threads);
  Tensor x = random_normal(time_major ? Shape{9, 5, 4} : Shape{5, 9, 4}, {.seed = 1}, float64);
  GradientTape tape;
  tape.watch(x);
  auto [outputs, states] = bidirectional_dynamic_rnn(
      fw, bw, x, {.sequence_length = lengths, .dtype = float64, .time_major = time_major, .executor = executor});
  Tensor loss = reduce_sum(square(concat(outputs[0].leaf(), outputs[1].leaf(), 2)));
  std::vector<Tensor> all;
  states.for_each([&](const Tensor& s) {
    loss = loss + reduce_sum(s * s * s);
    all.push_back(s);
  });
  std::vector<Tensor> sources{x};
  for (RNNCell* cell : {&fw, &bw})
    for (const Variable& v : cell->trainable_variables()) sources.push_back(v.value());
  all.push_back(outputs[0]);
  all.push_back(outputs[1]);
  for (Tensor& g : tape.gradient(loss, sources)) all.push_back(std::move(g));
  return all;
}

}  // namespace

TEST_CASE("two directions at once give what one after another and the eager executor give") {
  for (const Tensor& lengths : {Tensor(), Tensor{9, 3, 0, 5, 7}})
    for (bool time_major : {false, true}) {
      LSTMCell fw(6, {.dtype = float64});
      GRUCell bw(5, {.dtype = float64});
      std::vector<Tensor> eager = train(fw, bw, lengths, time_major, Executor::eager, 2);
      std::vector<Tensor> alone = train(fw, bw, lengths, time_major, Executor::compiled, 1);
      std::vector<Tensor> both = train(fw, bw, lengths, time_major, Executor::compiled, 2);
      for (std::size_t k = 0; k < eager.size(); ++k) {
        CHECK(allclose(both[k], eager[k], 1e-12, 1e-13));
        CHECK(bit_equal(both[k], alone[k]));
      }
    }
}

TEST_CASE("one cell may serve both directions") {
  GRUCell cell(4, {.dtype = float64});
  std::vector<Tensor> eager = train(cell, cell, {}, true, Executor::eager, 2);
  std::vector<Tensor> compiled = train(cell, cell, {}, true, Executor::compiled, 2);
  for (std::size_t k = 0; k < eager.size(); ++k) CHECK(allclose(compiled[k], eager[k], 1e-12, 1e-13));
}
