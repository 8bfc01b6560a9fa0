#include "unroll/autograd/ops/activation.hpp"

#include <cmath>
#include <numbers>

#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/comparison.hpp"
#include "unroll/autograd/ops/elementwise.hpp"
#include "unroll/autograd/ops/math.hpp"
#include "unroll/autograd/ops/selection.hpp"
#include "unroll/core/kernels/activation.hpp"
#include "unroll/core/kernels/transcendental.hpp"

namespace unroll {
namespace {

// Loops choose between operands, not between results: else the compiler does not vectorise them.

// positive ? x : alpha x
template <class T>
T leak(bool positive, T x, double alpha) {
  return (positive ? x : T(-0.0)) + static_cast<T>(alpha) * (positive ? 0 : x);
}

// Gradients from x or y, and the gradient g of y, of the same shape: one op each, and again differentiable.
class GradientOp : public BinaryOp {
 public:
  TensorSpec infer(Inputs x) const override { return x[0].spec(); }
  Saved saved() const override { return {Saved::all, Saved::none}; }
};

struct SigmoidGradient final : GradientOp {
  std::string_view name() const override { return "sigmoid_gradient"; }
  Lowering lowering() const override { return Lowering::elementwise(kernels::TileOp::sigmoid_gradient); }
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
  Lowering lowering() const override { return Lowering::elementwise(kernels::TileOp::tanh_gradient); }
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
  Lowering lowering() const override { return Lowering::elementwise(kernels::TileOp::relu_gradient); }
  void forward(Inputs x, Tensor& y) const override {
    run_binary_floating(*this, x, y, [](auto... run) { kernels::relu_gradient(run...); });
  }
  void vjp(Vjp& v) const override {
    if (v.needs(1)) v.add(1, apply(ReluGradient{}, v.input(0), v.gradient()));
  }
  Saved saved() const override { return {1, Saved::none}; }
};

// From x.
struct LeakyReluGradient final : GradientOp {
  double alpha;
  explicit LeakyReluGradient(double a) : alpha(a) {}
  std::string_view name() const override { return "leaky_relu_gradient"; }
  bool decompose(Inputs x, std::span<Tensor> y) const override {
    y[0] = where(greater(x[0], scalar_like(name(), x[0], 0)), x[1], x[1] * alpha);
    return true;
  }
  void forward(Inputs x, Tensor& y) const override {
    run_binary_floating(*this, x, y, binary_loop([a = alpha](auto in, auto g) { return leak(in > 0, g, a); }));
  }
  void vjp(Vjp& v) const override {
    if (v.needs(1)) v.add(1, apply(*this, v.input(0), v.gradient()));
  }
  Saved saved() const override { return {1, Saved::none}; }
};

// y < 0 ? g (y + negative) : g positive
struct EluGradient final : GradientOp {
  double positive, negative;
  EluGradient(double p, double n) : positive(p), negative(n) {}
  std::string_view name() const override { return "elu_gradient"; }
  bool decompose(Inputs x, std::span<Tensor> y) const override {
    Tensor below = less(x[0], scalar_like(name(), x[0], 0));
    y[0] = x[1] * where(below, x[0] + negative, scalar_like(name(), x[0], positive));
    return true;
  }
  void forward(Inputs x, Tensor& y) const override {
    run_binary_floating(*this, x, y, binary_loop([p = positive, n = negative](auto out, auto g) {
      using T = decltype(g);
      return g * ((out < 0 ? out : 0) + (out < 0 ? static_cast<T>(n) : static_cast<T>(p)));
    }));
  }
  void vjp(Vjp& v) const override {
    const Tensor &y = v.input(0), &g = v.input(1);
    Tensor zero = scalar_like(name(), y, 0);
    if (v.needs(0)) v.add(0, where(less(y, zero), v.gradient() * g, zero));
    if (v.needs(1)) v.add(1, apply(*this, y, v.gradient()));
  }
};

struct Sigmoid final : FromOutputOp {
  std::string_view name() const override { return "sigmoid"; }
  Lowering lowering() const override { return Lowering::elementwise(kernels::TileOp::sigmoid); }
  void forward(Inputs x, Tensor& y) const override {
    run_unary(*this, x, y, [](auto... run) { kernels::sigmoid(run...); });
  }
  void vjp(Vjp& v) const override { v.add(0, apply(SigmoidGradient{}, v.output(), v.gradient())); }
};

struct Tanh final : FromOutputOp {
  std::string_view name() const override { return "tanh"; }
  Lowering lowering() const override { return Lowering::elementwise(kernels::TileOp::tanh); }
  void forward(Inputs x, Tensor& y) const override {
    run_unary(*this, x, y, [](auto... run) { kernels::tanh(run...); });
  }
  void vjp(Vjp& v) const override { v.add(0, apply(TanhGradient{}, v.output(), v.gradient())); }
};

struct Relu final : FromOutputOp {
  std::string_view name() const override { return "relu"; }
  Lowering lowering() const override { return Lowering::elementwise(kernels::TileOp::relu); }
  void forward(Inputs x, Tensor& y) const override {
    run_unary(*this, x, y, [](auto... run) { kernels::relu(run...); });
  }
  void vjp(Vjp& v) const override { v.add(0, apply(ReluGradient{}, v.output(), v.gradient())); }
};

struct LeakyRelu final : FromInputOp {
  double alpha;
  explicit LeakyRelu(double a) : alpha(a) {}
  std::string_view name() const override { return "leaky_relu"; }
  bool decompose(Inputs x, std::span<Tensor> y) const override {
    y[0] = where(greater(x[0], scalar_like(name(), x[0], 0)), x[0], x[0] * alpha);
    return true;
  }
  void forward(Inputs x, Tensor& y) const override {
    run_unary(*this, x, y, unary_loop([a = alpha](auto in) { return leak(in > 0, in, a); }));
  }
  void vjp(Vjp& v) const override { v.add(0, apply(LeakyReluGradient(alpha), v.input(0), v.gradient())); }
};

// x < 0 ? negative (exp(x) - 1) : positive x
struct Elu final : FromOutputOp {
  std::string_view own_name;
  double positive, negative;
  Elu(std::string_view who, double p, double n) : own_name(who), positive(p), negative(n) {}
  std::string_view name() const override { return own_name; }
  // exp(x) - 1 = 2 t / (1 - t), t = tanh(x / 2), of which no digits cancel below 0
  bool decompose(Inputs x, std::span<Tensor> y) const override {
    Tensor zero = scalar_like(name(), x[0], 0), t = tanh(minimum(x[0], zero) * 0.5);
    y[0] = where(less(x[0], zero), t * (2 * negative) / (1.0 - t), x[0] * positive);
    return true;
  }
  void forward(Inputs x, Tensor& y) const override {
    run_unary(*this, x, y, [&](auto* in, auto* out, Index n) {
      using T = std::remove_pointer_t<decltype(out)>;
      T p = static_cast<T>(positive), q = static_cast<T>(negative);
      kernels::expm1(in, out, n);
      std::transform(in, in + n, out, out,
                     [=](T value, T expm1) { return (value < 0 ? q : p) * (value < 0 ? expm1 : value); });
    });
  }
  void vjp(Vjp& v) const override { v.add(0, apply(EluGradient(positive, negative), v.output(), v.gradient())); }
};

struct Softplus final : FromInputOp {
  std::string_view name() const override { return "softplus"; }
  Lowering lowering() const override { return Lowering::elementwise(kernels::TileOp::softplus); }
  void forward(Inputs x, Tensor& y) const override {
    run_unary(*this, x, y, [](auto... run) { kernels::softplus(run...); });
  }
  void vjp(Vjp& v) const override { v.add(0, v.gradient() * sigmoid(v.input(0))); }
};

struct Softsign final : FromInputOp {
  std::string_view name() const override { return "softsign"; }
  bool decompose(Inputs x, std::span<Tensor> y) const override {
    y[0] = x[0] / (1.0 + abs(x[0]));
    return true;
  }
  void forward(Inputs x, Tensor& y) const override {
    run_unary(*this, x, y, unary_loop([](auto in) { return in / (1 + std::abs(in)); }));
  }
  void vjp(Vjp& v) const override { v.add(0, v.gradient() / square(1.0 + abs(v.input(0)))); }
};

struct Swish final : FromInputOp {
  std::string_view name() const override { return "swish"; }
  bool decompose(Inputs x, std::span<Tensor> y) const override {
    y[0] = x[0] * sigmoid(x[0]);
    return true;
  }
  void forward(Inputs x, Tensor& y) const override {
    run_unary(*this, x, y, [](auto* in, auto* out, Index n) {
      kernels::sigmoid(in, out, n);
      std::transform(in, in + n, out, out, std::multiplies<>());
    });
  }
  void vjp(Vjp& v) const override {
    Tensor s = sigmoid(v.input(0));
    v.add(0, v.gradient() * (s * (1.0 + v.input(0) * (1.0 - s))));
  }
};

// erfc keeps its digits where 1 + erf cancels.
double normal_distribution(double x) { return 0.5 * std::erfc(-x * (1 / std::numbers::sqrt2)); }

struct NormalDistribution final : FromInputOp {
  std::string_view name() const override { return "normal_distribution"; }
  void forward(Inputs x, Tensor& y) const override {
    run_unary(*this, x, y, unary_loop([](auto in) { return static_cast<decltype(in)>(normal_distribution(in)); }));
  }
  void vjp(Vjp& v) const override { v.add(0, v.gradient() * density(v.input(0))); }
  static Tensor density(const Tensor& x) {
    return exp(square(x) * -0.5) * (std::numbers::inv_sqrtpi / std::numbers::sqrt2);
  }
};

struct Gelu final : FromInputOp {
  std::string_view name() const override { return "gelu"; }
  void forward(Inputs x, Tensor& y) const override {
    run_unary(*this, x, y, unary_loop([](auto in) { return static_cast<decltype(in)>(in * normal_distribution(in)); }));
  }
  void vjp(Vjp& v) const override {
    const Tensor& x = v.input(0);
    v.add(0, v.gradient() * (apply(NormalDistribution{}, x) + x * NormalDistribution::density(x)));
  }
};

struct GeluApproximation final : FromInputOp {
  // u = x (a + b x^2)
  static constexpr double a = std::numbers::sqrt2 * std::numbers::inv_sqrtpi, b = 0.044715 * a;
  std::string_view name() const override { return "gelu"; }
  bool decompose(Inputs x, std::span<Tensor> y) const override {
    y[0] = 0.5 * x[0] * (1.0 + tanh(x[0] * (a + b * square(x[0]))));
    return true;
  }
  void forward(Inputs x, Tensor& y) const override {
    run_unary(*this, x, y, [](auto* in, auto* out, Index n) {
      using T = std::remove_pointer_t<decltype(out)>;
      std::transform(in, in + n, out, [](T value) { return value * (T(a) + T(b) * value * value); });
      kernels::tanh(out, out, n);
      std::transform(in, in + n, out, out, [](T value, T tanh) { return T(0.5) * value * (1 + tanh); });
    });
  }
  void vjp(Vjp& v) const override {
    const Tensor& x = v.input(0);
    Tensor x2 = square(x), t = tanh(x * (a + b * x2));
    v.add(0, v.gradient() * (0.5 * (1.0 + t + x * (1.0 - square(t)) * (a + 3 * b * x2))));
  }
};

}  // namespace

Tensor sigmoid(const Tensor& x) { return apply(Sigmoid{}, x); }
Tensor tanh(const Tensor& x) { return apply(Tanh{}, x); }
Tensor softsign(const Tensor& x) { return apply(Softsign{}, x); }
Tensor softplus(const Tensor& x) { return apply(Softplus{}, x); }
Tensor relu(const Tensor& x) { return apply(Relu{}, x); }
Tensor leaky_relu(const Tensor& x, double alpha) { return apply(LeakyRelu(alpha), x); }
Tensor elu(const Tensor& x) { return apply(Elu("elu", 1, 1), x); }
Tensor selu(const Tensor& x) {
  constexpr double scale = 1.0507009873554804934193349852946, alpha = 1.6732632423543772848170429916717;
  return apply(Elu("selu", scale, scale * alpha), x);
}
Tensor gelu(const Tensor& x, bool approximate) {
  return approximate ? apply(GeluApproximation{}, x) : apply(Gelu{}, x);
}
Tensor swish(const Tensor& x) { return apply(Swish{}, x); }

Tensor hard_sigmoid(const Tensor& x) {
  floating("hard_sigmoid", x);
  return clip_by_value(x * 0.2 + 0.5, 0, 1);
}

}  // namespace unroll
