#include "unroll/autograd/ops/normalization.hpp"

#include <cmath>

#include "unroll/autograd/op.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/broadcast.hpp"
#include "unroll/autograd/ops/math.hpp"
#include "unroll/autograd/ops/reduce.hpp"
#include "unroll/autograd/vjp.hpp"
#include "unroll/core/kernels/arithmetic.hpp"
#include "unroll/core/kernels/reduction.hpp"

namespace unroll {
namespace {

// Of x, gamma and beta; the results are y, the means, and the reciprocals of the standard deviations.
struct LayerNorm final : MultiOp {
  double epsilon;
  explicit LayerNorm(double e) : epsilon(e) {}
  std::string_view name() const override { return "layer_norm"; }
  bool decompose(Inputs x, std::span<Tensor> y) const override {
    y[1] = reduce_mean(x[0], {-1}, true);
    Tensor centred = x[0] - y[1];
    y[2] = rsqrt(reduce_mean(square(centred), {-1}, true) + epsilon);
    y[0] = centred * y[2] * x[1] + x[2];
    return true;
  }
  void infer(Inputs x, std::span<TensorSpec> y) const override {
    same_dtype(name(), x);
    floating(name(), x[0]);
    const Shape& shape = x[0].shape();
    for (std::size_t k : {1, 2})
      if (shape.rank() == 0 || x[k].shape() != Shape{shape[-1]})
        raise<ValueError>(name(), "x has shape ", shape, ", ", k == 1 ? "gamma" : "beta", " has shape ", x[k].shape(),
                          "; expected (..., n) and (n,)");
    y[0] = x[0].spec();
    y[1] = y[2] = {shape.with(-1, 1), x[0].dtype()};
  }
  void forward(Inputs x, std::span<Tensor> y) const override {
    dispatch_floating(name(), x[0].dtype(), [&](auto zero) {
      using T = decltype(zero);
      const T *in = x[0].data<T>(), *gamma = x[1].data<T>(), *beta = x[2].data<T>();
      T *out = y[0].mutable_data<T>(), *mean = y[1].mutable_data<T>(), *scale = y[2].mutable_data<T>();
      Index n = x[1].size();
      for (Index row = 0; row < y[1].size(); ++row, in += n, out += n) {
        mean[row] = kernels::sum(in, n) / static_cast<T>(n);
        kernels::subtract(in, 1, mean + row, 0, out, n);
        scale[row] = 1 / std::sqrt(kernels::sum_of_squares(out, n) / static_cast<T>(n) + static_cast<T>(epsilon));
        kernels::multiply(out, 1, scale + row, 0, out, n);
        kernels::multiply(out, 1, gamma, 1, out, n);
        kernels::add(out, 1, beta, 1, out, n);
      }
    });
  }
  void vjp(Vjp& v) const override {
    const Tensor &x = v.input(0), &gamma = v.input(1), &mean = v.output(1), &scale = v.output(2);
    Tensor normalized = (x - mean) * scale;
    double n = static_cast<double>(gamma.size());
    if (v.has_gradient(0)) {
      const Tensor& g = v.gradient();
      v.add_broadcast(2, g);
      if (v.needs(1)) v.add_broadcast(1, g * normalized);
      if (v.needs(0)) {
        Tensor d = g * gamma;
        v.add(0, scale * (d - reduce_mean(d, {-1}, true) - normalized * reduce_mean(d * normalized, {-1}, true)));
      }
    }
    if (v.has_gradient(1)) v.add(0, broadcast_to(v.gradient(1) / n, x.shape()));
    if (v.has_gradient(2)) v.add(0, normalized * (v.gradient(2) * scale * scale / -n));
  }
};

}  // namespace

Tensor layer_norm(const Tensor& x, const Tensor& gamma, const Tensor& beta, double epsilon) {
  if (!(epsilon >= 0)) raise<ValueError>("layer_norm", "epsilon is ", epsilon, ", expected 0 or more");
  std::array<Tensor, 3> results;
  apply_into(results, LayerNorm(epsilon), x, gamma, beta);
  return results[0];
}

}  // namespace unroll
