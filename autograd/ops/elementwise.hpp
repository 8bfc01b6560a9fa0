#pragma once
// What ops that work element by element share. For the sources of ops.
#include <algorithm>

#include "unroll/autograd/op.hpp"
#include "unroll/autograd/vjp.hpp"
#include "unroll/core/broadcast.hpp"

namespace unroll {

/// One input, a result of its shape and dtype, float32 or float64 only.
class FloatingUnaryOp : public Op {
 public:
  TensorSpec infer(Inputs x) const override {
    floating(name(), x[0]);
    return x[0].spec();
  }
};

/// The same, with a gradient that reads the input alone, or the output alone.
class FromInputOp : public FloatingUnaryOp {
 public:
  Saved saved() const override { return {Saved::all, Saved::none}; }
};
class FromOutputOp : public FloatingUnaryOp {
 public:
  Saved saved() const override { return {Saved::none, Saved::all}; }
};

/// Two inputs of one dtype that are broadcast together.
class BinaryOp : public Op {
 public:
  using Op::infer;
  TensorSpec infer(Inputs x) const override {
    same_dtype(name(), x);
    return {broadcast(name(), x[0].shape(), x[1].shape()), x[0].dtype()};
  }
};

/// y = kernel(x): `kernel(const T*, T*, Index)`.
template <class F>
void run_unary(const MultiOp& op, Inputs x, Tensor& y, F&& kernel) {
  dispatch_floating(op.name(), y.dtype(), [&](auto zero) {
    using T = decltype(zero);
    kernel(x[0].data<T>(), y.mutable_data<T>(), y.size());
  });
}

/// y = kernel(a, b) broadcast: `kernel(const T* a, Index a_step, const T* b, Index b_step, R* y, Index n)`.
template <class T, class R = T, class F>
void run_binary_as(Inputs x, Tensor& y, F&& kernel) {
  const T *a = x[0].data<T>(), *b = x[1].data<T>();
  R* out = y.mutable_data<R>();
  if (x[0].shape() == x[1].shape()) return kernel(a, Index{1}, b, Index{1}, out, y.size());
  BroadcastRuns<2>(y.shape(), {&x[0].shape(), &x[1].shape()})
      .for_each([&](const auto& offset, const auto& step, Index start, Index n) {
        kernel(a + offset[0], step[0], b + offset[1], step[1], out + start, n);
      });
}
template <class F>
void run_binary_floating(const MultiOp& op, Inputs x, Tensor& y, F&& kernel) {
  dispatch_floating(op.name(), y.dtype(), [&](auto zero) { run_binary_as<decltype(zero)>(x, y, kernel); });
}
template <class F>
void run_binary_number(const MultiOp& op, Inputs x, Tensor& y, F&& kernel) {
  dispatch_number(op.name(), y.dtype(), [&](auto zero) { run_binary_as<decltype(zero)>(x, y, kernel); });
}

/// Kernels for the above that are plain loops, which the compiler vectorises: y[i] = f(x[i]), y[i] = f(a[i], b[i]).
template <class F>
auto unary_loop(F f) {
  return [f](const auto* x, auto* y, Index n) { std::transform(x, x + n, y, f); };
}
template <class F>
auto binary_loop(F f) {
  return [f](const auto* a, Index a_step, const auto* b, Index b_step, auto* y, Index n) {
    if (a_step && b_step) {
      std::transform(a, a + n, b, y, f);
    } else if (a_step) {
      std::transform(a, a + n, y, [f, b = *b](auto value) { return f(value, b); });
    } else if (b_step) {
      std::transform(b, b + n, y, [f, a = *a](auto value) { return f(a, value); });
    } else {
      std::fill_n(y, n, f(*a, *b));
    }
  };
}

/// A tensor of rank 0 and x's dtype. Throws TypeError if x has integers and `value` is none.
Tensor scalar_like(std::string_view who, const Tensor& x, double value);

}  // namespace unroll
