#include "unroll/autograd/ops/softmax.hpp"

#include <numeric>

#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/elementwise.hpp"
#include "unroll/autograd/ops/math.hpp"
#include "unroll/autograd/ops/reduce.hpp"
#include "unroll/autograd/ops/transpose.hpp"
#include "unroll/core/kernels/softmax.hpp"
#include "unroll/core/thread_team.hpp"

namespace unroll {
namespace {

// kernel(in, rows, columns, out) over the last axis.
template <class F>
void run_rows(const Op& op, Inputs x, Tensor& y, F&& kernel) {
  run_unary(op, x, y, [&](const auto* in, auto* out, Index size) {
    const Index n = size ? y.shape(-1) : 1;
    constexpr double ns_per_element = 1.2;
    parallel_rows(size / n, static_cast<double>(n) * ns_per_element,
                  [&](Index first, Index last) { kernel(in + first * n, last - first, n, out + first * n); });
  });
}

struct Softmax final : FloatingUnaryOp {
  std::string_view name() const override { return "softmax"; }
  bool decompose(Inputs x, std::span<Tensor> y) const override {
    Tensor e = exp(x[0] - reduce_max(x[0], {-1}, true));
    y[0] = e / reduce_sum(e, {-1}, true);
    return true;
  }
  void forward(Inputs x, Tensor& y) const override {
    run_rows(*this, x, y, [](auto... rows) { kernels::softmax_rows(rows...); });
  }
  void vjp(Vjp& v) const override {
    Tensor weighted = v.gradient() * v.output();
    v.add(0, weighted - v.output() * reduce_sum(weighted, {-1}, true));
  }
  Saved saved() const override { return {Saved::none, Saved::all}; }
};

struct LogSoftmax final : FloatingUnaryOp {
  std::string_view name() const override { return "log_softmax"; }
  bool decompose(Inputs x, std::span<Tensor> y) const override {
    Tensor centred = x[0] - reduce_max(x[0], {-1}, true);
    y[0] = centred - log(reduce_sum(exp(centred), {-1}, true));
    return true;
  }
  void forward(Inputs x, Tensor& y) const override {
    run_rows(*this, x, y, [](auto... rows) { kernels::log_softmax_rows(rows...); });
  }
  void vjp(Vjp& v) const override { v.add(0, v.gradient() - exp(v.output()) * reduce_sum(v.gradient(), {-1}, true)); }
  Saved saved() const override { return {Saved::none, Saved::all}; }
};

template <class O>
Tensor along(O op, const Tensor& x, int axis) {
  axis = normalize_axis(op.name(), axis, x.rank());
  if (axis == x.rank() - 1) return apply(op, x);
  std::vector<int> swapped(x.rank());
  std::iota(swapped.begin(), swapped.end(), 0);
  std::swap(swapped[axis], swapped.back());
  return transpose(apply(op, transpose(x, swapped)), swapped);
}

}  // namespace

Tensor softmax(const Tensor& x, int axis) { return along(Softmax{}, x, axis); }
Tensor log_softmax(const Tensor& x, int axis) { return along(LogSoftmax{}, x, axis); }

}  // namespace unroll
