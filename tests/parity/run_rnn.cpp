// dynamic_rnn, and single calls of cells: values, names, shapes and gradients.
#include <iostream>

#include "runner.hpp"
#include "unroll/autograd/tape.hpp"
#include "unroll/core/creation.hpp"
#include "unroll/rnn/dynamic_rnn.hpp"

namespace parity {
namespace {

using namespace unroll;

using Call = std::function<Nest(RNNCell& cell, const Nest& inputs, const Nest& initial_state)>;

// Sets the cell's variables to those of the case; says where names, their order or shapes differ.
bool set_variables(const Json& pairs, const RNNCell& cell, Differences& differences) {
  std::vector<Variable> variables = cell.variables();
  bool same = variables.size() == pairs.size();
  for (std::size_t k = 0; same && k < pairs.size(); ++k) {
    Tensor value = read_tensor(pairs[k][1]);
    same = variables[k].name() == pairs[k][0].get<std::string>() && variables[k].shape() == value.shape() &&
           variables[k].dtype() == value.dtype();
    if (same) variables[k].assign(value);
  }
  if (same) return true;
  std::string line = "variables are";
  for (const Variable& v : variables) line += " " + v.name() + to_string(v.shape());
  line += ", expected";
  for (const Json& pair : pairs) line += " " + pair[0].get<std::string>() + to_string(read_tensor(pair[1]).shape());
  differences.add(line);
  return false;
}

bool any_floating(const Nest& nest) {
  bool found = false;
  nest.for_each([&](const Tensor& t) { found |= t && is_floating(t.dtype()); });
  return found;
}

// Leaves that have gradients.
std::vector<Tensor> floating_leaves(const Nest& nest) {
  std::vector<Tensor> leaves = nest.flatten();
  std::erase_if(leaves, [](const Tensor& t) { return !t || !is_floating(t.dtype()); });
  return leaves;
}

// The gradients in the structure of the nest they belong to; integer leaves have none.
Nest with_gradients(const Nest& nest, const std::vector<Tensor>& gradients, std::size_t& next) {
  return nest.map([&](const Tensor& t) { return is_floating(t.dtype()) ? gradients[next++] : Tensor(); });
}

// The result is the tuple (outputs, state).
void run_call(const Json& test, Differences& differences, const Call& call) {
  std::shared_ptr<RNNCell> cell = make_cell(test.at("cell"));
  Nest inputs = read_nest(test.at("inputs"));
  Nest initial_state = has(test, "initial_state") ? read_nest(test.at("initial_state")) : Nest();
  call(*cell, inputs, initial_state);
  if (!set_variables(test.at("variables"), *cell, differences)) return;

  GradientTape tape;
  std::vector<Tensor> sources;
  for (const Nest* nest : {&inputs, &initial_state})
    for (const Tensor& t : floating_leaves(*nest)) {
      tape.watch(t);
      sources.push_back(t);
    }
  for (const Variable& v : cell->variables()) sources.push_back(v);
  Nest result = call(*cell, inputs, initial_state);
  Nest want = Nest::tuple({read_nest(test.at("outputs")), read_nest(test.at("state"))});
  differences.compare("outputs", result[0], want[0]);
  differences.compare("state", result[1], want[1]);
  if (!differences.lines().empty() || !has(test, "cotangents")) return;

  Nest cotangents =
      Nest::tuple({read_nest(test.at("cotangents").at("outputs")), read_nest(test.at("cotangents").at("state"))});
  std::vector<Nest> targets, weights;
  std::vector<Tensor> values = result.flatten(), factors = cotangents.flatten();
  for (std::size_t k = 0; k < values.size(); ++k)
    if (is_floating(values[k].dtype()) && factors[k]) {
      targets.push_back(values[k]);
      weights.push_back(factors[k]);
    }
  std::vector<Tensor> gradients =
      tape.gradient(Nest::tuple(targets), sources,
                    {.output_gradients = Nest::tuple(weights), .unconnected_gradients = Unconnected::zero});
  const char* key = has(test, "gradients_if_padding_were_zero") ? "gradients_if_padding_were_zero" : "gradients";
  if (!has(test, key)) return;
  const Json& expected = test.at(key);
  std::size_t next = 0;
  Nest of_inputs = with_gradients(inputs, gradients, next);
  if (has(expected, "inputs")) differences.compare("gradient of inputs", of_inputs, read_nest(expected.at("inputs")));
  if (any_floating(initial_state)) {
    Nest of_state = with_gradients(initial_state, gradients, next);
    if (has(expected, "initial_state"))
      differences.compare("gradient of initial_state", of_state, read_nest(expected.at("initial_state")));
  }
  for (const Json& pair : expected.at("variables")) {
    Nest wanted = read_nest(pair[1]);
    differences.compare("gradient of " + pair[0].get<std::string>(), Nest(gradients[next++]), wanted);
  }
}

bool lengths_out_of_range(const Json& test, Index time) {
  if (!has(test, "sequence_length")) return false;
  for (const Json& length : test.at("sequence_length"))
    if (length.get<Index>() < 0 || length.get<Index>() > time) return true;
  return false;
}

void report_eager(const Json& test, const std::string& explanation) {
  if (explanation.starts_with("eager"))
    std::cout << "NOTE " << test.at("name").get<std::string>() << ": " << explanation;
}

void run_dynamic_rnn(const Json& test, Differences& differences) {
  DynamicRnnOptions options;
  bool without_dtype =
      has(test, "initial_state") && test.at("name").get<std::string>().find("without dtype") != std::string::npos;
  if (!without_dtype) options.dtype = dtype_from_name(test.at("dtype").get<std::string>());
  options.time_major = get(test, "time_major", false);
  options.swap_memory = get(test, "swap_memory", false);
  options.parallel_iterations = get(test, "parallel_iterations", options.parallel_iterations);
  options.scope = get(test, "scope", options.scope);
  if (has(test, "sequence_length")) {
    auto lengths = test.at("sequence_length").get<std::vector<std::int64_t>>();
    options.sequence_length = Tensor(Tensor({static_cast<Index>(lengths.size())}, lengths),
                                     dtype_from_name(get<std::string>(test, "sequence_length_dtype", "int32")));
  }
  Call call = [&](RNNCell& cell, const Nest& inputs, const Nest& initial_state) {
    options.initial_state = initial_state;
    options.executor = chosen_executor();
    if (options.executor == Executor::automatic) report_eager(test, explain(cell, inputs, options));
    auto [outputs, state] = dynamic_rnn(cell, inputs, options);
    return Nest::tuple({outputs, state});
  };
  // TensorFlow takes such lengths silently; here they are an error.
  Index time = read_nest(test.at("inputs")).flatten().at(0).shape(options.time_major ? 0 : 1);
  if (lengths_out_of_range(test, time)) {
    try {
      call(*make_cell(test.at("cell")), read_nest(test.at("inputs")), read_nest(test.at("initial_state")));
      differences.add("lengths out of range are accepted");
    } catch (const InvalidArgumentError&) {
    }
    return;
  }
  run_call(test, differences, call);
}

void run_cell(const Json& test, Differences& differences) {
  run_call(test, differences, [](RNNCell& cell, const Nest& inputs, const Nest& state) {
    auto [output, new_state] = cell(inputs, state);
    return Nest::tuple({output, new_state});
  });
}

const RegisterRunner dynamic_rnn_runner("dynamic_rnn", run_dynamic_rnn);
const RegisterRunner cell_runner("cell", run_cell);

}  // namespace
}  // namespace parity
