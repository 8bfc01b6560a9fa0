#include "unroll/autograd/ops/arithmetic.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

#include "unroll/autograd/ops/elementwise.hpp"
#include "unroll/core/creation.hpp"
#include "unroll/core/kernels/arithmetic.hpp"

namespace unroll {
namespace {

struct Add final : BinaryOp {
  std::string_view name() const override { return "add"; }
  Lowering lowering() const override { return Lowering::elementwise(kernels::TileOp::add); }
  void forward(Inputs x, Tensor& y) const override {
    run_binary_number(*this, x, y, [](auto... run) { kernels::add(run...); });
  }
  void vjp(Vjp& v) const override {
    v.add_broadcast(0, v.gradient());
    v.add_broadcast(1, v.gradient());
  }
  Saved saved() const override { return {Saved::none, Saved::none}; }
};

struct Subtract final : BinaryOp {
  std::string_view name() const override { return "subtract"; }
  Lowering lowering() const override { return Lowering::elementwise(kernels::TileOp::subtract); }
  void forward(Inputs x, Tensor& y) const override {
    run_binary_number(*this, x, y, [](auto... run) { kernels::subtract(run...); });
  }
  void vjp(Vjp& v) const override {
    v.add_broadcast(0, v.gradient());
    if (v.needs(1)) v.add_broadcast(1, -v.gradient());
  }
  Saved saved() const override { return {Saved::none, Saved::none}; }
};

struct Multiply final : BinaryOp {
  std::string_view name() const override { return "multiply"; }
  Lowering lowering() const override { return Lowering::elementwise(kernels::TileOp::multiply); }
  void forward(Inputs x, Tensor& y) const override {
    run_binary_number(*this, x, y, [](auto... run) { kernels::multiply(run...); });
  }
  void vjp(Vjp& v) const override {
    if (v.needs(0)) v.add_broadcast(0, v.gradient() * v.input(1));
    if (v.needs(1)) v.add_broadcast(1, v.gradient() * v.input(0));
  }
  Saved saved() const override { return {Saved::all, Saved::none}; }
};

struct Divide final : BinaryOp {
  std::string_view name() const override { return "divide"; }
  Lowering lowering() const override { return Lowering::elementwise(kernels::TileOp::divide); }
  TensorSpec infer(Inputs x) const override {
    floating(name(), x[0]);
    return BinaryOp::infer(x);
  }
  void forward(Inputs x, Tensor& y) const override {
    run_binary_floating(*this, x, y, [](auto... run) { kernels::divide(run...); });
  }
  void vjp(Vjp& v) const override {
    Tensor g = v.gradient() / v.input(1);
    v.add_broadcast(0, g);
    if (v.needs(1)) v.add_broadcast(1, -(g * v.output()));
  }
};

struct Negative final : Op {
  std::string_view name() const override { return "negative"; }
  Lowering lowering() const override { return Lowering::elementwise(kernels::TileOp::negative); }
  TensorSpec infer(Inputs x) const override { return x[0].spec(); }
  void forward(Inputs x, Tensor& y) const override {
    dispatch_number(name(), y.dtype(), [&](auto zero) {
      using T = decltype(zero);
      std::transform(x[0].data<T>(), x[0].data<T>() + y.size(), y.mutable_data<T>(), std::negate<>());
    });
  }
  void vjp(Vjp& v) const override { v.add(0, -v.gradient()); }
  Saved saved() const override { return {Saved::none, Saved::none}; }
};

}  // namespace

Tensor scalar_like(std::string_view who, const Tensor& x, double value) {
  if (!is_floating(x.dtype()) && value != std::trunc(value))
    raise<TypeError>(who, "the number ", value, " does not fit to a tensor of ", x.dtype());
  return full({}, value, x.dtype());
}

Tensor add(const Tensor& a, const Tensor& b) { return apply(Add{}, a, b); }
Tensor subtract(const Tensor& a, const Tensor& b) { return apply(Subtract{}, a, b); }
Tensor multiply(const Tensor& a, const Tensor& b) { return apply(Multiply{}, a, b); }
Tensor divide(const Tensor& a, const Tensor& b) { return apply(Divide{}, a, b); }
Tensor negative(const Tensor& x) { return apply(Negative{}, x); }

Tensor operator+(const Tensor& a, double b) { return add(a, scalar_like("add", a, b)); }
Tensor operator+(double a, const Tensor& b) { return add(scalar_like("add", b, a), b); }
Tensor operator-(const Tensor& a, double b) { return subtract(a, scalar_like("subtract", a, b)); }
Tensor operator-(double a, const Tensor& b) { return subtract(scalar_like("subtract", b, a), b); }
Tensor operator*(const Tensor& a, double b) { return multiply(a, scalar_like("multiply", a, b)); }
Tensor operator*(double a, const Tensor& b) { return multiply(scalar_like("multiply", b, a), b); }
Tensor operator/(const Tensor& a, double b) { return divide(a, scalar_like("divide", a, b)); }
Tensor operator/(double a, const Tensor& b) { return divide(scalar_like("divide", b, a), b); }

}  // namespace unroll
