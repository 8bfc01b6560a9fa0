#include "unroll/autograd/ops/ctc_greedy_decoder.hpp"

#include <algorithm>
#include <vector>

#include "unroll/autograd/op.hpp"
#include "unroll/autograd/ops/comparison.hpp"
#include "unroll/core/creation.hpp"

namespace unroll {
namespace {
constexpr std::string_view who = "ctc_greedy_decoder";
}

CtcGreedyDecoderResult ctc_greedy_decoder(const Tensor& inputs, const Tensor& sequence_length,
                                          const CtcGreedyDecoderOptions& options) {
  floating(who, inputs);
  if (inputs.rank() != 3)
    raise<ValueError>(who, "inputs has shape ", inputs.shape(), ", expected (time, batch, classes)");
  Index time = inputs.shape(0), batch = inputs.shape(1), classes = inputs.shape(2);
  Index blank = options.blank_index + (options.blank_index < 0 ? classes : 0);
  if (blank < 0 || blank >= classes)
    raise<ValueError>(who, "blank_index is ", options.blank_index, ", there are ", classes, " classes");
  if (!is_integer(sequence_length.dtype()))
    raise<TypeError>(who, "sequence_length is ", sequence_length.dtype(), ", expected int32 or int64");
  if (sequence_length.shape() != Shape{batch})
    raise<ValueError>(who, "sequence_length has shape ", sequence_length.shape(), ", expected (", batch, ",)");

  Tensor lengths(sequence_length, int64), best = argmax(inputs, 2), logits(inputs, float64);
  Tensor sums = zeros({batch, 1}, float64), counts = zeros({batch}, int64);
  std::vector<std::vector<Index>> labels(static_cast<std::size_t>(batch));
  std::size_t longest = 0;
  for (Index row = 0; row < batch; ++row) {
    Index length = lengths.at<std::int64_t>({row}), before = -1;
    if (length < 0 || length > time)
      raise<InvalidArgumentError>(who, "sequence_length of row ", row, " is ", length, ", expected 0 to ", time);
    double sum = 0;
    for (Index t = 0; t < length; ++t) {
      Index k = best.at<std::int64_t>({t, row});
      sum += logits.at<double>({t, row, k});
      if (k != blank && !(options.merge_repeated && k == before)) labels[row].push_back(k);
      before = k;
    }
    sums.set({row, 0}, -sum);
    counts.set({row}, static_cast<std::int64_t>(labels[row].size()));
    longest = std::max(longest, labels[row].size());
  }
  Tensor decoded = full({batch, static_cast<Index>(longest)}, -1, int64);
  for (Index row = 0; row < batch; ++row)
    std::copy(labels[row].begin(), labels[row].end(),
              decoded.mutable_data<std::int64_t>() + row * static_cast<Index>(longest));
  return {decoded, counts, Tensor(sums, inputs.dtype())};
}

}  // namespace unroll
