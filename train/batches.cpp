#include "unroll/train/batches.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "unroll/core/creation.hpp"
#include "unroll/core/random.hpp"

namespace unroll {
namespace {

constexpr std::string_view who = "Batches";

void check_alike(std::size_t k, std::string_view what, const Tensor& tensor, const Tensor& first, bool whole_shape) {
  if (tensor.dtype() != first.dtype())
    raise<TypeError>(who, what, " of example ", k, " are ", tensor.dtype(), ", those of the first ", first.dtype());
  const int from = whole_shape ? 0 : 1;
  if (tensor.rank() != first.rank() || tensor.shape().slice(from) != first.shape().slice(from))
    raise<ValueError>(who, what, " of example ", k, " have shape ", tensor.shape(), ", those of the first ",
                      first.shape());
}

}  // namespace

Batches::Batches(std::vector<Example> examples, BatchesOptions options)
    : examples_(std::move(examples)), options_(options) {
  if (examples_.empty()) raise<ValueError>(who, "no examples are given");
  if (options_.batch_size < 1) raise<ValueError>(who, "batch_size is ", options_.batch_size, ", expected at least 1");
  for (const Example& e : examples_) {
    if (e.inputs.rank() < 1) raise<ValueError>(who, "inputs have shape (), expected (time, ...)");
    targets_have_time_ = targets_have_time_ && e.targets.rank() >= 1 && e.targets.shape(0) == e.inputs.shape(0);
  }
  for (std::size_t k = 0; k < examples_.size(); ++k) {
    check_alike(k, "inputs", examples_[k].inputs, examples_[0].inputs, false);
    check_alike(k, "targets", examples_[k].targets, examples_[0].targets, !targets_have_time_);
  }
}

Index Batches::size() const {
  return (static_cast<Index>(examples_.size()) + options_.batch_size - 1) / options_.batch_size;
}

Batch Batches::get(std::int64_t epoch, Index batch) const {
  if (batch < 0 || batch >= size()) raise<IndexError>(who, "batch ", batch, " of ", size());
  std::vector<Index> order(examples_.size());
  std::iota(order.begin(), order.end(), Index{0});
  RandomGenerator random(options_.seed, static_cast<std::uint64_t>(epoch) * 2);
  if (options_.shuffle) random.shuffle(order);
  auto length = [&](Index k) { return examples_[static_cast<std::size_t>(k)].inputs.shape(0); };
  if (options_.by_length)
    std::stable_sort(order.begin(), order.end(), [&](Index a, Index b) { return length(a) > length(b); });
  Index place = batch;
  if (options_.by_length && options_.shuffle) {  // long and short batches in any order
    std::vector<Index> places(static_cast<std::size_t>(size()));
    std::iota(places.begin(), places.end(), Index{0});
    random.shuffle(places);
    place = places[static_cast<std::size_t>(batch)];
  }
  const auto first = static_cast<std::ptrdiff_t>(place * options_.batch_size);
  const auto last =
      std::min(first + static_cast<std::ptrdiff_t>(options_.batch_size), static_cast<std::ptrdiff_t>(order.size()));
  const std::vector<Index> rows(order.begin() + first, order.begin() + last);
  std::vector<std::int32_t> lengths;
  for (Index row : rows) lengths.push_back(static_cast<std::int32_t>(length(row)));
  const Index time = *std::max_element(lengths.begin(), lengths.end());
  return {joined(rows, &Example::inputs, time), joined(rows, &Example::targets, targets_have_time_ ? time : -1),
          Tensor(Shape{static_cast<Index>(rows.size())}, lengths)};
}

// Side by side; with `time`, padded to it.
Tensor Batches::joined(const std::vector<Index>& rows, Tensor Example::*part, Index time) const {
  auto tensor = [&](Index row) -> const Tensor& { return examples_[static_cast<std::size_t>(row)].*part; };
  Shape shape = tensor(rows[0]).shape();
  if (time >= 0) shape = shape.with(0, time);
  Tensor result = zeros(shape.insert(0, static_cast<Index>(rows.size())), tensor(rows[0]).dtype());
  const std::size_t stride = result.bytes() / rows.size();
  std::byte* out = result.mutable_raw();
  for (Index row : rows) {
    std::memcpy(out, tensor(row).raw(), tensor(row).bytes());
    out += stride;
  }
  return result;
}

}  // namespace unroll
