#include "unroll/rnn/run_sequence.hpp"

#include "unroll/rnn/compile/run_compiled.hpp"
#include "unroll/rnn/memory/replay.hpp"
#include "unroll/rnn/time.hpp"

namespace unroll {
namespace {

Tensor lengths_tensor(const Lengths& lengths) {
  std::span<const Index> rows = lengths.of_rows();
  return Tensor({static_cast<Index>(rows.size())}, rows);
}

}  // namespace

SequenceResult run_sequence(std::string_view who, Sequence sequence, Executor executor) {
  sequence.cell.begin_sequence();
  bool any_step = sequence.batch > 0 && sequence.lengths.longest() > 0;
  if (executor != Executor::eager && any_step) {
    auto [result, reason] = compile::run_compiled(sequence, compile::default_passes());
    if (result) return *std::move(result);
    if (executor == Executor::compiled) raise<RuntimeError>(who, "the cell cannot be compiled: ", reason);
  }
  // Of the eager executor the order of time is no concern.
  auto reversed = [lengths = lengths_tensor(sequence.lengths), reverse = sequence.reverse](const Nest& nest) {
    return reverse ? nest.map([&](const Tensor& x) { return reverse_time(x, lengths); }) : nest;
  };
  bool swapped = !sequence.time_major;
  if (swapped) sequence.inputs = sequence.inputs.map(swap_batch_and_time);
  sequence.inputs = reversed(sequence.inputs);
  sequence.time_major = true;
  sequence.reverse = false;
  SequenceResult result = sequence.memory.swap_memory ? run_replayed(sequence) : run_eager(sequence);
  result.outputs = reversed(result.outputs);
  if (swapped) result.outputs = result.outputs.map(swap_batch_and_time);
  return result;
}

}  // namespace unroll
