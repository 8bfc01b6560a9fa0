#include "unroll/train/windows.hpp"

#include <algorithm>

#include "unroll/autograd/ops/slice.hpp"

namespace unroll::detail {
namespace {

constexpr std::string_view who = "fit_truncated";

// Time steps first .. last - 1 of all rows.
Batch part(const Batch& batch, bool targets_have_time, Index first, Index last) {
  Tensor lengths = batch.lengths.clone();
  auto* length = lengths.mutable_data<std::int32_t>();
  std::transform(length, length + lengths.size(), length, [&](std::int32_t n) {
    return static_cast<std::int32_t>(std::clamp<Index>(n - first, 0, last - first));
  });
  return {slice_axis(batch.inputs, 1, first, last),
          targets_have_time ? slice_axis(batch.targets, 1, first, last) : batch.targets, lengths};
}

}  // namespace

Windows::Windows(TruncatedLoss loss, TruncatedOptions options) : loss_(std::move(loss)), options_(std::move(options)) {}

Index Windows::count(Index time) const {
  if (!truncated()) return 1;
  if (time <= options_.burn_in)
    raise<ValueError>(who, "a batch has ", time, " time steps, expected more than the burn-in of ", options_.burn_in);
  return (time - options_.burn_in + options_.window - 1) / options_.window;
}

Tensor Windows::loss(const Batch& batch, bool targets_have_time, Index window, Nest& carried) const {
  if (!truncated()) return loss_(batch, carried);
  const Index first = options_.burn_in + window * options_.window;
  const Index last = std::min(first + options_.window, batch.inputs.shape(1));
  Nest state = carried;
  const bool starts = state.is_leaf() && !state.leaf();
  if (starts) {
    state = options_.initial_state(batch.inputs.shape(0));
    if (options_.burn_in > 0) loss_(part(batch, targets_have_time, first - options_.burn_in, first), state);
  }
  Tensor loss = loss_(part(batch, targets_have_time, first, last), state);
  carried = options_.carry_state ? state : Nest();
  return loss;
}

Nest Windows::state_of(const std::vector<Tensor>& leaves, Index rows) const {
  return options_.initial_state(rows).pack(leaves);
}

}  // namespace unroll::detail
