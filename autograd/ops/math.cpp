#include "unroll/autograd/ops/math.hpp"

#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/cast.hpp"
#include "unroll/autograd/ops/comparison.hpp"
#include "unroll/autograd/ops/elementwise.hpp"
#include "unroll/autograd/ops/selection.hpp"
#include "unroll/core/creation.hpp"
#include "unroll/core/kernels/arithmetic.hpp"
#include "unroll/core/kernels/transcendental.hpp"
#include "unroll/core/kernels/unary_arithmetic.hpp"

namespace unroll {
namespace {

struct Power final : BinaryOp {
  std::string_view name() const override { return "power"; }
  TensorSpec infer(Inputs x) const override {
    floating(name(), x[0]);
    return BinaryOp::infer(x);
  }
  void forward(Inputs x, Tensor& y) const override {
    run_binary_floating(*this, x, y, [](auto... run) { kernels::power(run...); });
  }
  void vjp(Vjp& v) const override {
    const Tensor &a = v.input(0), &b = v.input(1);
    Tensor zero = scalar_like(name(), a, 0), one = scalar_like(name(), a, 1);
    if (v.needs(0)) v.add_broadcast(0, v.gradient() * where(equal(b, zero), zero, b * power(a, b - one)));
    if (v.needs(1)) {
      // The inner one keeps log(a) and its gradient finite.
      Tensor positive = greater(a, zero), log_a = where(positive, log(where(positive, a, one)), zero);
      v.add_broadcast(1, v.gradient() * v.output() * log_a);
    }
  }
};

struct PowerOfNumber final : FromInputOp {
  double exponent;
  explicit PowerOfNumber(double e) : exponent(e) {}
  std::string_view name() const override { return "power"; }
  bool decompose(Inputs x, std::span<Tensor> y) const override {
    if (exponent == 2) y[0] = square(x[0]);
    if (exponent == 1) y[0] = identity(x[0]);
    return exponent == 2 || exponent == 1;
  }
  void forward(Inputs x, Tensor& y) const override {
    run_unary(*this, x, y, [this](auto* in, auto* out, Index n) {
      if (exponent == 1) return std::copy_n(in, n, out), void();
      if (exponent == 2) return kernels::square(in, out, n);
      auto e = static_cast<std::remove_pointer_t<decltype(out)>>(exponent);
      kernels::power(in, Index{1}, &e, Index{0}, out, n);
    });
  }
  void vjp(Vjp& v) const override {
    v.add(0, exponent == 0 ? zeros_like(v.gradient()) : v.gradient() * (exponent * power(v.input(0), exponent - 1)));
  }
};

class NumberUnaryOp : public Op {
 public:
  TensorSpec infer(Inputs x) const override {
    if (x[0].dtype() == bool_) raise<TypeError>(name(), "expected numbers, got bool");
    return x[0].spec();
  }
  Saved saved() const override { return {Saved::all, Saved::none}; }

 protected:
  template <class F>
  void run(Inputs x, Tensor& y, F kernel) const {
    dispatch_number(name(), y.dtype(), [&](auto zero) {
      using T = decltype(zero);
      kernel(x[0].data<T>(), y.mutable_data<T>(), y.size());
    });
  }
};

struct Square final : NumberUnaryOp {
  std::string_view name() const override { return "square"; }
  Lowering lowering() const override { return Lowering::elementwise(kernels::TileOp::square); }
  void forward(Inputs x, Tensor& y) const override {
    run(x, y, [](auto... run) { kernels::square(run...); });
  }
  void vjp(Vjp& v) const override { v.add(0, v.gradient() * (2.0 * v.input(0))); }
};

struct Abs final : NumberUnaryOp {
  std::string_view name() const override { return "abs"; }
  Lowering lowering() const override { return Lowering::elementwise(kernels::TileOp::abs); }
  void forward(Inputs x, Tensor& y) const override {
    run(x, y, [](auto... run) { kernels::abs(run...); });
  }
  void vjp(Vjp& v) const override { v.add(0, v.gradient() * sign(v.input(0))); }
};

struct Sign final : NumberUnaryOp {
  std::string_view name() const override { return "sign"; }
  Lowering lowering() const override { return Lowering::elementwise(kernels::TileOp::sign); }
  void forward(Inputs x, Tensor& y) const override {
    run(x, y, [](auto... run) { kernels::sign(run...); });
  }
  void vjp(Vjp& v) const override { v.add(0, zeros_like(v.gradient())); }
  Saved saved() const override { return {Saved::none, Saved::none}; }
};

struct SquaredDifference final : BinaryOp {
  std::string_view name() const override { return "squared_difference"; }
  bool decompose(Inputs x, std::span<Tensor> y) const override {
    y[0] = square(x[0] - x[1]);
    return true;
  }
  void forward(Inputs x, Tensor& y) const override {
    run_binary_number(*this, x, y, [](auto... run) { kernels::squared_difference(run...); });
  }
  void vjp(Vjp& v) const override {
    Tensor g = v.gradient() * (2.0 * (v.input(0) - v.input(1)));
    v.add_broadcast(0, g);
    if (v.needs(1)) v.add_broadcast(1, -g);
  }
  Saved saved() const override { return {Saved::all, Saved::none}; }
};

struct Sqrt final : FromOutputOp {
  std::string_view name() const override { return "sqrt"; }
  Lowering lowering() const override { return Lowering::elementwise(kernels::TileOp::sqrt); }
  void forward(Inputs x, Tensor& y) const override {
    run_unary(*this, x, y, [](auto... run) { kernels::sqrt(run...); });
  }
  void vjp(Vjp& v) const override { v.add(0, v.gradient() * 0.5 / v.output()); }
};

struct Rsqrt final : FromOutputOp {
  std::string_view name() const override { return "rsqrt"; }
  Lowering lowering() const override { return Lowering::elementwise(kernels::TileOp::rsqrt); }
  void forward(Inputs x, Tensor& y) const override {
    run_unary(*this, x, y, [](auto... run) { kernels::rsqrt(run...); });
  }
  void vjp(Vjp& v) const override { v.add(0, v.gradient() * -0.5 * (v.output() * square(v.output()))); }
};

struct Exp final : FromOutputOp {
  std::string_view name() const override { return "exp"; }
  Lowering lowering() const override { return Lowering::elementwise(kernels::TileOp::exp); }
  void forward(Inputs x, Tensor& y) const override {
    run_unary(*this, x, y, [](auto... run) { kernels::exp(run...); });
  }
  void vjp(Vjp& v) const override { v.add(0, v.gradient() * v.output()); }
};

struct Expm1 final : FromInputOp {
  std::string_view name() const override { return "expm1"; }
  void forward(Inputs x, Tensor& y) const override {
    run_unary(*this, x, y, [](auto... run) { kernels::expm1(run...); });
  }
  void vjp(Vjp& v) const override { v.add(0, v.gradient() * exp(v.input(0))); }
};

struct Log final : FromInputOp {
  std::string_view name() const override { return "log"; }
  Lowering lowering() const override { return Lowering::elementwise(kernels::TileOp::log); }
  void forward(Inputs x, Tensor& y) const override {
    run_unary(*this, x, y, [](auto... run) { kernels::log(run...); });
  }
  void vjp(Vjp& v) const override { v.add(0, v.gradient() / v.input(0)); }
};

struct Log1p final : FromInputOp {
  std::string_view name() const override { return "log1p"; }
  void forward(Inputs x, Tensor& y) const override {
    run_unary(*this, x, y, [](auto... run) { kernels::log1p(run...); });
  }
  void vjp(Vjp& v) const override { v.add(0, v.gradient() / (1.0 + v.input(0))); }
};

struct Sin final : FromInputOp {
  std::string_view name() const override { return "sin"; }
  void forward(Inputs x, Tensor& y) const override {
    run_unary(*this, x, y, [](auto... run) { kernels::sin(run...); });
  }
  void vjp(Vjp& v) const override { v.add(0, v.gradient() * cos(v.input(0))); }
};

struct Cos final : FromInputOp {
  std::string_view name() const override { return "cos"; }
  void forward(Inputs x, Tensor& y) const override {
    run_unary(*this, x, y, [](auto... run) { kernels::cos(run...); });
  }
  void vjp(Vjp& v) const override { v.add(0, -(v.gradient() * sin(v.input(0)))); }
};

}  // namespace

Tensor power(const Tensor& x, const Tensor& y) { return apply(Power{}, x, y); }
Tensor power(const Tensor& x, double y) { return apply(PowerOfNumber(y), x); }
Tensor square(const Tensor& x) { return apply(Square{}, x); }
Tensor squared_difference(const Tensor& a, const Tensor& b) { return apply(SquaredDifference{}, a, b); }
Tensor sqrt(const Tensor& x) { return apply(Sqrt{}, x); }
Tensor rsqrt(const Tensor& x) { return apply(Rsqrt{}, x); }
Tensor exp(const Tensor& x) { return apply(Exp{}, x); }
Tensor expm1(const Tensor& x) { return apply(Expm1{}, x); }
Tensor log(const Tensor& x) { return apply(Log{}, x); }
Tensor log1p(const Tensor& x) { return apply(Log1p{}, x); }
Tensor abs(const Tensor& x) { return apply(Abs{}, x); }
Tensor sign(const Tensor& x) { return apply(Sign{}, x); }
Tensor sin(const Tensor& x) { return apply(Sin{}, x); }
Tensor cos(const Tensor& x) { return apply(Cos{}, x); }

}  // namespace unroll
