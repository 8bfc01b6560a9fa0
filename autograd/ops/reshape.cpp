#include "unroll/autograd/ops/reshape.hpp"

#include "unroll/autograd/vjp.hpp"

namespace unroll {
namespace {

struct Reshape final : ViewOp {
  Shape shape;
  explicit Reshape(const Shape& s) : shape(s) {}
  std::string_view name() const override { return "reshape"; }
  Lowering lowering() const override { return {.kind = Lowering::Kind::reshape}; }
  const Shape& attributes() const { return shape; }
  TensorSpec infer(Inputs x) const override {
    if (shape.size() != x[0].size())
      raise<ValueError>(name(), "shape ", x[0].shape(), " has ", x[0].size(), " elements and cannot become ", shape);
    return {shape, x[0].dtype()};
  }
  Tensor view(Inputs x) const override { return x[0].reshaped_view(infer(x).shape); }
  void vjp(Vjp& v) const override { v.add(0, reshape(v.gradient(), v.input_shape(0))); }
};

}  // namespace

Tensor reshape(const Tensor& x, IndexList shape) {
  std::array<Index, Shape::max_rank> dims;
  Index known = 1, unknown = -1;
  if (shape.size() > dims.size())
    raise<ValueError>("reshape", "the new rank is ", shape.size(), ", expected at most ", dims.size());
  for (std::size_t k = 0; k < shape.size(); ++k) {
    dims[k] = shape[k];
    if (dims[k] != -1) {
      known = dims[k] > 0 && known > x.size() / dims[k] ? x.size() + 1 : known * dims[k];
    } else {
      if (unknown >= 0) raise<ValueError>("reshape", "dimensions ", unknown, " and ", k, " are both -1");
      unknown = static_cast<Index>(k);
    }
  }
  if (unknown >= 0) {
    if (known <= 0 || x.size() % known)
      raise<ValueError>("reshape", "-1 cannot be worked out: ", x.size(), " elements of shape ", x.shape(),
                        " do not divide among the other dimensions");
    dims[unknown] = x.size() / known;
  }
  return apply(Reshape(Shape(std::span<const Index>(dims.data(), shape.size()))), x);
}

Tensor expand_dims(const Tensor& x, int axis) {
  return apply(Reshape(x.shape().insert(normalize_axis("expand_dims", axis, x.rank() + 1), 1)), x);
}

Tensor squeeze(const Tensor& x, IndexList axes) {
  std::uint32_t chosen = axes.empty() ? ~0u : 0;
  for (Index given : axes) {
    int axis = normalize_axis("squeeze", given, x.rank());
    if (x.shape(axis) != 1)
      raise<ValueError>("squeeze", "axis ", given, " of shape ", x.shape(), " is not 1 and cannot be removed");
    chosen |= 1u << axis;
  }
  std::array<Index, Shape::max_rank> dims;
  std::size_t rank = 0;
  for (int axis = 0; axis < x.rank(); ++axis)
    if (x.shape(axis) != 1 || !(chosen >> axis & 1)) dims[rank++] = x.shape(axis);
  return apply(Reshape(Shape(std::span<const Index>(dims.data(), rank))), x);
}

Tensor flatten(const Tensor& x, int first, int last) {
  int rank = std::max(x.rank(), 1);
  first = normalize_axis("flatten", first, rank);
  last = normalize_axis("flatten", last, rank);
  if (last < first) raise<ValueError>("flatten", "the last axis, ", last, ", lies before the first, ", first);
  const Shape& s = x.shape();
  return apply(Reshape(s.slice(0, first) + Shape(s.slice(first, last + 1).size()) + s.slice(last + 1)), x);
}

}  // namespace unroll
