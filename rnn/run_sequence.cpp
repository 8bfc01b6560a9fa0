#include "unroll/rnn/run_sequence.hpp"

#include "unroll/rnn/compile/run_compiled.hpp"
#include "unroll/rnn/time.hpp"

namespace unroll {

SequenceResult run_sequence(std::string_view who, Sequence sequence, Executor executor) {
  sequence.cell.begin_sequence();
  bool any_step = sequence.batch > 0 && sequence.lengths.longest() > 0;
  if (executor != Executor::eager && any_step) {
    auto [result, reason] = compile::run_compiled(sequence, compile::default_passes());
    if (result) return *std::move(result);
    if (executor == Executor::compiled) raise<RuntimeError>(who, "the cell cannot be compiled: ", reason);
  }
  if (sequence.time_major) return run_eager(sequence);
  sequence.inputs = sequence.inputs.map(swap_batch_and_time);
  sequence.time_major = true;
  SequenceResult result = run_eager(sequence);
  result.outputs = result.outputs.map(swap_batch_and_time);
  return result;
}

}  // namespace unroll
