#include "unroll/autograd/ops/activation.hpp"

#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/elementwise.hpp"
#include "unroll/core/kernels/activation.hpp"

namespace unroll {
namespace {

// Gradients from the output y and the gradient g of y, of the same shape: one op each, and again differentiable.
class GradientOp : public BinaryOp {
 public:
  TensorSpec infer(Inputs x) const override { return x[0].spec(); }
  Saved saved() const override { return {Saved::all, Saved::none}; }
};

struct SigmoidGradient final : GradientOp {
  std::string_view name() const override { return "sigmoid_gradient"; }
  void forward(Inputs x, Tensor& y) const override {
    run_binary_floating(*this, x, y, [](auto... run) { kernels::sigmoid_gradient(run...); });
  }
  void vjp(Vjp& v) const override {
    const Tensor &y = v.input(0), &g = v.input(1);
    if (v.needs(0)) v.add(0, v.gradient() * g * (1.0 - 2.0 * y));
    if (v.needs(1)) v.add(1, apply(SigmoidGradient{}, y, v.gradient()));
  }
};

struct TanhGradient final : GradientOp {
  std::string_view name() const override { return "tanh_gradient"; }
  void forward(Inputs x, Tensor& y) const override {
    run_binary_floating(*this, x, y, [](auto... run) { kernels::tanh_gradient(run...); });
  }
  void vjp(Vjp& v) const override {
    const Tensor &y = v.input(0), &g = v.input(1);
    if (v.needs(0)) v.add(0, v.gradient() * g * y * -2.0);
    if (v.needs(1)) v.add(1, apply(TanhGradient{}, y, v.gradient()));
  }
};

struct ReluGradient final : GradientOp {
  std::string_view name() const override { return "relu_gradient"; }
  void forward(Inputs x, Tensor& y) const override {
    run_binary_floating(*this, x, y, [](auto... run) { kernels::relu_gradient(run...); });
  }
  void vjp(Vjp& v) const override {
    if (v.needs(1)) v.add(1, apply(ReluGradient{}, v.input(0), v.gradient()));
  }
  Saved saved() const override { return {1, Saved::none}; }
};

// What the gradient of these needs is the output alone.
class ActivationOp : public FloatingUnaryOp {
 public:
  Saved saved() const override { return {Saved::none, Saved::all}; }
};

struct Sigmoid final : ActivationOp {
  std::string_view name() const override { return "sigmoid"; }
  void forward(Inputs x, Tensor& y) const override {
    run_unary(*this, x, y, [](auto... run) { kernels::sigmoid(run...); });
  }
  void vjp(Vjp& v) const override { v.add(0, apply(SigmoidGradient{}, v.output(), v.gradient())); }
};

struct Tanh final : ActivationOp {
  std::string_view name() const override { return "tanh"; }
  void forward(Inputs x, Tensor& y) const override {
    run_unary(*this, x, y, [](auto... run) { kernels::tanh(run...); });
  }
  void vjp(Vjp& v) const override { v.add(0, apply(TanhGradient{}, v.output(), v.gradient())); }
};

struct Relu final : ActivationOp {
  std::string_view name() const override { return "relu"; }
  void forward(Inputs x, Tensor& y) const override {
    run_unary(*this, x, y, [](auto... run) { kernels::relu(run...); });
  }
  void vjp(Vjp& v) const override { v.add(0, apply(ReluGradient{}, v.output(), v.gradient())); }
};

}  // namespace

Tensor sigmoid(const Tensor& x) { return apply(Sigmoid{}, x); }
Tensor tanh(const Tensor& x) { return apply(Tanh{}, x); }
Tensor relu(const Tensor& x) { return apply(Relu{}, x); }

}  // namespace unroll
