#include "unroll/autograd/ops/pad.hpp"

#include <algorithm>
#include <limits>

#include "unroll/autograd/ops/broadcast.hpp"
#include "unroll/autograd/ops/elementwise.hpp"
#include "unroll/autograd/ops/gather.hpp"
#include "unroll/autograd/ops/reshape.hpp"
#include "unroll/autograd/ops/slice.hpp"
#include "unroll/core/strided.hpp"

namespace unroll {
namespace {

// Pads with input 1, a scalar.
struct PadConstant final : Op {
  std::array<Padding, Shape::max_rank> paddings{};
  std::string_view name() const override { return "pad"; }
  TensorSpec infer(Inputs x) const override {
    std::array<Index, Shape::max_rank> dims;
    int rank = x[0].rank();
    for (int k = 0; k < rank; ++k) dims[k] = x[0].shape(k) + paddings[k].before + paddings[k].after;
    return {Shape(std::span<const Index>(dims.data(), rank)), x[0].dtype()};
  }
  void forward(Inputs x, Tensor& y) const override {
    gather_strided(x[1], {y.shape()}, y);  // all strides 0
    StridedPattern inside = contiguous_pattern(y.shape());
    inside.shape = x[0].shape();
    for (int k = 0; k < y.rank(); ++k) inside.offset += paddings[k].before * inside.strides[k];
    scatter_strided(x[0], inside, y);
  }
  void vjp(Vjp& v) const override {
    std::array<Index, Shape::max_rank> begin;
    Shape size = v.input_shape(0);
    for (int k = 0; k < size.rank(); ++k) begin[k] = paddings[k].before;
    v.add(0, slice(v.gradient(), std::span<const Index>(begin.data(), size.rank()), size));
  }
  Saved saved() const override { return {Saved::none, Saved::none}; }
};

// Where the elements along a mirrored axis come from; `edge` is 1 if the outermost is not repeated.
Tensor mirrored(Index dim, const Padding& padding, Index edge) {
  Tensor indices({Shape(padding.before + dim + padding.after), int64});
  auto* out = indices.mutable_data<std::int64_t>();
  for (Index i = -padding.before; i < dim + padding.after; ++i)
    *out++ = i < 0 ? edge - 1 - i : i < dim ? i : 2 * dim - 1 - edge - i;
  return indices;
}

}  // namespace

Tensor pad(const Tensor& x, std::span<const Padding> paddings, const PadOptions& options) {
  constexpr std::string_view who = "pad";
  if (std::ssize(paddings) != x.rank())
    raise<ValueError>(who, paddings.size(), " paddings given, expected ", x.rank(), " for shape ", x.shape());
  bool constant = options.mode == PadMode::constant;
  Index edge = options.mode == PadMode::reflect;
  for (int axis = 0; axis < x.rank(); ++axis) {
    auto [before, after] = paddings[axis];
    Index most = constant ? std::numeric_limits<Index>::max() / 4 : std::max<Index>(0, x.shape(axis) - edge);
    if (before < 0 || after < 0 || before > most || after > most)
      raise<ValueError>(who, "the padding of axis ", axis, " is (", before, ", ", after, "), expected 0 to ", most,
                        " for shape ", x.shape());
  }
  if (constant) {
    PadConstant op;
    std::copy(paddings.begin(), paddings.end(), op.paddings.begin());
    return apply(op, x, scalar_like(who, x, options.constant_values));
  }
  Tensor y = x;
  for (int axis = 0; axis < x.rank(); ++axis)
    if (paddings[axis].before || paddings[axis].after)
      y = gather(y, mirrored(x.shape(axis), paddings[axis], edge), axis);
  return y;
}

Tensor tile(const Tensor& x, IndexList multiples) {
  if (std::ssize(multiples) != x.rank())
    raise<ValueError>("tile", multiples.size(), " multiples given, expected ", x.rank(), " for shape ", x.shape());
  Tensor y = x;
  for (int axis = x.rank() - 1; axis >= 0; --axis) {
    const Shape s = y.shape();
    Index multiple = multiples[axis], most = std::numeric_limits<Index>::max() / std::max<Index>(1, s[axis]);
    if (multiple < 0 || multiple > most)
      raise<ValueError>("tile", "the multiple of axis ", axis, " is ", multiple, ", expected 0 to ", most);
    if (multiple == 1) continue;
    Index outer = s.slice(0, axis).size(), inner = s.slice(axis).size();
    y = reshape(broadcast_to(reshape(y, {outer, 1, inner}), {outer, multiple, inner}),
                s.with(axis, s[axis] * multiple));
  }
  return y;
}

}  // namespace unroll
