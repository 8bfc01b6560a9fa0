#include <doctest/doctest.h>

#include "agreement.hpp"
#include "unroll/autograd/check_gradients.hpp"

using namespace unroll;
using namespace testing;

TEST_CASE("compiled gradients agree with differences, for inputs, initial states and variables") {
  constexpr Index batch = 3, time = 4;
  const Tensor lengths{4, 0, 2};
  for (const CompiledCase& c : compiled_cases()) {
    if (!c.is_derivative) continue;
    CAPTURE(c.name);
    auto cell = built_cell(c, float64);
    Nest x = random_inputs(c, batch, time, float64), state = random_state(*cell, batch);
    auto run = [&](const Nest& inputs, const Nest& initial) {
      auto [outputs, last] = dynamic_rnn(
          *cell, inputs, {.sequence_length = lengths, .initial_state = initial, .executor = Executor::compiled});
      return Nest::tuple({outputs, last});
    };
    std::vector<Tensor> sources = state.flatten();
    auto states = static_cast<std::ptrdiff_t>(sources.size());
    for (const Tensor& t : x.flatten()) sources.push_back(t);
    auto of_inputs = check_gradients(
        [&](const std::vector<Tensor>& in) {
          return run(x.pack(std::vector<Tensor>(in.begin() + states, in.end())),
                     state.pack(std::vector<Tensor>(in.begin(), in.begin() + states)));
        },
        sources);
    CHECK_MESSAGE(of_inputs, of_inputs.to_string());
    auto of_variables = check_gradients([&] { return run(x, state); }, cell->variables());
    CHECK_MESSAGE(of_variables, of_variables.to_string());
  }
}
