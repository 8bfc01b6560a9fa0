// dynamic_rnn, and single calls of cells.
#include <iostream>

#include "run_call.hpp"
#include "unroll/rnn/dynamic_rnn.hpp"

namespace parity {
namespace {

using namespace unroll;

void report_eager(const Json& test, const std::string& explanation) {
  if (explanation.starts_with("eager"))
    std::cout << "NOTE " << test.at("name").get<std::string>() << ": " << explanation;
}

void run_dynamic_rnn(const Json& test, Differences& differences) {
  std::shared_ptr<RNNCell> cell = make_cell(test.at("cell"));
  DynamicRnnOptions options;
  bool without_dtype =
      has(test, "initial_state") && test.at("name").get<std::string>().find("without dtype") != std::string::npos;
  if (!without_dtype) options.dtype = dtype_from_name(test.at("dtype").get<std::string>());
  options.time_major = get(test, "time_major", false);
  options.swap_memory = get(test, "swap_memory", false);
  options.parallel_iterations = get(test, "parallel_iterations", options.parallel_iterations);
  options.scope = get(test, "scope", options.scope);
  options.sequence_length = read_lengths(test);
  Subject subject{.modules = {cell.get()},
                  .inputs = read_nest(test.at("inputs")),
                  .states = {{"initial_state", argument(test, "initial_state")}},
                  .call = [&](const Nest& inputs, const std::vector<Nest>& states) {
                    options.initial_state = states[0];
                    options.executor = chosen_executor();
                    if (options.executor == Executor::automatic) report_eager(test, explain(*cell, inputs, options));
                    auto [outputs, state] = dynamic_rnn(*cell, inputs, options);
                    return Nest::tuple({outputs, state});
                  }};
  if (lengths_out_of_range(test, subject.inputs.flatten().at(0).shape(options.time_major ? 0 : 1)))
    expect_invalid_argument(differences, [&] { subject.call(subject.inputs, {subject.states[0].second}); });
  else
    run_call(test, differences, subject);
}

// A state in the structure that the cell has; single tensors in the case may stand in a tuple.
Nest unwrapped(const Nest& state, const RNNCell& cell) {
  SizeNest sizes = cell.state_size();
  if (state.is_leaf() || state.leaf_count() != sizes.leaf_count()) return state;
  return sizes.pack(state.flatten());
}

void run_cell(const Json& test, Differences& differences) {
  std::shared_ptr<RNNCell> cell = make_cell(test.at("cell"));
  run_call(test, differences,
           {.modules = {cell.get()},
            .inputs = read_nest(test.at("inputs")),
            .states = {{"initial_state", argument(test, "initial_state")}},
            .call = [&](const Nest& inputs, const std::vector<Nest>& states) {
              auto [output, state] = (*cell)(inputs, unwrapped(states[0], *cell));
              return Nest::tuple({output, states[0].pack(state.flatten())});
            }});
}

const RegisterRunner dynamic_rnn_runner("dynamic_rnn", run_dynamic_rnn);
const RegisterRunner cell_runner("cell", run_cell);

}  // namespace
}  // namespace parity
