#include "unroll/autograd/ops/slice.hpp"

#include <algorithm>

#include "unroll/autograd/vjp.hpp"
#include "unroll/core/creation.hpp"
#include "unroll/core/strided.hpp"

namespace unroll {
namespace {

Lowering lowering_of(Lowering::Kind kind, const StridedPattern& pattern) {
  return {.kind = kind, .first = pattern.offset, .strides = pattern.strides};
}

auto attributes_of(const StridedPattern& pattern) { return std::tie(pattern.shape, pattern.offset, pattern.strides); }

struct StridedSlice final : Op {
  StridedPattern pattern;
  explicit StridedSlice(const StridedPattern& p) : pattern(p) {}
  std::string_view name() const override { return "strided_slice"; }
  Lowering lowering() const override { return lowering_of(Lowering::Kind::slice, pattern); }
  auto attributes() const { return attributes_of(pattern); }
  TensorSpec infer(Inputs x) const override { return {pattern.shape, x[0].dtype()}; }
  void forward(Inputs x, Tensor& y) const override { gather_strided(x[0], pattern, y); }
  void vjp(Vjp& v) const override;
  Saved saved() const override { return {Saved::none, Saved::none}; }
};

// Zeros with x in the places of the pattern: the adjoint of a slice.
struct SliceGradient final : Op {
  StridedPattern pattern;
  Shape whole;
  SliceGradient(const StridedPattern& p, const Shape& w) : pattern(p), whole(w) {}
  std::string_view name() const override { return "slice_gradient"; }
  Lowering lowering() const override { return lowering_of(Lowering::Kind::slice_gradient, pattern); }
  auto attributes() const { return std::tuple_cat(attributes_of(pattern), std::tie(whole)); }
  TensorSpec infer(Inputs x) const override { return {whole, x[0].dtype()}; }
  void forward(Inputs x, Tensor& y) const override {
    std::memset(y.mutable_raw(), 0, y.bytes());
    scatter_strided(x[0], pattern, y);
  }
  bool forward_add(Inputs x, Tensor& sum) const override {
    add_strided(x[0], pattern, sum);
    return true;
  }
  void vjp(Vjp& v) const override { v.add(0, apply(StridedSlice(pattern), v.gradient())); }
  Saved saved() const override { return {Saved::none, Saved::none}; }
};

void add_slice_gradient(Vjp& v, const StridedPattern& pattern) {
  v.add_into(
      0, [&](Tensor& sum) { add_strided(v.gradient(), pattern, sum); },
      [&] { return apply(SliceGradient(pattern, v.input_shape(0)), v.gradient()); });
}

void StridedSlice::vjp(Vjp& v) const { add_slice_gradient(v, pattern); }

struct SliceRows final : ViewOp {
  Index first, last;
  SliceRows(Index f, Index l) : first(f), last(l) {}
  std::string_view name() const override { return "slice_rows"; }
  TensorSpec infer(Inputs x) const override {
    if (x[0].rank() == 0 || first < 0 || last < first || last > x[0].shape(0))
      raise<IndexError>(name(), "rows ", first, " to ", last, " are out of range for shape ", x[0].shape());
    return {x[0].shape().with(0, last - first), x[0].dtype()};
  }
  Tensor view(Inputs x) const override {
    infer(x);
    return x[0].rows_view(first, last);
  }
  void vjp(Vjp& v) const override {
    StridedPattern pattern = contiguous_pattern(v.output_spec().shape);
    pattern.offset = first * pattern.strides[0];
    add_slice_gradient(v, pattern);
  }
};

struct Row final : ViewOp {
  Index index;
  explicit Row(Index i) : index(i) {}
  std::string_view name() const override { return "row"; }
  TensorSpec infer(Inputs x) const override {
    if (x[0].rank() == 0 || index < 0 || index >= x[0].shape(0))
      raise<IndexError>(name(), "row ", index, " is out of range for shape ", x[0].shape());
    return {x[0].shape().without(0), x[0].dtype()};
  }
  Tensor view(Inputs x) const override {
    Shape shape = infer(x).shape;
    return x[0].rows_view(index, index + 1).reshaped_view(shape);
  }
  void vjp(Vjp& v) const override {
    StridedPattern pattern = contiguous_pattern(v.output_spec().shape);
    pattern.offset = index * pattern.shape.size();
    add_slice_gradient(v, pattern);
  }
};

// Cuts axis `axis` of the pattern of a whole tensor: `count` places from `first` on.
void cut(StridedPattern& pattern, int axis, Index first, Index count, Index step) {
  pattern.shape = pattern.shape.with(axis, count);
  pattern.offset += first * pattern.strides[axis];
  pattern.strides[axis] *= step;
}

// A view where the pattern is rows of x.
Tensor apply_pattern(const Tensor& x, const StridedPattern& pattern) {
  StridedPattern own = contiguous_pattern(x.shape());
  bool rows = x.rank() > 0 && pattern.strides == own.strides && pattern.shape.slice(1) == x.shape().slice(1);
  if (!rows) return apply(StridedSlice(pattern), x);
  Index first = own.strides[0] ? pattern.offset / own.strides[0] : 0;
  return slice_rows(x, first, first + pattern.shape[0]);
}

}  // namespace

Tensor slice_rows(const Tensor& x, Index first, Index last) { return apply(SliceRows(first, last), x); }

Tensor row(const Tensor& x, Index index) {
  return apply(Row(index < 0 && x.rank() > 0 ? index + x.shape(0) : index), x);
}

Tensor slice_axis(const Tensor& x, int axis, Index first, Index last) {
  axis = normalize_axis("slice_axis", axis, x.rank());
  if (axis == 0) return slice_rows(x, first, last);
  if (first < 0 || last < first || last > x.shape(axis))
    raise<IndexError>("slice_axis", first, " to ", last, " is out of range for axis ", axis, " of shape ", x.shape());
  StridedPattern pattern = contiguous_pattern(x.shape());
  cut(pattern, axis, first, last - first, 1);
  return apply(StridedSlice(pattern), x);
}

Tensor slice(const Tensor& x, IndexList begin, IndexList size) {
  if (std::ssize(begin) != x.rank() || std::ssize(size) != x.rank())
    raise<ValueError>("slice", begin.size(), " begins and ", size.size(), " sizes given, expected ", x.rank(),
                      " of each for shape ", x.shape());
  StridedPattern pattern = contiguous_pattern(x.shape());
  for (int axis = 0; axis < x.rank(); ++axis) {
    Index dim = x.shape(axis), first = begin[axis], count = size[axis];
    if (first < 0 || first > dim || count < -1 || count > dim - first)
      raise<IndexError>("slice", "begin ", first, " and size ", count, " are out of range for axis ", axis,
                        " of shape ", x.shape());
    cut(pattern, axis, first, count == -1 ? dim - first : count, 1);
  }
  return apply_pattern(x, pattern);
}

Tensor strided_slice(const Tensor& x, std::span<const Slice> slices) {
  if (std::ssize(slices) > x.rank())
    raise<ValueError>("strided_slice", slices.size(), " slices given for shape ", x.shape());
  StridedPattern pattern = contiguous_pattern(x.shape());
  for (int axis = 0; axis < static_cast<int>(slices.size()); ++axis) {
    const Slice& s = slices[axis];
    Index dim = x.shape(axis);
    if (s.step == 0) raise<ValueError>("strided_slice", "the step of axis ", axis, " is 0");
    Index low = s.step > 0 ? 0 : -1, high = s.step > 0 ? dim : dim - 1;
    auto place = [&](const std::optional<Index>& given, Index otherwise) {
      return given ? std::clamp(*given < 0 ? *given + dim : *given, low, high) : otherwise;
    };
    Index first = place(s.begin, s.step > 0 ? low : high), end = place(s.end, s.step > 0 ? high : low);
    Index step = std::clamp(s.step, -dim - 1, dim + 1);  // so that nothing overflows
    Index count = std::max<Index>(0, (end - first + step - (step > 0 ? 1 : -1)) / step);
    cut(pattern, axis, count ? first : 0, count, step);
  }
  return apply_pattern(x, pattern);
}

Tensor strided_slice(const Tensor& x, IndexList begin, IndexList end, IndexList strides) {
  if (begin.size() != end.size() || (!strides.empty() && strides.size() != begin.size()))
    raise<ValueError>("strided_slice", "begin, end and strides have ", begin.size(), ", ", end.size(), " and ",
                      strides.size(), " elements, expected equally many");
  std::array<Slice, Shape::max_rank> slices;
  for (std::size_t k = 0; k < std::min(begin.size(), slices.size()); ++k)
    slices[k] = {begin[k], end[k], strides.empty() ? 1 : strides[k]};
  if (std::ssize(begin) > x.rank())
    raise<ValueError>("strided_slice", begin.size(), " slices given for shape ", x.shape());
  return strided_slice(x, std::span<const Slice>(slices.data(), begin.size()));
}

}  // namespace unroll
