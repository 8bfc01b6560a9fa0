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

/// Outputs, final states, and the gradients of a weighted sum of them with respect to inputs, initial states and
/// variables.
inline Everything everything(unroll::RNNCell& cell, const unroll::Nest& x, const unroll::DynamicRnnOptions& options) {
  using namespace unroll;
  std::vector<Tensor> sources = x.flatten();
  std::size_t inputs = sources.size();
  for (const Tensor& t : options.initial_state.flatten()) sources.push_back(t);
  std::size_t states = sources.size() - inputs;
  for (const Variable& v : cell.trainable_variables()) sources.push_back(v);
  GradientTape tape;
  tape.watch(x);
  tape.watch(options.initial_state);
  auto [outputs, state] = dynamic_rnn(cell, x, options);
  Nest results = Nest::tuple({outputs, state});
  std::uint64_t stream = 500;
  Nest weights = results.map([&](const Tensor& t) { return random_tensor(t.shape(), stream++, 1, t.dtype()); });
  std::vector<Tensor> gradients = tape.gradient(results, sources, {.output_gradients = weights});
  Everything all;
  all.add("output", outputs.flatten());
  all.add("final state", state.flatten());
  auto range = [&](std::size_t first, std::size_t last) {
    return std::vector<Tensor>(gradients.begin() + static_cast<std::ptrdiff_t>(first),
                               gradients.begin() + static_cast<std::ptrdiff_t>(last));
  };
  all.add("gradient of input", range(0, inputs));
  all.add("gradient of initial state", range(inputs, inputs + states));
  all.add("gradient of variable", range(inputs + states, gradients.size()));
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
