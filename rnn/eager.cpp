#include "unroll/autograd/ops/concat.hpp"
#include "unroll/core/creation.hpp"
#include "unroll/core/random.hpp"
#include "unroll/rnn/eager_steps.hpp"

namespace unroll {

SequenceResult run_eager(const Sequence& s, detail::DrawLog* first_draws) {
  EagerSteps steps(s);
  // Step t of input leaf k is slices[k][t].
  std::vector<std::vector<Tensor>> slices;
  without_padding(s).for_each(
      [&](const Tensor& x) { slices.push_back(s.time ? unstack(x, 0) : std::vector<Tensor>()); });

  std::vector<Tensor> zero = steps.zero_output().flatten();
  std::vector<std::vector<Tensor>> outputs(zero.size());
  for (auto& of_leaf : outputs) of_leaf.reserve(static_cast<std::size_t>(s.time));

  Nest state = s.initial_state;
  std::vector<Tensor> step_inputs(slices.size());
  for (Index t = 0; t < s.lengths.longest(); ++t) {
    detail::UseDrawLog draws(t == 0 && first_draws ? first_draws : detail::draw_log);
    for (std::size_t k = 0; k < slices.size(); ++k) step_inputs[k] = slices[k][static_cast<std::size_t>(t)];
    StepResult result = steps.take(t, s.inputs.pack(step_inputs), state);
    std::size_t k = 0;
    result.output.for_each([&](const Tensor& y) { outputs[k++].push_back(y); });
    state = std::move(result.state);
  }
  for (std::size_t k = 0; k < zero.size(); ++k) outputs[k].resize(static_cast<std::size_t>(s.time), zero[k]);

  std::size_t k = 0;
  Nest stacked = steps.output_size().map([&](const Shape& size) {
    std::size_t leaf = k++;
    if (s.time == 0) return zeros(size.insert(0, s.batch).insert(0, 0), s.dtype);
    return stack(outputs[leaf], 0);
  });
  return {stacked, state};
}

}  // namespace unroll
