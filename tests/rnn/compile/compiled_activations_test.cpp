#include <doctest/doctest.h>

#include "agreement.hpp"
#include "unroll/rnn/step_function.hpp"

using namespace unroll;
using namespace testing;

TEST_CASE("a cell of any activation gives compiled what it gives eagerly, gradients included") {
  for (const std::string name : {"elu", "exponential", "gelu", "hard_sigmoid", "leaky_relu", "linear", "relu", "selu",
                                 "sigmoid", "silu", "softmax", "softplus", "softsign", "swish", "tanh"})
    for (DType dtype : {float64, float32}) {
      CAPTURE(name);
      BasicRNNCell cell(4, {.activation = name});
      cell.build(TensorSpec{{3, 5}, dtype});
      randomize(cell, 100, 0.15);  // exp of exp of ... stays finite
      const Tensor x = random_tensor({3, 6, 5}, 1, 1, dtype);
      DynamicRnnOptions options{.sequence_length = Tensor{6, 2, 4},
                                .initial_state = random_state(cell, 3, 50, dtype),
                                .dtype = dtype,
                                .executor = Executor::eager};
      const Everything want = everything(cell, x, options);
      options.executor = Executor::compiled;
      CHECK(first_difference(everything(cell, x, options), want, dtype == float64 ? 1e-12 : 1e-5) == "");
    }
}

TEST_CASE("a step of any activation but gelu is compiled, and gives infinities and NaN as the op does") {
  for (const std::string name : {"elu", "exponential", "hard_sigmoid", "leaky_relu", "linear", "relu", "selu",
                                 "sigmoid", "silu", "softplus", "softsign", "swish", "tanh"}) {
    CAPTURE(name);
    BasicRNNCell cell(1, {.activation = name});
    cell.build(TensorSpec{{1, 1}, float64});
    cell.variables()[0].assign(Tensor{{1.0}, {0.0}});
    const StepFunction step = compile_step(cell, 1, float64);
    for (double x : {double(-INFINITY), -800.0, -1.5, -1e-9, 0.0, 1e-9, 1.5, 800.0, double(INFINITY), double(NAN)}) {
      CAPTURE(x);
      StepState state = step.zero_state();
      double y = 0;
      step(&x, state, &y);
      const double want = activation(name)(Tensor{x}).item<double>();
      CHECK((y == want || std::abs(y - want) <= 1e-14 * std::abs(want) || (std::isnan(y) && std::isnan(want))));
    }
  }
}
