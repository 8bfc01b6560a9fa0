#include "unroll/rnn/keras/masked_cell.hpp"

#include "unroll/autograd/ops/reshape.hpp"
#include "unroll/autograd/ops/selection.hpp"
#include "unroll/core/creation.hpp"

namespace unroll::keras {
namespace {

Nest select(const Tensor& mask, const Nest& after, const Nest& before) {
  std::vector<Tensor> old = before.flatten();
  std::size_t k = 0;
  return after.map([&](const Tensor& x) {
    const Tensor& kept = old[k++];
    if (x.rank() == 0) return x;
    Shape shape({mask.size()});
    while (shape.rank() < x.rank()) shape = shape + Shape{1};
    return where(reshape(mask, shape), x, kept);
  });
}

}  // namespace

Nest MaskedCell::zero_state(Index batch, DType dtype) const {
  Nest output = cell_.output_size().map([&](const Shape& size) { return zeros(size.insert(0, batch), dtype); });
  return Nest::tuple({cell_.zero_state(batch, dtype), output});
}

StepResult MaskedCell::call(const Nest& inputs, const Nest& state) {
  const Tensor& mask = inputs[1];
  StepResult step = cell_(inputs[0], state[0]);
  Nest next = select(mask, step.state, state[0]);
  Nest last = select(mask, step.output, state[1]);
  Nest output = zero_output_ ? select(mask, step.output, step.output.map(zeros_like)) : last;
  return {output, Nest::tuple({next, last})};
}

}  // namespace unroll::keras
