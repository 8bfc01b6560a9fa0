#include "unroll/rnn/memory/step_history.hpp"

#include <xxhash.h>

#include <algorithm>

#include "unroll/autograd/log.hpp"
#include "unroll/core/thread_team.hpp"

namespace unroll {
namespace {

constexpr std::size_t most_aliases = 255;  // different ones; those of other steps are not remembered

std::uint64_t hash(const StepHistory::Taken& taken) {
  std::uint64_t h = 0;
  for (const auto* tensors : {&taken.outputs, &taken.states})
    for (const Tensor& t : *tensors) h = XXH3_64bits_withSeed(t.raw(), t.bytes(), h);
  return h;
}

StepHistory::Aliases aliases_in(const StepHistory::Taken& taken) {
  StepHistory::Aliases aliases;
  for (const Tensor& s : taken.states) {
    auto same = [&](const Tensor& y) { return &y.impl() == &s.impl(); };
    auto found = std::find_if(taken.outputs.begin(), taken.outputs.end(), same);
    aliases.push_back(found == taken.outputs.end() ? -1 : static_cast<int>(found - taken.outputs.begin()));
  }
  return aliases;
}

}  // namespace

Tensor step_of(const Tensor& whole, Index t) {
  return whole.rows_view(t, t + 1).reshaped_view(whole.shape().without(0));
}

void put_step(Tensor& whole, Index t, const Tensor& step) {
  std::memcpy(whole.mutable_raw() + static_cast<std::size_t>(t) * step.bytes(), step.raw(), step.bytes());
}

StepHistory::StepHistory(const Sequence& sequence)
    : sequence_(sequence),
      cell_(sequence.cell.lifetime()),
      cell_name_(sequence.cell.class_name()),
      scope_(VariableScope::current()),
      threads_(num_threads()),
      inputs_(without_padding(sequence).flatten()),
      eager_(sequence_),
      aliases_{Aliases(sequence.initial_state.leaf_count(), -1)} {}

Nest StepHistory::pack_outputs(const Tensors& outputs) const { return eager_.zero_output().pack(outputs); }

std::vector<TapeRecord> StepHistory::records() const {
  std::vector<TapeRecord> all;
  std::span<const Index> lengths = sequence_.lengths.of_rows();
  for (Index t = 0; t < steps(); ++t) {
    Index rows = std::count_if(lengths.begin(), lengths.end(), [t](Index length) { return length > t; });
    all.push_back({cell_name_, t, rows, 0});
  }
  return all;
}

StepHistory::Taken StepHistory::run(Index t, const Tensors& states, const std::vector<bool>& follow) {
  Taken taken;
  for (std::size_t k = 0; k < inputs_.size(); ++k) {
    Tensor& step = taken.inputs.emplace_back(step_of(inputs_[k], t));
    if (follow[k]) detail::thread_log().follow(step);
  }
  StepResult result = eager_.take(t, sequence_.inputs.pack(taken.inputs), sequence_.initial_state.pack(states));
  taken.outputs = result.output.flatten();
  taken.states = result.state.flatten();
  return taken;
}

StepHistory::Taken StepHistory::take(Index t, const Tensors& states, const std::vector<bool>& follow) {
  detail::DrawLog log;
  Taken taken;
  {
    detail::UseDrawLog use(&log);
    taken = run(t, states, follow);
  }
  hashes_.push_back(hash(taken));
  if (!log.streams.empty() && draws_of_step_.empty()) draws_of_step_.resize(static_cast<std::size_t>(t));
  if (!log.streams.empty() || !draws_of_step_.empty()) draws_of_step_.push_back(draws_.size());
  draws_.insert(draws_.end(), log.streams.begin(), log.streams.end());
  Aliases aliases = aliases_in(taken);
  auto known = std::find(aliases_.begin(), aliases_.end(), aliases);
  if (known == aliases_.end() && aliases_.size() < most_aliases) known = aliases_.insert(known, aliases);
  alias_of_step_.push_back(static_cast<std::uint8_t>(known == aliases_.end() ? 0 : known - aliases_.begin()));
  return taken;
}

detail::DrawLog StepHistory::first_draws() const { return {draws_, true}; }

VariableScope StepHistory::scope_of_steps() const {
  if (cell_.expired())
    raise<RuntimeError>(cell_name_, "with swap_memory the gradient needs the cell, which has been destroyed or moved");
  return VariableScope::absolute(scope_);
}

StepHistory::Taken StepHistory::take_again(Index t, const Tensors& states, const std::vector<bool>& follow) {
  auto step = static_cast<std::size_t>(t);
  detail::DrawLog log{{}, true};
  if (!draws_of_step_.empty()) {
    auto place = [&](std::size_t k) {
      return draws_.begin() +
             static_cast<std::ptrdiff_t>(k < draws_of_step_.size() ? draws_of_step_[k] : draws_.size());
    };
    log.streams.assign(place(step), place(step + 1));
  }
  Taken taken;
  {
    detail::UseDrawLog use(&log);
    taken = run(t, states, follow);
  }
  bool same_draws = !log.ran_out && log.next == log.streams.size();
  // Another number of threads may round otherwise.
  if (!same_draws || (threads_ == num_threads() && hash(taken) != hashes_[step]))
    raise<RuntimeError>(cell_name_, "step ", t, " gives something else when it is taken again, as ",
                        "swap_memory asks for: the cell has side effects, or something that it reads has changed");
  return taken;
}

}  // namespace unroll
