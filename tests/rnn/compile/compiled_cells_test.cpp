#include <doctest/doctest.h>

#include "agreement.hpp"

using namespace unroll;
using namespace testing;

namespace {

struct Layout {
  Index batch, time;
  Tensor lengths;
};

const std::vector<Layout> layouts{
    {3, 4, {}},
    {1, 1, {}},
    {1, 5, {}},
    {7, 1, {}},
    {5, 6, Tensor{3, 0, 6, 1, 6}},
    {4, 5, Tensor{2, 2, 0, 0}},
    {3, 4, Tensor{0, 0, 0}},
    {1, 4, Tensor{2}},
    {9, 3, Tensor{1, 2, 3, 0, 1, 2, 3, 3, 0}},
};

void check(const CompiledCase& c, DType dtype, double tolerance) {
  auto cell = built_cell(c, dtype);
  for (const Layout& l : layouts)
    for (bool time_major : {false, true}) {
      CAPTURE(c.name);
      CAPTURE(l.batch);
      CAPTURE(l.time);
      CAPTURE(time_major);
      Nest x = time_major ? random_inputs(c, l.time, l.batch, dtype) : random_inputs(c, l.batch, l.time, dtype);
      DynamicRnnOptions options{.sequence_length = l.lengths,
                                .initial_state = random_state(*cell, l.batch, 50, dtype),
                                .dtype = dtype,
                                .time_major = time_major};
      options.executor = Executor::eager;
      Everything want = everything(*cell, x, options);
      options.executor = Executor::compiled;
      CHECK(first_difference(everything(*cell, x, options), want, tolerance) == "");
    }
}

}  // namespace

TEST_CASE("every cell gives compiled what it gives eagerly, in float64 within 1e-12") {
  for (const CompiledCase& c : compiled_cases()) check(c, float64, 1e-12);
}

TEST_CASE("every cell gives compiled what it gives eagerly, in float32 within 1e-5") {
  for (const CompiledCase& c : compiled_cases()) check(c, float32, 1e-5);
}

TEST_CASE("a tape changes no bit of outputs and final states") {
  for (DType dtype : {float32, float64})
    for (const CompiledCase& c : compiled_cases()) {
      CAPTURE(c.name);
      CAPTURE(dtype);
      auto cell = built_cell(c, dtype);
      Nest x = random_inputs(c, 5, 6, dtype);
      DynamicRnnOptions options{.sequence_length = Tensor{3, 0, 6, 1, 6},
                                .initial_state = random_state(*cell, 5, 50, dtype),
                                .executor = Executor::compiled};
      auto run = [&] {
        auto [outputs, state] = dynamic_rnn(*cell, x, options);
        Everything all;
        all.add("output", outputs.flatten());
        all.add("final state", state.flatten());
        return all;
      };
      Everything without = run();
      {
        GradientTape tape;
        CHECK(first_difference(run(), without, 0) == "");
      }
      GradientTape tape;
      tape.watch(x);
      tape.watch(options.initial_state);
      CHECK(first_difference(run(), without, 0) == "");
    }
}
