#include "unroll/autograd/ops/gather.hpp"

#include <algorithm>

#include "unroll/autograd/ops/reshape.hpp"
#include "unroll/autograd/vjp.hpp"
#include "unroll/core/kernels/accumulate.hpp"
#include "unroll/core/thread_team.hpp"

namespace unroll {
namespace {

template <class T>
[[noreturn]] void outside(std::string_view who, const Tensor& indices, const T* bad, std::span<const Index> dims) {
  std::ostringstream at, value;
  Index flat = bad - indices.data<T>(), below = indices.size();
  for (int axis = 0; axis < indices.rank() - (dims.size() > 1); ++axis) {
    below /= indices.shape(axis);
    at << (axis ? ", " : "") << flat / below;
    flat %= below;
  }
  if (dims.size() == 1)
    raise<InvalidArgumentError>(who, "indices[", at.str(), "] = ", *bad, " is not in [0, ", dims[0], ")");
  for (std::size_t k = 0; k < dims.size(); ++k) value << (k ? ", " : "") << bad[k];
  raise<InvalidArgumentError>(who, "indices[", at.str(), "] = (", value.str(), ") does not index into shape ",
                              Shape(dims));
}

// Throws for an index outside of `dims`: indices are `count` vectors of dims.size() numbers.
void check_places(std::string_view who, const Tensor& indices, Index count, std::span<const Index> dims) {
  dispatch_integer(who, indices.dtype(), [&](auto zero) {
    const auto* index = indices.data<decltype(zero)>();
    for (Index k = 0; k < count; ++k, index += dims.size())
      for (std::size_t d = 0; d < dims.size(); ++d)
        if (index[d] < 0 || index[d] >= dims[d]) outside(who, indices, index, dims);
  });
}

// Calls f(k, place) for the vectors first .. last-1 of indices: `place` is its row-major position within dims.
template <class F>
void for_each_place(std::string_view who, const Tensor& indices, Index first, Index last, std::span<const Index> dims,
                    F&& f) {
  dispatch_integer(who, indices.dtype(), [&](auto zero) {
    const auto* index = indices.data<decltype(zero)>() + first * static_cast<Index>(dims.size());
    for (Index k = first; k < last; ++k, index += dims.size()) {
      Index place = 0;
      for (std::size_t d = 0; d < dims.size(); ++d) place = place * dims[d] + index[d];
      f(k, place);
    }
  });
}

void check_integer(std::string_view who, const Tensor& indices) {
  if (!is_integer(indices.dtype())) raise<TypeError>(who, "indices are ", indices.dtype(), ", expected int32 or int64");
}

// What it costs to move a byte, or to add it, between rows that are in the cache.
constexpr double ns_per_byte = 0.04, ns_per_added_byte = 0.1;

// Adds updates[o, k] to sum[o, indices[k]], both being blocks of `inner` elements. Threads take columns of the blocks,
// so that each element is added to in the order of k.
void add_blocks(std::string_view who, const Tensor& indices, Index outer, Index count, std::span<const Index> dims,
                const Tensor& updates, Tensor& sum) {
  check_places(who, indices, count, dims);
  if (updates.size() == 0) return;
  dispatch_number(who, sum.dtype(), [&](auto zero) {
    using T = decltype(zero);
    T* all = sum.mutable_data<T>();
    const Index inner = updates.size() / (outer * count), step = sum.size() / outer;
    constexpr Index line = 64 / sizeof(T);
    parallel_rows((inner + line - 1) / line, static_cast<double>(64 * count * outer) * ns_per_added_byte,
                  [&](Index first, Index last) {
                    const Index begin = first * line, n = std::min(last * line, inner) - begin;
                    const T* from = updates.data<T>() + begin;
                    T* to = all + begin;
                    for (Index o = 0; o < outer; ++o, to += step, from += count * inner)
                      for_each_place(who, indices, 0, count, dims, [&](Index k, Index place) {
                        if (n == 1)
                          to[place * inner] += from[k * inner];
                        else
                          kernels::add_to(to + place * inner, from + k * inner, n);
                      });
                  });
  });
}

// Copies x[o, indices[k]] to y[o, k].
void copy_blocks(std::string_view who, const Tensor& x, const Tensor& indices, Index outer, Index count,
                 std::span<const Index> dims, Tensor& y) {
  check_places(who, indices, count, dims);
  if (y.size() == 0) return;
  const std::byte* from = x.raw();
  std::byte* to = y.mutable_raw();
  std::size_t inner = y.bytes() / (outer * count), step = x.bytes() / outer;
  for (Index o = 0; o < outer; ++o, from += step, to += count * inner)
    parallel_rows(count, 5 + static_cast<double>(inner) * ns_per_byte, [&](Index first, Index last) {
      for_each_place(who, indices, first, last, dims,
                     [&](Index k, Index place) { std::memcpy(to + k * inner, from + place * inner, inner); });
    });
}

// The adjoint of gather: zeros of shape `whole`, slices of the first input added at the indices along an axis.
struct ScatterAxis final : Op {
  int axis;
  Shape whole;
  ScatterAxis(int a, const Shape& s) : axis(a), whole(s) {}
  std::string_view name() const override { return "gather_gradient"; }
  auto attributes() const { return std::tie(axis, whole); }
  TensorSpec infer(Inputs x) const override { return {whole, x[0].dtype()}; }
  void forward(Inputs x, Tensor& y) const override {
    std::memset(y.mutable_raw(), 0, y.bytes());
    add(x[1], x[0], y);
  }
  bool forward_add(Inputs x, Tensor& sum) const override {
    add(x[1], x[0], sum);
    return true;
  }
  void add(const Tensor& indices, const Tensor& updates, Tensor& sum) const {
    add_blocks(name(), indices, whole.slice(0, axis).size(), indices.size(), whole.dims().subspan(axis, 1), updates,
               sum);
  }
  void vjp(Vjp& v) const override { v.add(0, gather(v.gradient(), v.input(1), axis)); }
  Saved saved() const override { return {2, Saved::none}; }
};

struct Gather final : Op {
  std::string_view who;
  int axis;
  Gather(std::string_view w, int a) : who(w), axis(a) {}
  std::string_view name() const override { return who; }
  auto attributes() const { return std::tie(who, axis); }
  TensorSpec infer(Inputs x) const override {
    check_integer(name(), x[1]);
    const Shape& s = x[0].shape();
    return {s.slice(0, axis) + x[1].shape() + s.slice(axis + 1), x[0].dtype()};
  }
  void forward(Inputs x, Tensor& y) const override {
    const Shape& s = x[0].shape();
    copy_blocks(name(), x[0], x[1], s.slice(0, axis).size(), x[1].size(), s.dims().subspan(axis, 1), y);
  }
  void vjp(Vjp& v) const override {
    ScatterAxis scatter(axis, v.input_shape(0));
    v.add_into(
        0, [&](Tensor& sum) { scatter.add(v.input(1), v.gradient(), sum); },
        [&] { return apply(scatter, v.gradient(), v.input(1)); });
  }
  Saved saved() const override { return {2, Saved::none}; }
};

// indices.shape[:-1] + shape[K:]
Shape picked_shape(std::string_view who, const Tensor& indices, const Shape& shape) {
  check_integer(who, indices);
  if (indices.rank() == 0 || indices.shape(-1) > shape.rank())
    raise<ValueError>(who, "indices of shape ", indices.shape(), " cannot index into shape ", shape);
  return indices.shape().without(-1) + shape.slice(static_cast<int>(indices.shape(-1)));
}

struct GatherNd final : Op {
  std::string_view name() const override { return "gather_nd"; }
  TensorSpec infer(Inputs x) const override { return {picked_shape(name(), x[1], x[0].shape()), x[0].dtype()}; }
  void forward(Inputs x, Tensor& y) const override {
    copy_blocks(name(), x[0], x[1], 1, x[1].shape().without(-1).size(), x[0].shape().dims().first(x[1].shape(-1)), y);
  }
  void vjp(Vjp& v) const override {
    v.add_into(
        0,
        [&](Tensor& sum) {
          const Tensor& indices = v.input(1);
          add_blocks(name(), indices, 1, indices.shape().without(-1).size(),
                     sum.shape().dims().first(indices.shape(-1)), v.gradient(), sum);
        },
        [&] { return scatter_nd(v.input(1), v.gradient(), v.input_shape(0)); });
  }
  Saved saved() const override { return {2, Saved::none}; }
};

struct ScatterNd final : Op {
  Shape shape;
  explicit ScatterNd(const Shape& s) : shape(s) {}
  std::string_view name() const override { return "scatter_nd"; }
  TensorSpec infer(Inputs x) const override {
    Shape expected = picked_shape(name(), x[0], shape);
    if (x[1].shape() != expected)
      raise<ValueError>(name(), "updates has shape ", x[1].shape(), ", expected ", expected, " for indices ",
                        x[0].shape(), " into ", shape);
    if (x[1].dtype() == bool_) raise<TypeError>(name(), "updates is bool, expected numbers");
    return {shape, x[1].dtype()};
  }
  void forward(Inputs x, Tensor& y) const override {
    std::memset(y.mutable_raw(), 0, y.bytes());
    forward_add(x, y);
  }
  bool forward_add(Inputs x, Tensor& sum) const override {
    Index count = x[0].shape().without(-1).size();
    add_blocks(name(), x[0], 1, count, shape.dims().first(x[0].shape(-1)), x[1], sum);
    return true;
  }
  void vjp(Vjp& v) const override { v.add(1, gather_nd(v.gradient(), v.input(0))); }
  Saved saved() const override { return {1, Saved::none}; }
};

}  // namespace

Tensor gather(const Tensor& params, const Tensor& indices, int axis) {
  return apply(Gather("gather", normalize_axis("gather", axis, params.rank())), params, indices);
}

Tensor embedding_lookup(const Tensor& params, const Tensor& ids) {
  if (params.rank() == 0) raise<ValueError>("embedding_lookup", "params has rank 0, expected a table of rows");
  return apply(Gather("embedding_lookup", 0), params, ids);
}

Tensor gather_nd(const Tensor& params, const Tensor& indices) { return apply(GatherNd(), params, indices); }

Tensor scatter_nd(const Tensor& indices, const Tensor& updates, const Shape& shape) {
  return apply(ScatterNd(shape), indices, updates);
}

Tensor boolean_mask(const Tensor& x, const Tensor& mask, int axis) {
  constexpr std::string_view who = "boolean_mask";
  axis = normalize_axis(who, axis, x.rank());
  if (mask.dtype() != bool_) raise<TypeError>(who, "the mask is ", mask.dtype(), ", expected bool");
  int end = axis + mask.rank();
  if (mask.rank() == 0 || end > x.rank() || x.shape().slice(axis, end) != mask.shape())
    raise<ValueError>(who, "the mask has shape ", mask.shape(), ", expected that of the axes from ", axis,
                      " on of shape ", x.shape());
  auto chosen = mask.values<bool>();
  Tensor indices({Shape(std::count(chosen.begin(), chosen.end(), true)), int64});
  auto* out = indices.mutable_data<std::int64_t>();
  for (std::size_t k = 0; k < chosen.size(); ++k)
    if (chosen[k]) *out++ = static_cast<std::int64_t>(k);
  return gather(flatten(x, axis, end - 1), indices, axis);
}

}  // namespace unroll
