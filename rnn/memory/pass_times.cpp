#include "unroll/rnn/memory/pass_times.hpp"

#include <algorithm>

namespace unroll::memory {

void PassTimes::Least::add(double of_row, double of) {
  if (of_row <= 0 || 2 * of < rows) return;
  seconds = knows(of) ? std::min(seconds, of_row) : of_row;
  rows = std::max(rows, of);
}

PassTimes::Passes& PassTimes::of(double spilled) {
  if (spilled == 0) return alone_;
  if (spilled != spilled_) filed_ = {};
  spilled_ = spilled;
  return filed_;
}

void PassTimes::add_forward(const TimedPass& pass) {
  of(pass.spilled).forward.add(pass.seconds / pass.rows, pass.rows);
  last_ = {pass.seconds + pass.waited, 0, pass.waited};
}

void PassTimes::add_backward(const TimedPass& pass, double replayed) {
  Passes& passes = of(pass.spilled);
  passes.backward.add(pass.seconds / pass.rows - replayed * passes.forward.seconds, pass.rows);
  last_.backward = pass.seconds + pass.waited;
  last_.waited += pass.waited;
}

ChunkSeconds PassTimes::of_chunk(double rows, int cpus, int threads) const {
  double of_cpus = threads < cpus ? 1 : std::max(0.5, static_cast<double>(cpus - 1) / cpus);
  auto fill = [&](const Least& alone, const Least& filed, double& seconds, double& longer) {
    double of_row = alone.knows(filed.rows) ? alone.seconds : of_cpus * filed.seconds;
    bool slower = filed.knows(alone.rows) && filed.seconds > of_row;
    seconds = rows * of_row;
    longer = slower ? rows * (filed.seconds - of_row) / spilled_ : 0;
  };
  ChunkSeconds s;
  fill(alone_.forward, filed_.forward, s.forward, s.forward_file);
  fill(alone_.backward, filed_.backward, s.backward, s.backward_file);
  return s;
}

}  // namespace unroll::memory
