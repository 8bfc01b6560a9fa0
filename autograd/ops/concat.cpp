#include "unroll/autograd/ops/concat.hpp"

#include <algorithm>
#include <numeric>

#include "unroll/autograd/ops/reshape.hpp"
#include "unroll/autograd/ops/slice.hpp"
#include "unroll/autograd/vjp.hpp"
#include "unroll/core/strided.hpp"

namespace unroll {
namespace {

// In `rows` equal pieces, the whole's pieces are those of the parts one after another. One of the two sides is written.
template <class Part, class Copy>
void for_each_piece(Index rows, const Tensor& whole, std::size_t count, Part&& part, Copy&& copy) {
  if (whole.size() == 0) return;
  std::size_t row = whole.bytes() / rows, at = 0;
  for (std::size_t k = 0; k < count; ++k) {
    std::size_t bytes = part(k).bytes() / rows;
    copy(k, at, row, bytes);
    at += bytes;
  }
}

void join(Inputs x, Index rows, Tensor& y) {
  std::byte* out = y.mutable_raw();
  for_each_piece(
      rows, y, x.size(), [&](std::size_t k) -> const Tensor& { return x[k]; },
      [&](std::size_t k, std::size_t at, std::size_t row, std::size_t bytes) {
        const std::byte* in = x[k].raw();
        for (Index r = 0; r < rows; ++r) std::memcpy(out + at + r * row, in + r * bytes, bytes);
      });
}

void part(const Tensor& x, Index rows, std::span<Tensor> y) {
  const std::byte* in = x.raw();
  for_each_piece(
      rows, x, y.size(), [&](std::size_t k) -> const Tensor& { return y[k]; },
      [&](std::size_t k, std::size_t at, std::size_t row, std::size_t bytes) {
        std::byte* out = y[k].mutable_raw();
        for (Index r = 0; r < rows; ++r) std::memcpy(out + r * bytes, in + at + r * row, bytes);
      });
}

Index rows_before(const Shape& shape, int axis) { return shape.slice(0, axis).size(); }

// All gradients of the outputs, for `use`, which takes a span.
template <class F>
Tensor with_gradients(Vjp& v, F&& use) {
  std::array<Tensor, 8> few;
  std::vector<Tensor> many(v.output_count() > few.size() ? v.output_count() : 0);
  std::span<Tensor> all = many.empty() ? std::span<Tensor>(few).first(v.output_count()) : std::span<Tensor>(many);
  for (std::size_t k = 0; k < all.size(); ++k) all[k] = v.gradient(k);
  return use(std::span<const Tensor>(all));
}

struct Concat final : Op {
  int axis;
  explicit Concat(int a) : axis(a) {}
  std::string_view name() const override { return "concat"; }
  Lowering lowering() const override { return {.kind = Lowering::Kind::concat, .axis = axis}; }
  int attributes() const { return axis; }
  TensorSpec infer(Inputs x) const override {
    same_dtype(name(), x);
    Index total = 0;
    const Shape& first = x[0].shape();
    for (std::size_t k = 0; k < x.size(); ++k) {
      const Shape& s = x[k].shape();
      bool fits = s.rank() == first.rank();
      for (int a = 0; fits && a < s.rank(); ++a) fits = a == axis || s.begin()[a] == first.begin()[a];
      if (!fits)
        raise<ValueError>(name(), "input ", k, " has shape ", s, ", expected ", first, " except along axis ", axis);
      total += s.begin()[axis];
    }
    return {first.with(axis, total), x[0].dtype()};
  }
  void forward(Inputs x, Tensor& y) const override { join(x, rows_before(y.shape(), axis), y); }
  void vjp(Vjp& v) const override {
    Index at = 0;
    for (std::size_t k = 0; k < v.input_count(); ++k) {
      Index size = v.input_shape(k)[axis];
      if (v.needs(k)) v.add(k, slice_axis(v.gradient(), axis, at, at + size));
      at += size;
    }
  }
  Saved saved() const override { return {Saved::none, Saved::none}; }
};

struct Split final : MultiOp {
  int axis;
  std::vector<Index> sizes;  // none: equal parts
  Split(int a, IndexList s) : axis(a), sizes(s.begin(), s.end()) {}
  std::string_view name() const override { return "split"; }
  Lowering lowering() const override { return {.kind = Lowering::Kind::split, .axis = axis}; }
  auto attributes() const { return std::tie(axis, sizes); }
  void check(const Shape& shape, std::size_t parts) const {
    if (sizes.empty() && shape[axis] % static_cast<Index>(parts))
      raise<ValueError>(name(), "axis ", axis, " of shape ", shape, " cannot be split into ", parts, " equal parts");
    Index total = std::accumulate(sizes.begin(), sizes.end(), Index{0});
    if (!sizes.empty() && total != shape[axis])
      raise<ValueError>(name(), "the sizes add up to ", total, ", expected ", shape[axis], ", axis ", axis,
                        " of shape ", shape);
  }
  Index part_size(const Shape& shape, std::size_t parts, std::size_t k) const {
    return sizes.empty() ? shape[axis] / static_cast<Index>(parts) : sizes[k];
  }
  void infer(Inputs x, std::span<TensorSpec> y) const override {
    const Shape& shape = x[0].shape();
    check(shape, y.size());
    for (std::size_t k = 0; k < y.size(); ++k) y[k] = {shape.with(axis, part_size(shape, y.size(), k)), x[0].dtype()};
  }
  bool view(Inputs x, std::span<Tensor> y) const override {
    if (axis != 0) return false;
    check(x[0].shape(), y.size());
    Index at = 0;
    for (std::size_t k = 0; k < y.size(); ++k) {
      Index size = part_size(x[0].shape(), y.size(), k);
      y[k] = x[0].rows_view(at, at + size);
      at += size;
    }
    return true;
  }
  void forward(Inputs x, std::span<Tensor> y) const override { part(x[0], rows_before(x[0].shape(), axis), y); }
  void vjp(Vjp& v) const override {
    v.add_into(
        0,
        [&](Tensor& sum) {
          StridedPattern whole = contiguous_pattern(sum.shape());
          for (std::size_t k = 0; k < v.output_count(); ++k) {
            whole.shape = v.output_spec(k).shape;
            if (v.has_gradient(k)) add_strided(v.gradient(k), whole, sum);
            whole.offset += whole.shape[axis] * whole.strides[axis];
          }
        },
        [&] { return with_gradients(v, [&](auto gradients) { return concat(gradients, axis); }); });
  }
  Saved saved() const override { return {Saved::none, Saved::none}; }
};

struct Stack final : Op {
  int axis;
  explicit Stack(int a) : axis(a) {}
  std::string_view name() const override { return "stack"; }
  Lowering lowering() const override { return {.kind = Lowering::Kind::stack, .axis = axis}; }
  int attributes() const { return axis; }
  TensorSpec infer(Inputs x) const override {
    same_dtype(name(), x);
    for (std::size_t k = 1; k < x.size(); ++k)
      if (x[k].shape() != x[0].shape())
        raise<ValueError>(name(), "input ", k, " has shape ", x[k].shape(), ", expected ", x[0].shape());
    return {x[0].shape().insert(axis, static_cast<Index>(x.size())), x[0].dtype()};
  }
  void forward(Inputs x, Tensor& y) const override { join(x, rows_before(y.shape(), axis), y); }
  void vjp(Vjp& v) const override {
    for (std::size_t k = 0; k < v.input_count(); ++k) {
      auto at = static_cast<Index>(k);
      if (!v.needs(k)) continue;
      v.add(k,
            axis == 0 ? row(v.gradient(), at) : reshape(slice_axis(v.gradient(), axis, at, at + 1), v.input_shape(k)));
    }
  }
  Saved saved() const override { return {Saved::none, Saved::none}; }
};

struct Unstack final : MultiOp {
  int axis;
  explicit Unstack(int a) : axis(a) {}
  std::string_view name() const override { return "unstack"; }
  Lowering lowering() const override { return {.kind = Lowering::Kind::unstack, .axis = axis}; }
  int attributes() const { return axis; }
  void infer(Inputs x, std::span<TensorSpec> y) const override {
    std::fill(y.begin(), y.end(), TensorSpec{x[0].shape().without(axis), x[0].dtype()});
  }
  bool view(Inputs x, std::span<Tensor> y) const override {
    if (axis != 0) return false;
    Shape shape = x[0].shape().without(0);
    for (std::size_t k = 0; k < y.size(); ++k) {
      auto at = static_cast<Index>(k);
      y[k] = x[0].rows_view(at, at + 1).reshaped_view(shape);
    }
    return true;
  }
  void forward(Inputs x, std::span<Tensor> y) const override { part(x[0], rows_before(x[0].shape(), axis), y); }
  void vjp(Vjp& v) const override {
    v.add_into(
        0,
        [&](Tensor& sum) {
          StridedPattern whole = contiguous_pattern(sum.shape());
          Index step = whole.strides[axis];
          whole.shape = sum.shape().without(axis);
          std::copy(whole.strides.begin() + axis + 1, whole.strides.end(), whole.strides.begin() + axis);
          for (std::size_t k = 0; k < v.output_count(); ++k, whole.offset += step)
            if (v.has_gradient(k)) add_strided(v.gradient(k), whole, sum);
        },
        [&] { return with_gradients(v, [&](auto gradients) { return stack(gradients, axis); }); });
  }
  Saved saved() const override { return {Saved::none, Saved::none}; }
};

}  // namespace

Tensor concat(std::span<const Tensor> values, int axis) {
  if (values.empty()) raise<ValueError>("concat", "expected at least one tensor, got none");
  return apply_to(Concat(normalize_axis("concat", axis, values[0].rank())), values);
}

Tensor concat(const Tensor& a, const Tensor& b, int axis) {
  return apply(Concat(normalize_axis("concat", axis, a.rank())), a, b);
}

void detail::split(const Tensor& x, std::span<Tensor> parts, int axis) {
  apply_into(parts, Split(normalize_axis("split", axis, x.rank()), {}), x);
}

std::vector<Tensor> split(const Tensor& x, Index parts, int axis) {
  if (parts <= 0) raise<ValueError>("split", "the number of parts is ", parts, ", expected at least 1");
  std::vector<Tensor> result(static_cast<std::size_t>(parts));
  detail::split(x, result, axis);
  return result;
}

std::vector<Tensor> split(const Tensor& x, IndexList sizes, int axis) {
  Split op(normalize_axis("split", axis, x.rank()), sizes);
  if (sizes.empty()) raise<ValueError>("split", "expected at least one size, got none");
  Index rest = x.shape(axis);
  Index* unknown = nullptr;
  for (Index& size : op.sizes) {
    if (size < -1 || size > rest || (size == -1 && unknown))
      raise<ValueError>("split", "sizes must be at least 0 (one may be -1) and add up to ", x.shape(axis), ", axis ",
                        axis, " of shape ", x.shape(), "; size ", &size - op.sizes.data(), " is ", size);
    if (size == -1)
      unknown = &size;
    else
      rest -= size;
  }
  if (unknown) *unknown = rest;
  return apply_multi(std::move(op), sizes.size(), x);
}

Tensor stack(std::span<const Tensor> values, int axis) {
  if (values.empty()) raise<ValueError>("stack", "expected at least one tensor, got none");
  return apply_to(Stack(normalize_axis("stack", axis, values[0].rank() + 1)), values);
}

std::vector<Tensor> unstack(const Tensor& x, int axis) {
  axis = normalize_axis("unstack", axis, x.rank());
  return apply_multi(Unstack(axis), static_cast<std::size_t>(x.shape(axis)), x);
}

}  // namespace unroll
