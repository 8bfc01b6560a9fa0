#include "unroll/autograd/ops/selection.hpp"

#include <cmath>

#include "unroll/autograd/ops/comparison.hpp"
#include "unroll/autograd/ops/elementwise.hpp"
#include "unroll/core/kernels/arithmetic.hpp"

namespace unroll {
namespace {

// The gradient goes to the first input where `first` is true.
void add_to_chosen(Vjp& v, const Tensor& first) {
  Tensor zero = scalar_like("where", v.gradient(), 0);
  if (v.needs(0)) v.add_broadcast(0, where(first, v.gradient(), zero));
  if (v.needs(1)) v.add_broadcast(1, where(first, zero, v.gradient()));
}

class ExtremeOp : public BinaryOp {
 public:
  TensorSpec infer(Inputs x) const override {
    if (x[0].dtype() == bool_) raise<TypeError>(name(), "expected numbers, got bool");
    return BinaryOp::infer(x);
  }
  Saved saved() const override { return {Saved::all, Saved::none}; }
};

struct Maximum final : ExtremeOp {
  std::string_view name() const override { return "maximum"; }
  Lowering lowering() const override { return Lowering::elementwise(kernels::TileOp::maximum); }
  void forward(Inputs x, Tensor& y) const override {
    run_binary_number(*this, x, y, [](auto... run) { kernels::maximum(run...); });
  }
  void vjp(Vjp& v) const override { add_to_chosen(v, greater_equal(v.input(0), v.input(1))); }
};

struct Minimum final : ExtremeOp {
  std::string_view name() const override { return "minimum"; }
  Lowering lowering() const override { return Lowering::elementwise(kernels::TileOp::minimum); }
  void forward(Inputs x, Tensor& y) const override {
    run_binary_number(*this, x, y, [](auto... run) { kernels::minimum(run...); });
  }
  void vjp(Vjp& v) const override { add_to_chosen(v, less_equal(v.input(0), v.input(1))); }
};

// min <= x && x <= max ? g : 0
struct ClipGradient final : BinaryOp {
  double min, max;
  ClipGradient(double low, double high) : min(low), max(high) {}
  std::string_view name() const override { return "clip_by_value_gradient"; }
  bool decompose(Inputs x, std::span<Tensor> y) const override {
    Tensor low = scalar_like(name(), x[0], min), high = scalar_like(name(), x[0], max);
    Tensor inside = logical_and(greater_equal(x[0], low), less_equal(x[0], high));
    y[0] = where(inside, x[1], scalar_like(name(), x[1], 0));
    return true;
  }
  TensorSpec infer(Inputs x) const override { return x[0].spec(); }
  void forward(Inputs x, Tensor& y) const override {
    dispatch_floating(name(), y.dtype(), [&](auto zero) {
      using T = decltype(zero);
      T low = static_cast<T>(min), high = static_cast<T>(max);
      run_binary_as<T>(x, y, binary_loop([=](T in, T g) {
                         bool inside = (low <= in) & (in <= high);
                         return inside ? g : T{0};
                       }));
    });
  }
  void vjp(Vjp& v) const override {
    if (v.needs(1)) v.add(1, apply(*this, v.input(0), v.gradient()));
  }
  Saved saved() const override { return {1, Saved::none}; }
};

struct ClipByValue final : FromInputOp {
  double min, max;
  ClipByValue(double low, double high) : min(low), max(high) {}
  std::string_view name() const override { return "clip_by_value"; }
  Lowering lowering() const override { return Lowering::elementwise(kernels::TileOp::clip, min, max); }
  void forward(Inputs x, Tensor& y) const override {
    dispatch_floating(name(), y.dtype(), [&](auto zero) {
      using T = decltype(zero);
      unary_loop([low = static_cast<T>(min), high = static_cast<T>(max)](T in) {
        T below = in > high ? high : in;
        return below < low ? low : below;
      })(x[0].data<T>(), y.mutable_data<T>(), y.size());
    });
  }
  void vjp(Vjp& v) const override { v.add(0, apply(ClipGradient(min, max), v.input(0), v.gradient())); }
};

struct Where final : Op {
  std::string_view name() const override { return "where"; }
  Lowering lowering() const override { return Lowering::elementwise(kernels::TileOp::where); }
  TensorSpec infer(Inputs x) const override {
    if (x[0].dtype() != bool_) raise<TypeError>(name(), "the condition is ", x[0].dtype(), ", expected bool");
    if (x[1].dtype() != x[2].dtype())
      raise<TypeError>(name(), "both branches must have one dtype, got ", x[1].dtype(), " and ", x[2].dtype());
    return {broadcast(name(), x[0].shape(), broadcast(name(), x[1].shape(), x[2].shape())), x[1].dtype()};
  }
  void forward(Inputs x, Tensor& y) const override {
    switch (size_of(y.dtype())) {
      case 1:
        return run<std::uint8_t>(x, y);
      case 4:
        return run<std::uint32_t>(x, y);
      default:
        return run<std::uint64_t>(x, y);
    }
  }
  // Elements of any dtype are bits here.
  template <class Bits>
  static void run(Inputs x, Tensor& y) {
    const auto* condition = reinterpret_cast<const std::uint8_t*>(x[0].data<bool>());
    const Bits *a = reinterpret_cast<const Bits*>(x[1].raw()), *b = reinterpret_cast<const Bits*>(x[2].raw());
    Bits* out = reinterpret_cast<Bits*>(y.mutable_raw());
    BroadcastRuns<3>(y.shape(), {&x[0].shape(), &x[1].shape(), &x[2].shape()})
        .for_each([&](const auto& offset, const auto& step, Index start, Index n) {
          choose(condition + offset[0], step[0], a + offset[1], step[1], b + offset[2], step[2], out + start, n);
        });
  }
  template <class Bits>
  static void choose(const std::uint8_t* c, Index c_step, const Bits* a, Index a_step, const Bits* b, Index b_step,
                     Bits* y, Index n) {
    if (c_step == 0) {
      auto copy = binary_loop([](Bits taken, Bits) { return taken; });
      return *c ? copy(a, a_step, b, Index{0}, y, n) : copy(b, b_step, a, Index{0}, y, n);
    }
    // The compiler vectorises this because the steps are constant, both are read, and the condition is no bool.
    auto loop = [=](auto a_by, auto b_by) {
      for (Index i = 0; i < n; ++i) {
        Bits taken = a[i * a_by], other = b[i * b_by];
        y[i] = c[i] != 0 ? taken : other;
      }
    };
    constexpr std::integral_constant<Index, 0> stay;
    constexpr std::integral_constant<Index, 1> go;
    if (a_step && b_step) return loop(go, go);
    if (a_step) return loop(go, stay);
    if (b_step) return loop(stay, go);
    loop(stay, stay);
  }
  void vjp(Vjp& v) const override {
    const Tensor& condition = v.input(0);
    Tensor zero = scalar_like(name(), v.gradient(), 0);
    if (v.needs(1)) v.add_broadcast(1, where(condition, v.gradient(), zero));
    if (v.needs(2)) v.add_broadcast(2, where(condition, zero, v.gradient()));
  }
  Saved saved() const override { return {1, Saved::none}; }
};

}  // namespace

Tensor maximum(const Tensor& a, const Tensor& b) { return apply(Maximum{}, a, b); }
Tensor minimum(const Tensor& a, const Tensor& b) { return apply(Minimum{}, a, b); }

Tensor clip_by_value(const Tensor& x, double min, double max) {
  constexpr std::string_view who = "clip_by_value";
  if (std::isnan(min) || std::isnan(max)) raise<ValueError>(who, "a bound is NaN");
  if (is_floating(x.dtype())) return apply(ClipByValue(min, max), x);
  return clip_by_value(x, scalar_like(who, x, min), scalar_like(who, x, max));
}

Tensor clip_by_value(const Tensor& x, const Tensor& min, const Tensor& max) {
  constexpr std::string_view who = "clip_by_value";
  for (const Tensor* bound : {&min, &max}) {
    if (bound->dtype() != x.dtype())
      raise<TypeError>(who, "a bound is ", bound->dtype(), ", expected the dtype of x, ", x.dtype());
    if (!broadcasts_to(bound->shape(), x.shape()))
      raise<ValueError>(who, "a bound has shape ", bound->shape(), ", which does not broadcast to that of x, ",
                        x.shape());
  }
  return maximum(minimum(x, max), min);
}

Tensor where(const Tensor& condition, const Tensor& a, const Tensor& b) { return apply(Where{}, condition, a, b); }

}  // namespace unroll
