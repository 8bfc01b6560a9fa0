#pragma once
// What a call of dynamic_rnn gives, with all gradients, so that two of them can be compared.
#include <cmath>

#include "cases.hpp"
#include "unroll/autograd/tape.hpp"
#include "unroll/rnn/dynamic_rnn.hpp"

namespace testing {

struct Everything {
  std::vector<std::string> names;
  std::vector<unroll::Tensor> values;  // outputs and final states, then gradients; null where there is none

  void add(const std::string& name, const std::vector<unroll::Tensor>& tensors) {
    for (std::size_t k = 0; k < tensors.size(); ++k) {
      names.push_back(name + " " + std::to_string(k));
      values.push_back(tensors[k]);
    }
  }
};

/// Outputs, final states, and the gradients of a weighted sum of them with respect to inputs, initial states, variables
/// and `captured` tensors. What has integers has no gradient.
inline Everything everything(unroll::RNNCell& cell, const unroll::Nest& x, const unroll::DynamicRnnOptions& options,
                             const std::vector<unroll::Tensor>& captured = {}) {
  using namespace unroll;
  std::vector<Tensor> sources;
  std::vector<std::string> names;
  auto add = [&](const std::string& name, const std::vector<Tensor>& tensors) {
    for (std::size_t k = 0; k < tensors.size(); ++k) {
      if (!is_floating(tensors[k].dtype())) continue;
      sources.push_back(tensors[k]);
      names.push_back("gradient of " + name + " " + std::to_string(k));
    }
  };
  add("input", x.flatten());
  add("initial state", options.initial_state.flatten());
  std::vector<Variable> variables = cell.trainable_variables();
  add("variable", std::vector<Tensor>(variables.begin(), variables.end()));
  add("captured tensor", captured);
  GradientTape tape;
  for (const Tensor& t : sources) tape.watch(t);
  auto [outputs, state] = dynamic_rnn(cell, x, options);
  std::vector<Nest> results, weights;
  std::uint64_t stream = 500;
  Nest::tuple({outputs, state}).for_each([&](const Tensor& t) {
    if (!is_floating(t.dtype())) return;
    results.emplace_back(t);
    weights.emplace_back(random_tensor(t.shape(), stream++, 1, t.dtype()));
  });
  Everything all;
  all.add("output", outputs.flatten());
  all.add("final state", state.flatten());
  std::vector<Tensor> gradients =
      tape.gradient(Nest::tuple(results), sources, {.output_gradients = Nest::tuple(weights)});
  all.names.insert(all.names.end(), names.begin(), names.end());
  all.values.insert(all.values.end(), gradients.begin(), gradients.end());
  return all;
}

/// The first name at which the two differ by more than `tolerance`, relative to the largest element of the tensor, or
/// to 1 if that is smaller; empty if there is none. With tolerance 0: bit for bit.
inline std::string first_difference(const Everything& got, const Everything& want, double tolerance) {
  using namespace unroll;
  if (got.names != want.names) return "names";
  for (std::size_t k = 0; k < got.names.size(); ++k) {
    const Tensor &a = got.values[k], &b = want.values[k];
    if (!a || !b) {
      if (a.defined() != b.defined()) return got.names[k] + (a ? " exists" : " does not exist");
      continue;
    }
    if (a.spec() != b.spec()) return got.names[k] + " has another shape or dtype";
    if (tolerance == 0) {
      if (!bit_equal(a, b)) return got.names[k] + " differs in its bits";
      continue;
    }
    Tensor x(a, float64), y(b, float64);
    double scale = 1, worst = 0;
    for (double v : y.values<double>()) scale = std::max(scale, std::abs(v));
    for (Index i = 0; i < x.size(); ++i) {
      double d = std::abs(x.data<double>()[i] - y.data<double>()[i]);
      worst = d <= worst ? worst : d;  // NaN goes through
    }
    if (!(worst <= tolerance * scale))
      return got.names[k] + " differs by " + std::to_string(worst / scale / tolerance) + " times the tolerance";
  }
  return {};
}

/// Random inputs for a case: (batch, time, ...), or (time, batch, ...).
inline unroll::Nest random_inputs(const CompiledCase& c, unroll::Index first, unroll::Index second, unroll::DType dtype,
                                  std::uint64_t stream = 1) {
  using namespace unroll;
  return c.input.map([&](const Shape& size) { return random_tensor(Shape{first, second} + size, stream++, 1, dtype); });
}

/// The cell of a case, built for its inputs, with random variables.
inline std::shared_ptr<unroll::RNNCell> built_cell(const CompiledCase& c, unroll::DType dtype) {
  using namespace unroll;
  auto cell = c.make();
  dynamic_rnn(*cell, random_inputs(c, 1, 1, dtype), {.dtype = dtype, .executor = Executor::eager});
  randomize(*cell);
  return cell;
}

}  // namespace testing
