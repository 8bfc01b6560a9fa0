#pragma once
// What reductions share. For the sources of ops.
#include <algorithm>

#include "unroll/autograd/op.hpp"
#include "unroll/autograd/vjp.hpp"
#include "unroll/core/broadcast.hpp"
#include "unroll/core/kernels/accumulate.hpp"
#include "unroll/core/kernels/reduction.hpp"

namespace unroll {

/// The axes that a reduction goes over.
struct ReducedAxes {
  std::uint32_t bits = 0;  // bit k: axis k
  bool keepdims = false;

  bool has(int axis) const { return bits >> axis & 1; }
  /// The shape with ones in the place of these axes.
  Shape kept(const Shape& shape) const;
  /// The shape of the result.
  Shape result(const Shape& shape) const;
};

/// The axes listed, all if there are none. Throws IndexError outside of x's rank, ValueError for an axis named twice.
ReducedAxes reduced_axes(std::string_view who, const Tensor& x, IndexList axes, bool keepdims);

class ReductionOp : public Op {
 public:
  ReducedAxes axes;
  explicit ReductionOp(ReducedAxes a) : axes(a) {}
  auto attributes() const { return std::pair(axes.bits, axes.keepdims); }
  using Op::infer;
  TensorSpec infer(Inputs x) const override { return {axes.result(x[0].shape()), x[0].dtype()}; }
};

/// Reduces x to `kept`, a shape that broadcasts to x's: `elements(T* y, const T* x, Index n)` takes n elements into n
/// results, `run(T y, const T* x, Index n)` n elements into one, which it returns. The order is that of x.
template <class T, class Elements, class Run>
void reduce_into(const Tensor& x, const Shape& kept, T start, Tensor& y, Elements&& elements, Run&& run) {
  const T* in = x.data<T>();
  T* out = y.mutable_data<T>();
  std::fill_n(out, y.size(), start);
  BroadcastRuns<1>(x.shape(), {&kept}).for_each([&](const auto& offset, const auto& step, Index first, Index n) {
    T* to = out + offset[0];
    if (step[0])
      elements(to, in + first, n);
    else
      *to = run(*to, in + first, n);
  });
}

template <class T>
void sum_into(const Tensor& x, const Shape& kept, Tensor& y) {
  reduce_into<T>(
      x, kept, 0, y, [](T* to, const T* in, Index n) { kernels::add_to(to, in, n); },
      [](T sum, const T* in, Index n) { return static_cast<T>(sum + kernels::sum(in, n)); });
}

}  // namespace unroll
