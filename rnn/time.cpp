#include "unroll/rnn/time.hpp"

#include <numeric>

#include "unroll/autograd/ops/reverse.hpp"
#include "unroll/autograd/ops/transpose.hpp"

namespace unroll {

Tensor swap_batch_and_time(const Tensor& x) {
  std::vector<int> axes(static_cast<std::size_t>(x.rank()));
  std::iota(axes.begin(), axes.end(), 0);
  std::swap(axes[0], axes[1]);
  return transpose(x, axes);
}

Tensor reverse_time(const Tensor& x, const Tensor& sequence_length, bool time_major) {
  int time_axis = time_major ? 0 : 1;
  return sequence_length ? reverse_sequence(x, sequence_length, time_axis, 1 - time_axis) : reverse(x, {time_axis});
}

}  // namespace unroll
