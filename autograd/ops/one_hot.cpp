#include "unroll/autograd/ops/one_hot.hpp"

#include <algorithm>
#include <cmath>

#include "unroll/autograd/op.hpp"

namespace unroll {
namespace {

struct OneHot final : Op {
  Index depth;
  OneHotOptions options;
  OneHot(Index d, const OneHotOptions& o) : depth(d), options(o) {}
  std::string_view name() const override { return "one_hot"; }
  auto attributes() const {
    return std::tuple(depth, options.on_value, options.off_value, options.axis, options.dtype);
  }
  TensorSpec infer(Inputs x) const override {
    if (!is_integer(x[0].dtype())) raise<TypeError>(name(), "indices are ", x[0].dtype(), ", expected int32 or int64");
    return {x[0].shape().insert(options.axis, depth), options.dtype};
  }
  void forward(Inputs x, Tensor& y) const override {
    Index inner = x[0].shape().slice(options.axis).size();
    dispatch(y.dtype(), [&](auto zero) {
      using T = decltype(zero);
      T* out = y.mutable_data<T>();
      std::fill_n(out, y.size(), convert<T>(options.off_value));
      dispatch_integer(name(), x[0].dtype(), [&](auto integer) {
        auto indices = x[0].values<decltype(integer)>();
        for (Index k = 0; k < x[0].size(); ++k)
          if (Index i = indices[k]; i >= 0 && i < depth)
            out[(k / inner * depth + i) * inner + k % inner] = convert<T>(options.on_value);
      });
    });
  }
  bool differentiable() const override { return false; }
};

struct SequenceMask final : Op {
  Index maxlen;
  DType dtype;
  SequenceMask(Index m, DType d) : maxlen(m), dtype(d) {}
  std::string_view name() const override { return "sequence_mask"; }
  auto attributes() const { return std::pair(maxlen, dtype); }
  TensorSpec infer(Inputs x) const override {
    if (!is_integer(x[0].dtype())) raise<TypeError>(name(), "lengths are ", x[0].dtype(), ", expected int32 or int64");
    return {x[0].shape().insert(-1, maxlen), dtype};
  }
  void forward(Inputs x, Tensor& y) const override {
    dispatch(dtype, [&](auto zero) {
      using T = decltype(zero);
      T* out = y.mutable_data<T>();
      dispatch_integer(name(), x[0].dtype(), [&](auto integer) {
        for (Index length : x[0].values<decltype(integer)>()) {
          length = std::clamp(length, Index{0}, maxlen);
          std::fill(std::fill_n(out, length, T{1}), out + maxlen, T{0});
          out += maxlen;
        }
      });
    });
  }
  bool differentiable() const override { return false; }
};

}  // namespace

Tensor one_hot(const Tensor& indices, Index depth, const OneHotOptions& options) {
  constexpr std::string_view who = "one_hot";
  if (depth < 0) raise<ValueError>(who, "depth is ", depth, ", expected at least 0");
  for (double value : {options.on_value, options.off_value})
    if (!is_floating(options.dtype) && value != std::trunc(value))
      raise<TypeError>(who, "the value ", value, " does not fit to dtype ", options.dtype);
  OneHotOptions o = options;
  o.axis = normalize_axis(who, o.axis, indices.rank() + 1);
  return apply(OneHot(depth, o), indices);
}

Tensor sequence_mask(const Tensor& lengths, Index maxlen, DType dtype) {
  constexpr std::string_view who = "sequence_mask";
  if (maxlen < -1) raise<ValueError>(who, "maxlen is ", maxlen, ", expected at least 0, or -1 for the greatest length");
  if (maxlen == -1)
    maxlen = dispatch_integer(who, lengths.dtype(), [&](auto integer) {
      Index greatest = 0;
      for (Index length : lengths.values<decltype(integer)>()) greatest = std::max(greatest, length);
      return greatest;
    });
  return apply(SequenceMask(maxlen, dtype), lengths);
}

}  // namespace unroll
