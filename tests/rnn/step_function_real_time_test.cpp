// What a real-time thread asks of a step: nothing from the heap, no exception, no slow numbers.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "support/heap_count.hpp"
#include "unroll/unroll.hpp"

using namespace unroll;

namespace {

template <class T>
void check_no_allocation(RNNCell& cell, Index batch) {
  StepFunction step = compile_step(cell, batch, dtype_of<T>());
  StepState state = step.zero_state();
  std::vector<T> x(static_cast<std::size_t>(step.input_size()), T{0.5}),
      y(static_cast<std::size_t>(step.output_size()));
  const long before = testing::heap_allocations();
  for (int t = 0; t < 10; ++t) step(x.data(), state, y.data());
  const long count = testing::heap_allocations() - before;
  CHECK(count == 0);
  CHECK(y[0] != 0);
}

// Halves its state at each step.
class FadingCell : public RNNCell {
 public:
  std::string class_name() const override { return "FadingCell"; }
  SizeNest state_size() const override { return 20; }
  SizeNest output_size() const override { return 20; }

 private:
  StepResult call(const Nest& x, const Nest& h) override {
    Tensor next = x + 0.5 * h.leaf();
    return {next, next};
  }
};

}  // namespace

TEST_CASE("a step asks nothing of the heap, from its first call on") {
  const long before = testing::heap_allocations();
  for (Index batch : {1, 4}) {
    MultiRNNCell stack({std::make_shared<LSTMCell>(24), std::make_shared<GRUCell>(100)});
    stack.build(TensorSpec{{1, 600}, float32});
    check_no_allocation<float>(stack, batch);
    LayerNormBasicLSTMCell normed(9, {.dtype = float64});
    normed.build(TensorSpec{{1, 3}, float64});
    check_no_allocation<double>(normed, batch);
  }
  CHECK(testing::heap_allocations() > before);  // so it does count
}

TEST_CASE("a step with arrays throws nothing") {
  static_assert(noexcept(std::declval<const StepFunction&>()(
      static_cast<const float*>(nullptr), std::declval<StepState&>(), static_cast<float*>(nullptr))));
  static_assert(noexcept(std::declval<const StepFunction&>()(
      static_cast<const double*>(nullptr), std::declval<StepState&>(), static_cast<double*>(nullptr))));
}

TEST_CASE("a state fades to 0 without becoming denormal, and the thread's arithmetic stays what it was") {
  FadingCell cell;
  cell.build(TensorSpec{{1, 20}, float32});
  StepFunction step = compile_step(cell);
  StepState state = step.zero_state();
  std::vector<float> x(20, 1.0f), y(20);
  step(x.data(), state, y.data());
  std::fill(x.begin(), x.end(), 0.0f);
  int steps = 0;
  while (y[19] != 0 && steps < 1000) {
    step(x.data(), state, y.data());
    CHECK((y[19] == 0 || std::isnormal(y[19])));
    ++steps;
  }
  CHECK(steps == 127);  // 2^-126 is the least normal number
  volatile float least = std::numeric_limits<float>::min();
  CHECK(least / 2 != 0);
}

TEST_CASE("arrays of the other dtype give NaN") {
  BasicRNNCell cell(2);
  cell.build(TensorSpec{{1, 1}, float32});
  StepFunction step = compile_step(cell);
  StepState state = step.zero_state();
  double x = 1;
  std::array<double, 2> y{};
  step(&x, state, y.data());
  CHECK((std::isnan(y[0]) && std::isnan(y[1])));
}
