#include "unroll/rnn/lengths.hpp"

#include <algorithm>

namespace unroll {
namespace {

Shape with_ones(std::initializer_list<Index> dims, int rank) {
  Shape shape(dims);
  while (shape.rank() < rank) shape = shape + Shape{1};
  return shape;
}

}  // namespace

Lengths::Lengths(std::string_view who, const Tensor& lengths, Index batch, Index time)
    : time_(time), longest_(time), shortest_(time) {
  lengths_.assign(static_cast<std::size_t>(batch), time);
  if (!lengths) return;
  if (!is_integer(lengths.dtype()))
    raise<TypeError>(who, "sequence_length is ", lengths.dtype(), ", expected int32 or int64");
  if (lengths.rank() != 1) raise<ValueError>(who, "sequence_length must be a vector, its shape is ", lengths.shape());
  if (lengths.size() != batch)
    raise<ValueError>(who, "sequence_length has shape ", lengths.shape(), ", expected (", batch,
                      ",): one length for each row");
  for (Index row = 0; row < batch; ++row) {
    Index length = lengths.dtype() == int32 ? lengths.data<std::int32_t>()[row] : lengths.data<std::int64_t>()[row];
    if (length < 0 || length > time)
      raise<InvalidArgumentError>(who, "sequence_length of row ", row, " is ", length, ", expected 0 to ", time);
    lengths_[row] = length;
  }
  if (batch == 0) return;
  auto [low, high] = std::minmax_element(lengths_.begin(), lengths_.end());
  shortest_ = *low;
  longest_ = *high;
}

Tensor Lengths::alive(Index t, int rank) const {
  Tensor mask({with_ones({static_cast<Index>(lengths_.size())}, rank), bool_});
  std::transform(lengths_.begin(), lengths_.end(), mask.mutable_data<bool>(), [t](Index n) { return t < n; });
  return mask;
}

Tensor Lengths::alive_at_all_times(int rank) const {
  Tensor mask({with_ones({time_, static_cast<Index>(lengths_.size())}, rank), bool_});
  bool* out = mask.mutable_data<bool>();
  for (Index t = 0; t < time_; ++t)
    for (Index n : lengths_) *out++ = t < n;
  return mask;
}

}  // namespace unroll
