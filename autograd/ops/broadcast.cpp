#include "unroll/autograd/ops/broadcast.hpp"

#include "unroll/autograd/ops/reduction.hpp"
#include "unroll/core/creation.hpp"
#include "unroll/core/strided.hpp"

namespace unroll {
namespace {

struct BroadcastTo final : Op {
  Shape shape;
  explicit BroadcastTo(const Shape& s) : shape(s) {}
  std::string_view name() const override { return "broadcast_to"; }
  Lowering lowering() const override { return {.kind = Lowering::Kind::broadcast}; }
  const Shape& attributes() const { return shape; }
  TensorSpec infer(Inputs x) const override {
    if (!broadcasts_to(x[0].shape(), shape))
      raise<ValueError>(name(), "shape ", x[0].shape(), " cannot be broadcast to ", shape);
    return {shape, x[0].dtype()};
  }
  void forward(Inputs x, Tensor& y) const override {
    StridedPattern own = contiguous_pattern(x[0].shape()), pattern{shape};
    int offset = shape.rank() - x[0].rank();
    for (int axis = 0; axis < x[0].rank(); ++axis)
      if (x[0].shape(axis) != 1) pattern.strides[offset + axis] = own.strides[axis];
    gather_strided(x[0], pattern, y);
  }
  void vjp(Vjp& v) const override { v.add_broadcast(0, v.gradient()); }
  Saved saved() const override { return {Saved::none, Saved::none}; }
};

struct SumTo final : Op {
  Shape shape;
  explicit SumTo(const Shape& s) : shape(s) {}
  std::string_view name() const override { return "sum_to"; }
  Lowering lowering() const override { return {.kind = Lowering::Kind::sum_to}; }
  const Shape& attributes() const { return shape; }
  TensorSpec infer(Inputs x) const override {
    floating(name(), x[0]);
    if (!broadcasts_to(shape, x[0].shape()))
      raise<ValueError>(name(), "shape ", shape, " does not broadcast to ", x[0].shape());
    return {shape, x[0].dtype()};
  }
  void forward(Inputs x, Tensor& y) const override {
    dispatch_floating(name(), y.dtype(), [&](auto zero) { sum_into<decltype(zero)>(x[0], shape, y); });
  }
  void vjp(Vjp& v) const override { v.add(0, broadcast_to(v.gradient(), v.input_shape(0))); }
  Saved saved() const override { return {Saved::none, Saved::none}; }
};

}  // namespace

Tensor broadcast_to(const Tensor& x, const Shape& shape) { return apply(BroadcastTo(shape), x); }

Tensor sum_to(const Tensor& x, const Shape& shape) { return x.shape() == shape ? x : apply(SumTo(shape), x); }

}  // namespace unroll
