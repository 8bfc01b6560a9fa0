#include "unroll/autograd/ops/floor.hpp"

#include <cmath>

#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/elementwise.hpp"

namespace unroll {
namespace {

struct Floor final : FloatingUnaryOp {
  std::string_view name() const override { return "floor"; }
  Lowering lowering() const override { return Lowering::elementwise(kernels::TileOp::floor); }
  void forward(Inputs x, Tensor& y) const override {
    run_unary(*this, x, y, [](auto* in, auto* out, Index n) {
      for (Index i = 0; i < n; ++i) out[i] = std::floor(in[i]);
    });
  }
  bool differentiable() const override { return false; }
};

}  // namespace

Tensor floor(const Tensor& x) { return apply(Floor{}, x); }
Tensor floor_mod(const Tensor& a, const Tensor& b) { return a - floor(a / b) * b; }

}  // namespace unroll
