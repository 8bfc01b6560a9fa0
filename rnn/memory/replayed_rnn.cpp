#include "unroll/rnn/memory/replayed_rnn.hpp"

#include <algorithm>

#include "unroll/autograd/backward.hpp"
#include "unroll/autograd/vjp.hpp"
#include "unroll/core/creation.hpp"

namespace unroll {

using Tensors = StepHistory::Tensors;

std::vector<Tensor> followed_views(const std::vector<Tensor>& tensors) {
  Tensors views;
  for (const Tensor& t : tensors) {
    Tensor& view = views.emplace_back(t.reshaped_view(t.shape()));
    if (is_floating(view.dtype())) detail::thread_log().follow(view);
  }
  return views;
}

ReplayPlan::ReplayPlan(Tensors initial, Index steps, const memory::Checkpoints& checkpoints)
    : store_({steps, [](Index) { return std::size_t{1}; }, 1, 1}, checkpoints), initial_(std::move(initial)) {}

void ReplayPlan::prepare(const memory::Step& step, Tensors& states) {
  if (step.load)
    states = held_.at(step.load);
  else if (step.chunk == 0)
    states = initial_;
  if (step.save) held_[step.save] = states;
  if (step.kept && tail_begin_ < 0) {
    tail_begin_ = step.chunk;
    tail_states_ = states;
  }
}

namespace {

// Steps that are recorded again, and their way back.
class Segment {
 public:
  Segment(StepHistory& history, std::vector<bool> follow, Index begin, const Tensors& states)
      : h_(history), follow_(std::move(follow)), begin_(begin), mark_(log_.mark()) {
    states_ = last_states_ = followed_views(states);
  }
  ~Segment() { log_.rewind(mark_); }
  Segment(const Segment&) = delete;

  Index begin() const { return begin_; }
  Index end() const { return begin_ + static_cast<Index>(taken_.size()); }
  const Tensors& last_states() const { return last_states_; }
  void take_step() {
    taken_.push_back(h_.take_again(end(), last_states_, follow_));
    last_states_ = taken_.back().states;
  }

  struct Gradients {
    Tensors inputs;  // null where there is none
    Tensors states;  // of those after the segment, then of those before it
    Tensors others;
  };
  void run_back(Vjp& v, Gradients& g);

 private:
  // The gradient of output j at step t; null if there is none.
  static Tensor of_output(Vjp& v, std::size_t j, Index t) {
    return v.has_gradient(j) ? step_of(v.gradient(j), t) : Tensor();
  }

  detail::Log& log_ = detail::thread_log();
  StepHistory& h_;
  std::vector<bool> follow_;
  Index begin_;
  detail::Log::Mark mark_;
  GradientTape tape_;
  Tensors states_, last_states_;
  std::vector<StepHistory::Taken> taken_;
};

void Segment::run_back(Vjp& v, Gradients& g) {
  auto pause = tape_.stop_recording();
  std::size_t first_other = g.inputs.size() + g.states.size();
  auto other = [&](std::size_t k) { return v.needs(first_other + k) ? v.node(first_other + k) : 0; };
  std::vector<std::uint32_t> sources;
  for (const auto& step : taken_)
    for (std::size_t k = 0; k < g.inputs.size(); ++k)
      if (follow_[k]) sources.push_back(log_.node(step.inputs[k]));
  for (const Tensor& s : states_) sources.push_back(log_.node(s));
  for (std::size_t k = 0; k < g.others.size(); ++k) sources.push_back(other(k));
  detail::Backward backward(log_, tape_);
  backward.mark_needed(sources);

  // Sums go on in the order in which the records of a whole sequence would add to them: the same bits. There, an output
  // that is a state as well has the gradient of the output before that of the next step.
  auto add = [&](const Tensor& to, const Tensor& gradient) {
    std::uint32_t node = log_.node(to);
    if (gradient && backward.needed(node)) backward.add(node, gradient);
  };
  for (std::size_t k = 0; k < g.others.size(); ++k)
    if (g.others[k]) backward.gradient(other(k)) = std::move(g.others[k]);
  for (std::size_t k = 0; begin_ > 0 && k < states_.size(); ++k)
    if (int j = h_.aliases(begin_ - 1)[k]; j >= 0)
      add(states_[k], of_output(v, static_cast<std::size_t>(j), begin_ - 1));
  for (std::size_t k = 0; k < last_states_.size(); ++k) add(last_states_[k], g.states[k]);
  const StepHistory::Aliases& last = h_.aliases(end() - 1);
  for (Index t = end(); t-- > begin_;)
    for (std::size_t j = 0; j < taken_[0].outputs.size(); ++j) {
      bool added =
          t == end() - 1 && end() < h_.steps() && std::count(last.begin(), last.end(), static_cast<int>(j)) > 0;
      if (!added) add(taken_[static_cast<std::size_t>(t - begin_)].outputs[j], of_output(v, j, t));
    }
  backward.run();

  for (Index t = begin_; t < end(); ++t)
    for (std::size_t k = 0; k < g.inputs.size(); ++k) {
      if (!follow_[k]) continue;
      const Tensor& dx = backward.gradient(log_.node(taken_[static_cast<std::size_t>(t - begin_)].inputs[k]));
      if (!dx) continue;
      if (!g.inputs[k]) g.inputs[k] = zeros(v.input_spec(k).shape, v.input_spec(k).dtype);
      put_step(g.inputs[k], t, dx);
    }
  for (std::size_t k = 0; k < states_.size(); ++k)
    if (std::uint32_t node = log_.node(states_[k])) g.states[k] = std::move(backward.gradient(node));
  for (std::size_t k = 0; k < g.others.size(); ++k)
    if (std::uint32_t node = other(k)) g.others[k] = std::move(backward.gradient(node));
}

}  // namespace

void ReplayedRnn::vjp(Vjp& v) const {
  if (detail::thread_log().recording())
    raise<RuntimeError>(name(), "the gradient with swap_memory is not differentiable: second derivatives through time ",
                        "need the records of all steps");
  StepHistory& h = *history_;
  VariableScope scope = h.scope_of_steps();
  std::size_t first_state = h.inputs().size(), first_other = first_state + h.state_count();
  Segment::Gradients g{Tensors(first_state), Tensors(h.state_count()), Tensors(v.input_count() - first_other)};
  std::vector<bool> follow;
  for (std::size_t k = 0; k < g.inputs.size(); ++k) follow.push_back(v.needs(k));
  std::size_t output_count = v.output_count() - h.state_count();
  for (std::size_t k = 0; k < g.states.size(); ++k)
    if (v.has_gradient(output_count + k)) g.states[k] = v.gradient(output_count + k);
  for (std::size_t k = 0; k < g.others.size(); ++k)
    if (v.needs(first_other + k)) g.others[k] = v.take(first_other + k);

  std::optional<Segment> segment;
  Tensors states;
  plan_->start_backward();
  for (memory::Step step; plan_->next(step);) {
    if (step.direction == memory::Step::Direction::backward) {
      if (!segment) segment.emplace(h, follow, plan_->tail_begin(), plan_->tail_states());
      while (segment->end() <= step.chunk) segment->take_step();
      if (segment->end() == step.chunk + 1) segment->run_back(v, g);
      if (segment->begin() == step.chunk) segment.reset();
      continue;
    }
    if (segment) states = segment->last_states();
    plan_->prepare(step, states);
    if (step.kept) {
      if (!segment) segment.emplace(h, follow, step.chunk, states);
      segment->take_step();
    } else {
      states = h.take_again(step.chunk, states, std::vector<bool>(follow.size())).states;
    }
  }
  for (std::size_t k = 0; k < g.inputs.size(); ++k)
    if (g.inputs[k]) v.add(k, std::move(g.inputs[k]));
  for (std::size_t k = 0; k < g.states.size(); ++k)
    if (g.states[k]) v.add(first_state + k, std::move(g.states[k]));
  for (std::size_t k = 0; k < g.others.size(); ++k)
    if (g.others[k]) v.add(first_other + k, std::move(g.others[k]));
}

}  // namespace unroll
