#include "unroll/train/batches.hpp"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <numeric>

#include "unroll/core/creation.hpp"
#include "unroll/core/random.hpp"
#include "unroll/io/npz.hpp"

namespace unroll {
namespace {

constexpr std::string_view who = "Batches";

void check_alike(std::size_t k, std::string_view what, const TensorSpec& spec, const TensorSpec& first,
                 bool whole_shape) {
  if (spec.dtype != first.dtype)
    raise<TypeError>(who, what, " of example ", k, " are ", spec.dtype, ", those of the first ", first.dtype);
  const int from = whole_shape ? 0 : 1;
  if (spec.shape.rank() != first.shape.rank() || spec.shape.slice(from) != first.shape.slice(from))
    raise<ValueError>(who, what, " of example ", k, " have shape ", spec.shape, ", those of the first ", first.shape);
}

std::vector<Index> count_up(std::size_t n) {
  std::vector<Index> numbers(n);
  std::iota(numbers.begin(), numbers.end(), Index{0});
  return numbers;
}

// Side by side; with `time`, padded to it.
Tensor joined(const std::vector<Example>& examples, Tensor Example::*part, Index time) {
  const Tensor& first = examples[0].*part;
  const Shape shape = time >= 0 ? first.shape().with(0, time) : first.shape();
  Tensor result = zeros(shape.insert(0, static_cast<Index>(examples.size())), first.dtype());
  const std::size_t stride = result.bytes() / examples.size();
  std::byte* out = result.mutable_raw();
  for (const Example& e : examples) {
    std::memcpy(out, (e.*part).raw(), (e.*part).bytes());
    out += stride;
  }
  return result;
}

}  // namespace

Example read_example_npz(const std::filesystem::path& file) {
  const NamedTensors tensors = read_npz(file);
  Example example{find_tensor(tensors, "inputs"), find_tensor(tensors, "targets")};
  if (!example.inputs || !example.targets)
    raise<DataLossError>("read_example_npz", file.string(), ": expected the arrays \"inputs\" and \"targets\"");
  return example;
}

// The order of an epoch is asked for batch by batch.
struct Batches::Order {
  std::mutex mutex;
  std::int64_t epoch = -1;
  std::vector<Index> rows;    // of all batches
  std::vector<Index> places;  // batch k is the one at places[k]
};

Batches::Batches(std::vector<Example> examples, BatchesOptions options)
    : examples_(std::move(examples)), options_(options), order_(std::make_shared<Order>()) {
  for (const Example& e : examples_) specs_.push_back({e.inputs.spec(), e.targets.spec()});
  check();
}

Batches::Batches(std::vector<std::filesystem::path> files, ReadExample read, BatchesOptions options)
    : files_(std::move(files)), read_(std::move(read)), options_(options), order_(std::make_shared<Order>()) {
  for (const auto& file : files_) {
    const Example e = read_(file);
    specs_.push_back({e.inputs.spec(), e.targets.spec()});
  }
  check();
}

void Batches::check() {
  if (specs_.empty()) raise<ValueError>(who, "no examples are given");
  if (options_.batch_size < 1) raise<ValueError>(who, "batch_size is ", options_.batch_size, ", expected at least 1");
  for (const auto& [inputs, targets] : specs_) {
    if (inputs.shape.rank() < 1) raise<ValueError>(who, "inputs have shape (), expected (time, ...)");
    targets_have_time_ = targets_have_time_ && targets.shape.rank() >= 1 && targets.shape[0] == inputs.shape[0];
  }
  for (std::size_t k = 0; k < specs_.size(); ++k) {
    check_alike(k, "inputs", specs_[k].inputs, specs_[0].inputs, false);
    check_alike(k, "targets", specs_[k].targets, specs_[0].targets, !targets_have_time_);
  }
}

Index Batches::size() const {
  return (static_cast<Index>(specs_.size()) + options_.batch_size - 1) / options_.batch_size;
}

Example Batches::example(Index k) const {
  const auto at = static_cast<std::size_t>(k);
  if (files_.empty()) return examples_[at];
  Example e = read_(files_[at]);
  if (e.inputs.spec() != specs_[at].inputs || e.targets.spec() != specs_[at].targets)
    raise<ValueError>(who, files_[at].string(), " has other shapes than at first");
  return e;
}

std::vector<Index> Batches::rows(std::int64_t epoch, Index batch) const {
  if (batch < 0 || batch >= size()) raise<IndexError>(who, "batch ", batch, " of ", size());
  std::lock_guard lock(order_->mutex);
  if (order_->epoch != epoch) {
    order_->rows = count_up(specs_.size());
    order_->places = count_up(static_cast<std::size_t>(size()));
    RandomGenerator random(options_.seed, static_cast<std::uint64_t>(epoch) * 2);
    if (options_.shuffle) random.shuffle(order_->rows);
    auto length = [&](Index k) { return specs(k).inputs.shape[0]; };
    if (options_.by_length)
      std::stable_sort(order_->rows.begin(), order_->rows.end(),
                       [&](Index a, Index b) { return length(a) > length(b); });
    if (options_.by_length && options_.shuffle) random.shuffle(order_->places);  // long and short batches in any order
    order_->epoch = epoch;
  }
  const Index first = order_->places[static_cast<std::size_t>(batch)] * options_.batch_size;
  const Index last = std::min(first + options_.batch_size, static_cast<Index>(specs_.size()));
  return {order_->rows.begin() + first, order_->rows.begin() + last};
}

Index Batches::time(std::int64_t epoch, Index batch) const {
  Index time = 0;
  for (Index row : rows(epoch, batch)) time = std::max(time, specs(row).inputs.shape[0]);
  return time;
}

Batch Batches::get(std::int64_t epoch, Index batch) const {
  std::vector<Example> examples;
  std::vector<std::int32_t> lengths;
  for (Index row : rows(epoch, batch)) {
    examples.push_back(example(row));
    lengths.push_back(static_cast<std::int32_t>(examples.back().inputs.shape(0)));
  }
  const Index time = *std::max_element(lengths.begin(), lengths.end());
  return {joined(examples, &Example::inputs, time), joined(examples, &Example::targets, targets_have_time_ ? time : -1),
          Tensor(Shape{static_cast<Index>(lengths.size())}, lengths)};
}

}  // namespace unroll
