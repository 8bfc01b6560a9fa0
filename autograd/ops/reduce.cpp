#include "unroll/autograd/ops/reduce.hpp"

#include <limits>

#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/broadcast.hpp"
#include "unroll/autograd/ops/cast.hpp"
#include "unroll/autograd/ops/comparison.hpp"
#include "unroll/autograd/ops/math.hpp"
#include "unroll/autograd/ops/reduction.hpp"
#include "unroll/autograd/ops/reshape.hpp"
#include "unroll/autograd/ops/slice.hpp"
#include "unroll/autograd/ops/transpose.hpp"
#include "unroll/core/creation.hpp"
#include "unroll/core/kernels/arithmetic.hpp"
#include "unroll/core/kernels/reduction.hpp"
#include "unroll/core/kernels/softmax.hpp"

namespace unroll {
namespace {

Tensor kept(const ReducedAxes& axes, const Tensor& y, const Shape& shape) {
  return axes.keepdims ? y : reshape(y, axes.kept(shape));
}

struct ReduceSum : ReductionOp {
  using ReductionOp::ReductionOp;
  std::string_view name() const override { return "reduce_sum"; }
  Lowering lowering() const override { return {.kind = Lowering::Kind::sum, .axis = static_cast<int>(axes.bits)}; }
  void forward(Inputs x, Tensor& y) const override {
    dispatch_number(name(), y.dtype(), [&](auto zero) { sum_into<decltype(zero)>(x[0], axes.kept(x[0].shape()), y); });
  }
  void vjp(Vjp& v) const override {
    Shape shape = v.input_shape(0);
    v.add(0, broadcast_to(kept(axes, v.gradient(), shape), shape));
  }
  Saved saved() const override { return {Saved::none, Saved::none}; }
};

struct ReduceMean final : ReduceSum {
  using ReduceSum::ReduceSum;
  std::string_view name() const override { return "reduce_mean"; }
  Lowering lowering() const override { return {.kind = Lowering::Kind::mean, .axis = static_cast<int>(axes.bits)}; }
  TensorSpec infer(Inputs x) const override {
    floating(name(), x[0]);
    return ReduceSum::infer(x);
  }
  void forward(Inputs x, Tensor& y) const override {
    ReduceSum::forward(x, y);
    dispatch_floating(name(), y.dtype(), [&](auto zero) {
      using T = decltype(zero);
      T* out = y.mutable_data<T>();
      T count = static_cast<T>(static_cast<double>(x[0].size()) / static_cast<double>(y.size()));
      kernels::divide(out, 1, &count, 0, out, y.size());
    });
  }
  void vjp(Vjp& v) const override {
    Shape shape = v.input_shape(0);
    Tensor g = v.gradient() / (static_cast<double>(shape.size()) / static_cast<double>(v.gradient().size()));
    v.add(0, broadcast_to(kept(axes, g, shape), shape));
  }
};

// The largest or smallest one.
struct Extremum : ReductionOp {
  using ReductionOp::ReductionOp;
  TensorSpec infer(Inputs x) const override {
    TensorSpec y = ReductionOp::infer(x);
    if (x[0].size() == 0 && y.shape.size() > 0)
      raise<ValueError>(name(), "x has shape ", x[0].shape(), "; there is no element to choose");
    return y;
  }
  void vjp(Vjp& v) const override {
    const Tensor& x = v.input(0);
    Tensor chosen = cast(equal(x, kept(axes, v.output(), x.shape())), x.dtype());
    Tensor ties = apply(ReduceSum(ReducedAxes{axes.bits, true}), chosen);
    v.add(0, chosen * (kept(axes, v.gradient(), x.shape()) / ties));
  }

 protected:
  // `all` is the kernel that reduces a run to one, `pairs` the one that works element by element.
  template <class All, class Pairs>
  void run(Inputs x, Tensor& y, All&& all, Pairs&& pairs) const {
    dispatch_number(name(), y.dtype(), [&](auto zero) {
      using T = decltype(zero);
      reduce_into<T>(
          x[0], axes.kept(x[0].shape()), all(static_cast<const T*>(nullptr), 0), y,
          [&](T* to, const T* in, Index n) { pairs(to, 1, in, 1, to, n); },
          [&](T best, const T* in, Index n) {
            T other = all(in, n);
            pairs(&best, 1, &other, 1, &best, 1);
            return best;
          });
    });
  }
};

struct ReduceMax final : Extremum {
  using Extremum::Extremum;
  std::string_view name() const override { return "reduce_max"; }
  Lowering lowering() const override { return {.kind = Lowering::Kind::max, .axis = static_cast<int>(axes.bits)}; }
  void forward(Inputs x, Tensor& y) const override {
    run(
        x, y, [](auto... of) { return kernels::max(of...); }, [](auto... of) { kernels::maximum(of...); });
  }
};

struct ReduceMin final : Extremum {
  using Extremum::Extremum;
  std::string_view name() const override { return "reduce_min"; }
  void forward(Inputs x, Tensor& y) const override {
    run(
        x, y, [](auto... of) { return kernels::min(of...); }, [](auto... of) { kernels::minimum(of...); });
  }
};

struct LogicalReduction : ReductionOp {
  using ReductionOp::ReductionOp;
  TensorSpec infer(Inputs x) const override {
    if (x[0].dtype() != bool_) raise<TypeError>(name(), "expected bool, got ", x[0].dtype());
    return ReductionOp::infer(x);
  }
  bool differentiable() const override { return false; }
};

struct ReduceAll final : LogicalReduction {
  using LogicalReduction::LogicalReduction;
  std::string_view name() const override { return "reduce_all"; }
  void forward(Inputs x, Tensor& y) const override {
    reduce_into<bool>(
        x[0], axes.kept(x[0].shape()), true, y,
        [](bool* to, const bool* in, Index n) { std::transform(to, to + n, in, to, std::logical_and<>()); },
        [](bool all, const bool* in, Index n) { return all && std::find(in, in + n, false) == in + n; });
  }
};

struct ReduceAny final : LogicalReduction {
  using LogicalReduction::LogicalReduction;
  std::string_view name() const override { return "reduce_any"; }
  void forward(Inputs x, Tensor& y) const override {
    reduce_into<bool>(
        x[0], axes.kept(x[0].shape()), false, y,
        [](bool* to, const bool* in, Index n) { std::transform(to, to + n, in, to, std::logical_or<>()); },
        [](bool any, const bool* in, Index n) { return any || std::find(in, in + n, true) != in + n; });
  }
};

// Over the last axis.
struct LogSumExp final : Op {
  std::string_view name() const override { return "reduce_logsumexp"; }
  TensorSpec infer(Inputs x) const override {
    floating(name(), x[0]);
    return {x[0].shape().without(-1), x[0].dtype()};
  }
  void forward(Inputs x, Tensor& y) const override {
    dispatch_floating(name(), y.dtype(), [&](auto zero) {
      using T = decltype(zero);
      const T* row = x[0].data<T>();
      Index n = x[0].shape(-1);
      for (T& out : std::span(y.mutable_data<T>(), y.size())) {
        T shift;
        out = kernels::log_sum_exp(row, n, &shift);
        out += shift;
        row += n;
      }
    });
  }
  void vjp(Vjp& v) const override {
    v.add(0, expand_dims(v.gradient(), -1) * exp(v.input(0) - expand_dims(v.output(), -1)));
  }
};

// x with the reduced axes together: after the others as (..., n), or before them as (n, ...).
Tensor gathered(const ReducedAxes& axes, const Tensor& x, bool last) {
  std::vector<int> order, reduced;
  Index count = 1;
  for (int axis = 0; axis < x.rank(); ++axis) {
    (axes.has(axis) ? reduced : order).push_back(axis);
    if (axes.has(axis)) count *= x.shape(axis);
  }
  order.insert(last ? order.end() : order.begin(), reduced.begin(), reduced.end());
  Shape others = ReducedAxes{axes.bits, false}.result(x.shape());
  Tensor moved = std::is_sorted(order.begin(), order.end()) ? x : transpose(x, order);
  return reshape(moved, last ? others + Shape(count) : Shape(count) + others);
}

}  // namespace

ReducedAxes reduced_axes(std::string_view who, const Tensor& x, IndexList axes, bool keepdims) {
  if (axes.empty()) return {(1u << x.rank()) - 1, keepdims};
  std::uint32_t bits = 0;
  for (Index axis : axes) {
    std::uint32_t bit = 1u << normalize_axis(who, axis, x.rank());
    if (bits & bit) raise<ValueError>(who, "axis ", axis, " is named twice");
    bits |= bit;
  }
  return {bits, keepdims};
}

Shape ReducedAxes::kept(const Shape& shape) const {
  std::array<Index, Shape::max_rank> dims;
  for (int k = 0; k < shape.rank(); ++k) dims[k] = has(k) ? 1 : shape.begin()[k];
  return Shape(std::span<const Index>(dims.data(), shape.rank()));
}

Shape ReducedAxes::result(const Shape& shape) const {
  if (keepdims) return kept(shape);
  std::array<Index, Shape::max_rank> dims;
  int rank = 0;
  for (int k = 0; k < shape.rank(); ++k)
    if (!has(k)) dims[rank++] = shape.begin()[k];
  return Shape(std::span<const Index>(dims.data(), rank));
}

Tensor reduce_sum(const Tensor& x, IndexList axes, bool keepdims) {
  return apply(ReduceSum(reduced_axes("reduce_sum", x, axes, keepdims)), x);
}
Tensor reduce_mean(const Tensor& x, IndexList axes, bool keepdims) {
  return apply(ReduceMean(reduced_axes("reduce_mean", x, axes, keepdims)), x);
}
Tensor reduce_max(const Tensor& x, IndexList axes, bool keepdims) {
  return apply(ReduceMax(reduced_axes("reduce_max", x, axes, keepdims)), x);
}
Tensor reduce_min(const Tensor& x, IndexList axes, bool keepdims) {
  return apply(ReduceMin(reduced_axes("reduce_min", x, axes, keepdims)), x);
}
Tensor reduce_all(const Tensor& x, IndexList axes, bool keepdims) {
  return apply(ReduceAll(reduced_axes("reduce_all", x, axes, keepdims)), x);
}
Tensor reduce_any(const Tensor& x, IndexList axes, bool keepdims) {
  return apply(ReduceAny(reduced_axes("reduce_any", x, axes, keepdims)), x);
}

Tensor reduce_logsumexp(const Tensor& x, IndexList axes, bool keepdims) {
  ReducedAxes over = reduced_axes("reduce_logsumexp", x, axes, keepdims);
  return reshape(apply(LogSumExp{}, gathered(over, x, true)), over.result(x.shape()));
}

Tensor reduce_prod(const Tensor& x, IndexList axes, bool keepdims) {
  ReducedAxes over = reduced_axes("reduce_prod", x, axes, keepdims);
  if (x.dtype() == bool_) raise<TypeError>("reduce_prod", "expected numbers, got bool");
  // Halves are multiplied until one row is left, so that no gradient divides by an element.
  Tensor rows = gathered(over, x, false), odd;
  Index n = rows.shape(0);
  if (n == 0) return ones(over.result(x.shape()), x.dtype());
  for (; n > 1; n /= 2) {
    if (n % 2) odd = odd ? odd * slice_rows(rows, n - 1, n) : slice_rows(rows, n - 1, n);
    rows = slice_rows(rows, 0, n / 2) * slice_rows(rows, n / 2, n / 2 * 2);
  }
  return reshape(odd ? rows * odd : rows, over.result(x.shape()));
}

}  // namespace unroll
