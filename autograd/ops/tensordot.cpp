#include "unroll/autograd/ops/tensordot.hpp"

#include <algorithm>
#include <numeric>

#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/matmul.hpp"
#include "unroll/autograd/ops/reduction.hpp"
#include "unroll/autograd/ops/reshape.hpp"
#include "unroll/autograd/ops/transpose.hpp"

namespace unroll {
namespace {

struct Dot final : Op {
  std::string_view name() const override { return "dot"; }
  TensorSpec infer(Inputs x) const override {
    same_dtype(name(), x);
    if (x[0].rank() != 1 || x[0].shape() != x[1].shape())
      raise<ValueError>(name(), "a has shape ", x[0].shape(), ", b has shape ", x[1].shape(),
                        "; expected two vectors of one length");
    return {{}, x[0].dtype()};
  }
  void forward(Inputs x, Tensor& y) const override {
    dispatch_number(name(), y.dtype(), [&](auto zero) {
      using T = decltype(zero);
      *y.mutable_data<T>() = kernels::dot(x[0].data<T>(), x[1].data<T>(), x[0].size());
    });
  }
  void vjp(Vjp& v) const override {
    if (v.needs(0)) v.add(0, v.gradient() * v.input(1));
    if (v.needs(1)) v.add(1, v.gradient() * v.input(0));
  }
  Saved saved() const override { return {Saved::all, Saved::none}; }
};

// x as a matrix: the listed axes, in that order, make its rows (or columns), the others its columns (rows). The others'
// dimensions are appended to `rest`.
Tensor matrix(const Tensor& x, IndexList axes, bool rows, Shape& rest) {
  ReducedAxes listed = axes.empty() ? ReducedAxes{} : reduced_axes("tensordot", x, axes, false);
  Shape others = listed.result(x.shape());
  std::vector<int> order;
  for (int axis = 0; axis < x.rank(); ++axis)
    if (!listed.has(axis)) order.push_back(axis);
  auto at = order.insert(rows ? order.begin() : order.end(), axes.size(), 0);
  Index sum = 1;
  for (Index axis : axes) {
    *at = x.shape().normalize_axis(static_cast<int>(axis));
    sum *= x.shape(*at++);
  }
  rest = rest + others;
  Tensor moved = std::is_sorted(order.begin(), order.end()) ? x : transpose(x, order);
  return reshape(moved, rows ? Shape{sum, others.size()} : Shape{others.size(), sum});
}

}  // namespace

Tensor dot(const Tensor& a, const Tensor& b) { return apply(Dot{}, a, b); }

Tensor outer(const Tensor& a, const Tensor& b) {
  if (a.rank() != 1 || b.rank() != 1)
    raise<ValueError>("outer", "a has shape ", a.shape(), ", b has shape ", b.shape(), "; expected two vectors");
  return matmul(expand_dims(a, 1), expand_dims(b, 0));
}

Tensor tensordot(const Tensor& a, const Tensor& b, IndexList axes_of_a, IndexList axes_of_b) {
  if (axes_of_a.size() != axes_of_b.size())
    raise<ValueError>("tensordot", axes_of_a.size(), " axes of a are listed and ", axes_of_b.size(), " of b");
  for (std::size_t k = 0; k < axes_of_a.size(); ++k) {
    int p = normalize_axis("tensordot", axes_of_a[k], a.rank()),
        q = normalize_axis("tensordot", axes_of_b[k], b.rank());
    if (a.shape(p) != b.shape(q))
      raise<ValueError>("tensordot", "a has shape ", a.shape(), ", b has shape ", b.shape(), "; axis ", p, " of a and ",
                        q, " of b differ");
  }
  Shape shape;
  Tensor left = matrix(a, axes_of_a, false, shape), right = matrix(b, axes_of_b, true, shape);
  return reshape(matmul(left, right), shape);
}

Tensor tensordot(const Tensor& a, const Tensor& b, int axes) {
  if (axes < 0 || axes > a.rank() || axes > b.rank())
    raise<ValueError>("tensordot", "axes is ", axes, "; a has shape ", a.shape(), ", b has shape ", b.shape());
  std::vector<Index> of_a(axes), of_b(axes);
  std::iota(of_a.begin(), of_a.end(), a.rank() - axes);
  std::iota(of_b.begin(), of_b.end(), 0);
  return tensordot(a, b, of_a, of_b);
}

}  // namespace unroll
