#include "run_call.hpp"

#include "unroll/autograd/tape.hpp"
#include "unroll/core/creation.hpp"

namespace parity {
namespace {

using namespace unroll;

std::vector<Variable> variables_of(const Subject& subject) {
  std::vector<Variable> all;
  auto add = [&](const Variable& v) {
    if (std::find(all.begin(), all.end(), v) == all.end()) all.push_back(v);
  };
  for (Module* module : subject.modules)
    for (const Variable& v : module->variables()) add(v);
  for (const Variable& v : subject.further) add(v);
  return all;
}

// Sets the variables to those of the case; says where names, their order or shapes differ.
bool set_variables(const Json& pairs, const std::vector<Variable>& variables, Differences& differences) {
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

bool has_gradient(const Tensor& t) { return t && is_floating(t.dtype()); }

// The gradients in the structure of the nest they belong to; integer leaves have none.
Nest with_gradients(const Nest& nest, const std::vector<Tensor>& gradients, std::size_t& next) {
  return nest.map([&](const Tensor& t) { return has_gradient(t) ? gradients[next++] : Tensor(); });
}

void compare_gradients(const Json& expected, const Subject& subject, const std::vector<Tensor>& gradients,
                       Differences& differences) {
  std::size_t next = 0;
  auto compare = [&](const std::string& key, const Nest& source) {
    Nest of_source = with_gradients(source, gradients, next);
    if (has(expected, key.c_str())) differences.compare("gradient of " + key, of_source, read_nest(expected.at(key)));
  };
  compare("inputs", subject.inputs);
  for (const auto& [key, state] : subject.states) compare(key, state);
  for (const Json& pair : expected.at("variables")) {
    Nest wanted = read_nest(pair[1]);
    differences.compare("gradient of " + pair[0].get<std::string>(), Nest(gradients[next++]), wanted);
  }
}

}  // namespace

void run_call(const Json& test, Differences& differences, Subject subject) {
  std::vector<Nest> states;
  for (const auto& [key, state] : subject.states) states.push_back(state);
  subject.call(subject.inputs, states);
  std::vector<Variable> variables = variables_of(subject);
  if (!set_variables(test.at("variables"), variables, differences)) return;

  GradientTape tape;
  std::vector<Tensor> sources;
  auto watch = [&](const Nest& nest) {
    nest.for_each([&](const Tensor& t) {
      if (!has_gradient(t)) return;
      tape.watch(t);
      sources.push_back(t);
    });
  };
  watch(subject.inputs);
  for (const Nest& state : states) watch(state);
  for (const Variable& v : variables) sources.push_back(v);
  Nest result = subject.call(subject.inputs, states);
  differences.compare("outputs", result[0], read_nest(test.at("outputs")));
  if (has(test, "state")) differences.compare("state", result[1], read_nest(test.at("state")));
  if (has(test, "loop_state")) differences.compare("loop state", result[2], read_nest(test.at("loop_state")));
  if (!differences.lines().empty() || !has(test, "cotangents")) return;

  const Json& cotangents = test.at("cotangents");
  std::vector<Tensor> values = result[0].flatten(), factors = read_nest(cotangents.at("outputs")).flatten();
  auto add = [&](const char* key, std::size_t k) {
    if (!has(cotangents, key)) return;
    std::vector<Tensor> parts = result[k].flatten(), more = read_nest(cotangents.at(key)).flatten();
    values.insert(values.end(), parts.begin(), parts.end());
    factors.insert(factors.end(), more.begin(), more.end());
  };
  add("state", 1);
  add("loop_state", 2);
  std::vector<Nest> targets, weights;
  for (std::size_t k = 0; k < values.size(); ++k)
    if (has_gradient(values[k]) && factors[k]) {
      targets.push_back(values[k]);
      weights.push_back(factors[k]);
    }
  std::vector<Tensor> gradients =
      tape.gradient(Nest::tuple(targets), sources,
                    {.output_gradients = Nest::tuple(weights), .unconnected_gradients = Unconnected::zero});
  const char* key = has(test, "gradients_if_padding_were_zero") ? "gradients_if_padding_were_zero" : "gradients";
  if (has(test, key)) compare_gradients(test.at(key), subject, gradients, differences);
}

bool lengths_out_of_range(const Json& test, Index time) {
  if (!has(test, "sequence_length")) return false;
  for (const Json& length : test.at("sequence_length"))
    if (length.get<Index>() < 0 || length.get<Index>() > time) return true;
  return false;
}

void expect_invalid_argument(Differences& differences, const std::function<void()>& call) {
  try {
    call();
    differences.add("lengths out of range are accepted");
  } catch (const InvalidArgumentError&) {
  }
}

Tensor read_lengths(const Json& test) {
  if (!has(test, "sequence_length")) return {};
  auto lengths = test.at("sequence_length").get<std::vector<std::int64_t>>();
  return Tensor(Tensor({static_cast<Index>(lengths.size())}, lengths),
                dtype_from_name(get<std::string>(test, "sequence_length_dtype", "int32")));
}

}  // namespace parity
