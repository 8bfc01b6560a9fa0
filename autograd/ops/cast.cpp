#include "unroll/autograd/ops/cast.hpp"

#include <algorithm>

#include "unroll/autograd/vjp.hpp"

namespace unroll {
namespace {

struct Cast final : Op {
  DType dtype;
  explicit Cast(DType d) : dtype(d) {}
  std::string_view name() const override { return "cast"; }
  Lowering lowering() const override { return Lowering::elementwise(kernels::TileOp::copy); }
  auto attributes() const { return dtype; }
  TensorSpec infer(Inputs x) const override { return {x[0].shape(), dtype}; }
  void forward(Inputs x, Tensor& y) const override {
    dispatch(x[0].dtype(), [&](auto from) {
      dispatch(dtype, [&](auto to) {
        using To = decltype(to);
        const auto* in = x[0].data<decltype(from)>();
        std::transform(in, in + y.size(), y.mutable_data<To>(), [](auto value) { return convert<To>(value); });
      });
    });
  }
  void vjp(Vjp& v) const override { v.add(0, cast(v.gradient(), v.input_spec(0).dtype)); }
  bool differentiable() const override { return is_floating(dtype); }
  Saved saved() const override { return {Saved::none, Saved::none}; }
};

struct Identity : ViewOp {
  std::string_view name() const override { return "identity"; }
  Lowering lowering() const override { return {.kind = Lowering::Kind::reshape}; }
  using ViewOp::infer;
  TensorSpec infer(Inputs x) const override { return x[0].spec(); }
  using ViewOp::view;
  Tensor view(Inputs x) const override { return x[0].reshaped_view(x[0].shape()); }
  void vjp(Vjp& v) const override { v.add(0, v.gradient()); }
};

struct StopGradient final : Identity {
  std::string_view name() const override { return "stop_gradient"; }
  bool differentiable() const override { return false; }
};

}  // namespace

Tensor cast(const Tensor& x, DType dtype) { return x.dtype() == dtype ? x : apply(Cast(dtype), x); }
Tensor stop_gradient(const Tensor& x) { return apply(StopGradient{}, x); }
Tensor identity(const Tensor& x) { return apply(Identity{}, x); }

}  // namespace unroll
