#include "unroll/autograd/ops/dropout.hpp"

#include <cmath>

#include "unroll/autograd/ops/elementwise.hpp"
#include "unroll/core/kernels/arithmetic.hpp"
#include "unroll/core/kernels/dropout.hpp"
#include "unroll/core/random.hpp"
#include "unroll/core/thread_team.hpp"

namespace unroll {
namespace {

struct Dropout final : FloatingUnaryOp {
  double rate;
  RandomStream random;
  std::uint64_t offset;
  Shape noise_shape;

  Dropout(double rate, RandomStream random, std::uint64_t offset, const Shape& noise_shape)
      : rate(rate), random(random), offset(offset), noise_shape(noise_shape) {}

  std::string_view name() const override { return "dropout"; }
  auto attributes() const { return std::tie(rate, offset, noise_shape); }  // which stream may differ from call to call
  Lowering lowering() const override {
    bool shared = noise_shape.rank() > 1 && noise_shape[0] == 1;
    return {.kind = Lowering::Kind::dropout,
            .number_count = 1,
            .numbers = {rate},
            .mask = {random.seed, random.stream, offset, shared}};
  }
  void set_stream(std::uint64_t stream) override { random.stream = stream; }
  TensorSpec infer(Inputs x) const override {
    if (!broadcasts_to(noise_shape, x[0].shape()))
      raise<ValueError>(name(), "noise_shape ", noise_shape, " cannot be broadcast to the shape of x, ", x[0].shape());
    return FloatingUnaryOp::infer(x);
  }
  void forward(Inputs x, Tensor& y) const override {
    dispatch_floating(name(), y.dtype(), [&](auto zero) {
      using T = decltype(zero);
      const T* in = x[0].data<T>();
      T* out = y.mutable_data<T>();
      BroadcastRuns<2>(y.shape(), {&y.shape(), &noise_shape})
          .for_each([&](const auto& at, const auto& step, Index start, Index n) {
            drop(in + at[0], out + start, n, offset + static_cast<std::uint64_t>(at[1]), step[1]);
          });
    });
  }
  void vjp(Vjp& v) const override { v.add(0, apply(*this, v.gradient())); }
  Saved saved() const override { return {Saved::none, Saved::none}; }

 private:
  // `step` is 1 where the mask has an element for each of x's, 0 where one stands for all n.
  template <class T>
  void drop(const T* x, T* y, Index n, std::uint64_t position, Index step) const {
    const kernels::DropoutRule rule{random.seed, random.stream, static_cast<std::uint64_t>(std::ceil(rate * 0x1p32)),
                                    1 / (1 - rate)};
    if (step == 0) {
      T factor = 1;
      kernels::dropout(rule, position, &factor, &factor, 1);
      kernels::multiply(x, 1, &factor, 0, y, n);
      return;
    }
    constexpr double ns_per_block = 4;
    parallel_rows((n + 3) / 4, ns_per_block, [&](Index first, Index last) {
      first *= 4;
      kernels::dropout(rule, position + static_cast<std::uint64_t>(first), x + first, y + first,
                       std::min(last * 4, n) - first);
    });
  }
};

}  // namespace

Tensor dropout(const Tensor& x, double rate, const DropoutOptions& o) {
  if (!(rate >= 0 && rate < 1)) raise<ValueError>("dropout", "rate is ", rate, ", expected 0 <= rate < 1");
  RandomStream random = detail::choose_stream("dropout", o.seed, o.stream, o.offset);
  Dropout op(rate, random, o.offset, o.noise_shape.value_or(x.shape()));
  if (rate == 0) {
    const Tensor* input = &x;
    op.infer(Inputs(&input, 1));
    return x;
  }
  return apply(op, x);
}

}  // namespace unroll
