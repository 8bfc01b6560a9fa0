#include "unroll/autograd/ops/cumsum.hpp"

#include <algorithm>

#include "unroll/autograd/op.hpp"
#include "unroll/autograd/vjp.hpp"
#include "unroll/core/kernels/arithmetic.hpp"

namespace unroll {
namespace {

struct Cumsum final : Op {
  int axis;
  CumsumOptions how;
  Cumsum(int a, CumsumOptions options) : axis(a), how(options) {}
  std::string_view name() const override { return "cumsum"; }
  auto attributes() const { return std::tuple(axis, how.exclusive, how.reverse); }
  TensorSpec infer(Inputs x) const override { return x[0].spec(); }
  void forward(Inputs x, Tensor& y) const override {
    if (y.size() == 0) return;
    // Slabs of `inner` elements follow each other along the axis.
    Index n = y.shape(axis), inner = y.shape().slice(axis + 1).size();
    Index step = how.reverse ? -inner : inner, first = how.reverse ? (n - 1) * inner : 0;
    dispatch_number(name(), y.dtype(), [&](auto zero) {
      using T = decltype(zero);
      const T* in = x[0].data<T>() + first;
      T* out = y.mutable_data<T>() + first;
      for (Index block = 0; block < y.size(); block += n * inner, in += n * inner, out += n * inner) {
        how.exclusive ? std::fill_n(out, inner, T{0}) : std::copy_n(in, inner, out);
        for (Index i = 1; i < n; ++i)
          kernels::add(out + (i - 1) * step, 1, in + (how.exclusive ? i - 1 : i) * step, 1, out + i * step, inner);
      }
    });
  }
  void vjp(Vjp& v) const override { v.add(0, cumsum(v.gradient(), axis, {how.exclusive, !how.reverse})); }
  Saved saved() const override { return {Saved::none, Saved::none}; }
};

}  // namespace

Tensor cumsum(const Tensor& x, int axis, CumsumOptions options) {
  return apply(Cumsum(normalize_axis("cumsum", axis, x.rank()), options), x);
}

}  // namespace unroll
