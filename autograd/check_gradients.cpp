#include "unroll/autograd/check_gradients.hpp"

#include <cmath>
#include <sstream>

#include "unroll/autograd/tape.hpp"

namespace unroll {
namespace {
constexpr std::string_view who = "check_gradients";

// Numbers between -1 and 1 without a pattern that an error could cancel in (splitmix64).
Tensor weights_like(const Tensor& t, std::uint64_t& state) {
  Tensor w({t.shape(), t.dtype()});
  dispatch_floating(who, t.dtype(), [&](auto zero) {
    using T = decltype(zero);
    T* out = w.mutable_data<T>();
    for (Index k = 0; k < w.size(); ++k) {
      std::uint64_t z = (state += 0x9e3779b97f4a7c15u);
      z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
      z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
      out[k] = static_cast<T>(static_cast<double>((z ^ (z >> 31)) >> 11) * 0x1p-52 - 1);
    }
  });
  return w;
}

double weighted_sum(const Nest& results, const Nest& weights) {
  std::vector<Tensor> r = results.flatten(), w = weights.flatten();
  double sum = 0;
  for (std::size_t k = 0; k < r.size(); ++k)
    dispatch_floating(who, r[k].dtype(), [&](auto zero) {
      using T = decltype(zero);
      for (Index i = 0; i < r[k].size(); ++i)
        sum += static_cast<double>(r[k].data<T>()[i]) * static_cast<double>(w[k].data<T>()[i]);
    });
  return sum;
}

std::string index_of(Index flat, const Shape& shape) {
  std::vector<Index> index(static_cast<std::size_t>(shape.rank()));
  for (int axis = shape.rank() - 1; axis >= 0; --axis) {
    index[axis] = flat % shape[axis];
    flat /= shape[axis];
  }
  std::ostringstream out;
  out << '(';
  for (std::size_t k = 0; k < index.size(); ++k) out << (k ? ", " : "") << index[k];
  out << ')';
  return out.str();
}

// `value(k, i, x)` is the weighted sum with element i of input k set to x.
template <class F>
GradientCheck compare(const std::vector<Tensor>& inputs, const std::vector<Tensor>& gradients,
                      const std::vector<std::string>& names, const GradientCheckOptions& options, F&& value) {
  GradientCheck check;
  for (std::size_t k = 0; k < inputs.size(); ++k)
    for (Index i = 0; i < inputs[k].size(); ++i) {
      double x = inputs[k].data<double>()[i];
      double numeric = (value(k, i, x + options.step) - value(k, i, x - options.step)) / (2 * options.step);
      double analytic = gradients[k] ? gradients[k].data<double>()[i] : 0;
      double allowed = options.absolute + options.relative * std::max(std::abs(analytic), std::abs(numeric));
      double off = std::abs(analytic - numeric) / allowed;
      ++check.checked;
      if (off <= 1) {
        check.worst = std::max(check.worst, off);
        continue;
      }
      check.worst = std::isnan(off) ? off : std::max(check.worst, off);
      if (check.failures.size() >= 20) continue;
      std::ostringstream line;
      line.precision(12);
      line << names[k] << " at " << index_of(i, inputs[k].shape()) << ": gradient " << analytic << ", by differences "
           << numeric;
      check.failures.push_back(line.str());
    }
  if (check.checked == 0) raise<ValueError>(who, "there is no element to check");
  return check;
}

void check_repeatable(const Nest& first, const Nest& second) {
  std::vector<Tensor> a = first.flatten(), b = second.flatten();
  for (std::size_t k = 0; k < a.size(); ++k)
    if (a.size() != b.size() || !bit_equal(a[k], b[k]))
      raise<ValueError>(who, "the function gives other results when it is called again");
}

void check_float64(const Tensor& t, std::string_view what, std::size_t k) {
  if (t.dtype() != float64) raise<TypeError>(who, what, " ", k, " is ", t.dtype(), ", expected float64");
}

}  // namespace

std::string GradientCheck::to_string() const {
  std::ostringstream out;
  out << failures.size() << " of " << checked << " elements differ";
  for (const std::string& line : failures) out << '\n' << line;
  return out.str();
}

GradientCheck check_gradients(const std::function<Nest(const std::vector<Tensor>&)>& function,
                              const std::vector<Tensor>& inputs, const GradientCheckOptions& options) {
  std::vector<std::string> names;
  for (std::size_t k = 0; k < inputs.size(); ++k) {
    check_float64(inputs[k], "input", k);
    names.push_back("input " + std::to_string(k));
  }
  std::uint64_t state = options.seed;
  std::vector<Tensor> copies;
  for (const Tensor& x : inputs) copies.push_back(x.clone());
  GradientTape tape;
  for (const Tensor& x : copies) tape.watch(x);
  Nest results = function(copies);
  Nest weights = results.map([&](const Tensor& t) { return weights_like(t, state); });
  std::vector<Tensor> gradients = tape.gradient(results, copies, {.output_gradients = weights});
  check_repeatable(results, function(copies));
  return compare(inputs, gradients, names, options, [&](std::size_t k, Index i, double x) {
    std::vector<Tensor> varied = inputs;
    varied[k].mutable_data<double>()[i] = x;
    return weighted_sum(function(varied), weights);
  });
}

GradientCheck check_gradients(const std::function<Nest()>& function, const std::vector<Variable>& variables,
                              const GradientCheckOptions& options) {
  std::uint64_t state = options.seed;
  GradientTape tape;
  Nest results = function();
  Nest weights = results.map([&](const Tensor& t) { return weights_like(t, state); });
  std::vector<Tensor> gradients = tape.gradient(results, variables, {.output_gradients = weights});
  check_repeatable(results, function());
  std::vector<Tensor> inputs;
  std::vector<std::string> names;
  for (const Variable& v : variables) {
    check_float64(v, v.name(), inputs.size());
    inputs.push_back(v.value().clone());
    names.push_back(v.name());
  }
  return compare(inputs, gradients, names, options, [&](std::size_t k, Index i, double x) {
    double before = variables[k].value().data<double>()[i];
    variables[k].mutable_data<double>()[i] = x;
    double sum = weighted_sum(function(), weights);
    variables[k].mutable_data<double>()[i] = before;
    return sum;
  });
}

}  // namespace unroll
