#include "unroll/autograd/ops/transpose.hpp"

#include "unroll/autograd/vjp.hpp"
#include "unroll/core/strided.hpp"

namespace unroll {
namespace {

struct Transpose final : Op {
  std::array<int, Shape::max_rank> axes{};  // as many as x has
  std::string_view name() const override { return "transpose"; }
  const auto& attributes() const { return axes; }
  TensorSpec infer(Inputs x) const override {
    std::array<Index, Shape::max_rank> dims;
    for (int k = 0; k < x[0].rank(); ++k) dims[k] = x[0].shape(axes[k]);
    return {Shape(std::span<const Index>(dims.data(), x[0].rank())), x[0].dtype()};
  }
  void forward(Inputs x, Tensor& y) const override {
    StridedPattern own = contiguous_pattern(x[0].shape()), pattern{y.shape()};
    for (int k = 0; k < y.rank(); ++k) pattern.strides[k] = own.strides[axes[k]];
    gather_strided(x[0], pattern, y);
  }
  void vjp(Vjp& v) const override {
    std::vector<int> inverse(v.input_shape(0).rank());
    for (std::size_t k = 0; k < inverse.size(); ++k) inverse[axes[k]] = static_cast<int>(k);
    v.add(0, transpose(v.gradient(), inverse));
  }
  Saved saved() const override { return {Saved::none, Saved::none}; }
};

}  // namespace

Tensor transpose(const Tensor& x, const std::vector<int>& permutation) {
  Transpose op;
  if (permutation.empty()) {
    for (int k = 0; k < x.rank(); ++k) op.axes[k] = x.rank() - 1 - k;
    return apply(op, x);
  }
  std::uint32_t seen = 0;
  bool valid = static_cast<int>(permutation.size()) == x.rank();
  for (std::size_t k = 0; valid && k < permutation.size(); ++k) {
    valid = permutation[k] >= -x.rank() && permutation[k] < x.rank();
    if (valid) seen |= 1u << (op.axes[k] = x.shape().normalize_axis(permutation[k]));
  }
  if (!valid || seen != (1u << x.rank()) - 1)
    raise<ValueError>("transpose", "the permutation is not one of the ", x.rank(), " axes of shape ", x.shape());
  return apply(op, x);
}

}  // namespace unroll
