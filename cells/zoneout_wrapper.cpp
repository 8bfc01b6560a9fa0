#include "unroll/cells/zoneout_wrapper.hpp"

#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/comparison.hpp"
#include "unroll/autograd/ops/dropout.hpp"
#include "unroll/autograd/ops/selection.hpp"
#include "unroll/core/creation.hpp"

namespace unroll {
namespace {

constexpr std::string_view who = "ZoneoutWrapper";

double checked_factor(std::string_view name, double factor) {
  if (!(factor >= 0 && factor < 1)) raise<ValueError>(who, name, " is ", factor, ", expected 0 <= factor < 1");
  return factor;
}

// The factor of each tensor of a state, in order.
void add_factors(const Nest& state, const ZoneoutWrapperOptions& options, CachedVector<double>& factors) {
  if (state.is_leaf()) factors.push_back(options.zoneout_factor_output);
  for (std::size_t k = 0; k < state.size(); ++k) {
    bool memory = k == 0 && state.type_name() == "LSTMStateTuple" && state[k].is_leaf();
    if (memory)
      factors.push_back(options.zoneout_factor_cell);
    else
      add_factors(state[k], options, factors);
  }
}

}  // namespace

ZoneoutWrapper::ZoneoutWrapper(std::shared_ptr<RNNCell> cell, ZoneoutWrapperOptions options)
    : CellWrapper(who, std::move(cell)), options_(options), random_(options.seed) {
  checked_factor("zoneout_factor_cell", options_.zoneout_factor_cell);
  checked_factor("zoneout_factor_output", options_.zoneout_factor_output);
}

Config ZoneoutWrapper::config() const {
  return {{"zoneout_factor_cell", options_.zoneout_factor_cell},
          {"zoneout_factor_output", options_.zoneout_factor_output}};
}

Tensor ZoneoutWrapper::zone_out(const Tensor& before, const Tensor& after, double factor, std::uint64_t slot) {
  if (factor == 0 || !is_floating(after.dtype())) return after;
  if (!training_) return factor * before + (1 - factor) * after;
  RandomStream stream = random_.draw(slot);
  Tensor mask = dropout(ones_like(after), factor, {.seed = stream.seed, .stream = stream.stream});
  return where(greater(mask, 0), after, before);
}

StepResult ZoneoutWrapper::call(const Nest& inputs, const Nest& state) {
  StepResult step = (*wrapped_cell())(inputs, state);
  step.state.assert_same_structure(who, "the cell's new state", state);
  CachedVector<Tensor> before = state.leaves(), after = step.state.leaves(), zoned;
  CachedVector<double> factors;
  add_factors(step.state, options_, factors);
  for (std::size_t k = 0; k < after.size(); ++k) zoned.push_back(zone_out(before[k], after[k], factors[k], k));
  step.output = step.output.map([&](const Tensor& y) {
    for (std::size_t k = 0; k < after.size(); ++k)
      if (y.is_same(after[k])) return zoned[k];
    return y;
  });
  step.state = step.state.pack(zoned);
  return step;
}

}  // namespace unroll
