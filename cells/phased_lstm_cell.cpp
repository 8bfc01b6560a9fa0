#include "unroll/cells/phased_lstm_cell.hpp"

#include <cmath>

#include "unroll/autograd/ops/activation.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/cast.hpp"
#include "unroll/autograd/ops/comparison.hpp"
#include "unroll/autograd/ops/concat.hpp"
#include "unroll/autograd/ops/floor.hpp"
#include "unroll/autograd/ops/math.hpp"
#include "unroll/autograd/ops/matmul.hpp"
#include "unroll/autograd/ops/selection.hpp"
#include "unroll/cells/check.hpp"
#include "unroll/cells/lstm_state.hpp"
#include "unroll/core/random.hpp"

namespace unroll {
namespace {

constexpr std::string_view who = "PhasedLSTMCell";

void check_pair(const std::string& structure, std::size_t members, bool leaf) {
  if (leaf || members != 2)
    raise<ValueError>(who, "inputs have the structure ", structure, ", expected a tuple (time, x)");
}

}  // namespace

PhasedLSTMCell::PhasedLSTMCell(Index num_units, PhasedLSTMCellOptions options)
    : RNNCell(options.name, options.dtype),
      num_units_(checked_units(who, "num_units", num_units)),
      options_(std::move(options)) {
  if (!(options_.period_init_min > 0 && options_.period_init_min <= options_.period_init_max))
    raise<ValueError>(who, "periods begin between ", options_.period_init_min, " and ", options_.period_init_max,
                      ", expected 0 < min <= max");
}

SizeNest PhasedLSTMCell::state_size() const { return lstm_state_size(num_units_, num_units_, true); }

Config PhasedLSTMCell::config() const {
  return {{"num_units", num_units_}, {"use_peepholes", options_.use_peepholes}, {"leak", options_.leak}};
}

void PhasedLSTMCell::create(const SpecNest& inputs) {
  check_pair(inputs.structure(), inputs.size(), inputs.is_leaf());
  depth_ = input_depth(*this, inputs[1]);
  Index narrow = depth_ + num_units_, wide = narrow + (options_.use_peepholes ? num_units_ : 0);
  mask_kernel_ = add_variable("mask_gates/kernel", {wide, 2 * num_units_});
  mask_bias_ = add_variable("mask_gates/bias", {2 * num_units_}, zeros_initializer());
  input_kernel_ = add_variable("new_input/kernel", {narrow, num_units_});
  input_bias_ = add_variable("new_input/bias", {num_units_}, zeros_initializer());
  output_kernel_ = add_variable("output_gate/kernel", {wide, num_units_});
  output_bias_ = add_variable("output_gate/bias", {num_units_}, zeros_initializer());
  period_ = add_variable("period", {num_units_}, [this](const Shape& shape, DType of) {
    return exp(random_uniform(
        shape, {.minval = std::log(options_.period_init_min), .maxval = std::log(options_.period_init_max)}, of));
  });
  phase_ = add_variable("phase", {num_units_}, [this](const Shape& shape, DType of) {
    return random_uniform(shape, {}, of) * period_.value();
  });
  ratio_on_ =
      add_variable("ratio_on", {num_units_}, constant_initializer(options_.ratio_on), options_.trainable_ratio_on);
}

Tensor PhasedLSTMCell::openness(const Tensor& time) const {
  const Tensor &period = period_, &ratio_on = ratio_on_;
  Tensor shifted = time - phase_.value();
  Tensor cycle = floor_mod(shifted, stop_gradient(period)) / period;
  Tensor up = 2.0 * cycle / ratio_on;
  Tensor k = where(less(cycle, ratio_on), 2.0 - up, options_.leak * cycle);
  return where(less(cycle, 0.5 * ratio_on), up, k);
}

StepResult PhasedLSTMCell::call(const Nest& inputs, const Nest& state) {
  check_pair(inputs.structure(), inputs.size(), inputs.is_leaf());
  const Tensor& x = matrix_input(*this, inputs[1], depth_, dtype());
  const Tensor& time = matrix_input(*this, inputs[0], 1, dtype());
  auto [c, h] = lstm_state_parts(*this, state, x.shape(0), num_units_, num_units_, true, dtype());
  Tensor both = concat(x, h, 1);
  auto with = [&](const Tensor& memory) { return options_.use_peepholes ? concat(both, memory, 1) : both; };
  auto [i, f] = split<2>(sigmoid(bias_add(matmul(with(c), mask_kernel_), mask_bias_)), 1);
  Tensor open_c = f * c + i * tanh(bias_add(matmul(both, input_kernel_), input_bias_));
  Tensor open_h = tanh(open_c) * sigmoid(bias_add(matmul(with(open_c), output_kernel_), output_bias_));
  Tensor k = openness(time);
  Tensor next_c = k * open_c + (1.0 - k) * c;
  Tensor next_h = k * open_h + (1.0 - k) * h;
  return {next_h, LSTMStateTuple(next_c, next_h)};
}

}  // namespace unroll
