#include "unroll/cells/coupled_input_forget_gate_lstm_cell.hpp"

#include "unroll/autograd/ops/activation.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/concat.hpp"
#include "unroll/autograd/ops/matmul.hpp"
#include "unroll/autograd/ops/selection.hpp"
#include "unroll/cells/check.hpp"
#include "unroll/cells/lstm_state.hpp"

namespace unroll {
namespace {
constexpr std::string_view who = "CoupledInputForgetGateLSTMCell";
}

CoupledInputForgetGateLSTMCell::CoupledInputForgetGateLSTMCell(Index num_units,
                                                               CoupledInputForgetGateLSTMCellOptions options)
    : RNNCell(options.name, options.dtype),
      num_units_(checked_units(who, "num_units", num_units)),
      output_units_(checked_projection(who, num_units, options.num_proj)),
      options_(std::move(options)) {
  checked_clip(who, "proj_clip", options_.proj_clip);
  options_.activation = options_.activation.value_or("tanh");
}

SizeNest CoupledInputForgetGateLSTMCell::state_size() const {
  return lstm_state_size(num_units_, output_units_, options_.state_is_tuple);
}

Config CoupledInputForgetGateLSTMCell::config() const {
  return {{"num_units", num_units_},
          {"use_peepholes", options_.use_peepholes},
          {"num_proj", or_null(options_.num_proj)},
          {"proj_clip", or_null(options_.proj_clip)},
          {"forget_bias", options_.forget_bias},
          {"state_is_tuple", options_.state_is_tuple},
          {"activation", options_.activation.name()},
          {"layer_norm", options_.layer_norm}};
}

void CoupledInputForgetGateLSTMCell::create(const SpecNest& inputs) {
  depth_ = input_depth(*this, inputs);
  auto norm = [&](const std::string& of) {
    Variable gamma = add_variable(of + "/gamma", {num_units_}, constant_initializer(options_.norm_gain));
    return NormVariables{gamma, add_variable(of + "/beta", {num_units_}, constant_initializer(options_.norm_shift))};
  };
  kernel_ = add_variable("W_0", {depth_ + output_units_, 3 * num_units_}, options_.initializer);
  bias_ = add_variable("B", {3 * num_units_}, zeros_initializer());
  if (options_.layer_norm) {
    transform_ = norm("transform");
    forget_ = norm("forget");
    output_ = norm("output");
  }
  if (options_.use_peepholes) {
    w_f_diag_ = add_variable("W_F_diag", {num_units_}, options_.initializer);
    w_o_diag_ = add_variable("W_O_diag", {num_units_}, options_.initializer);
  }
  if (options_.layer_norm) state_ = norm("state");
  if (options_.num_proj) projection_ = add_variable("W_P_0", {num_units_, output_units_}, options_.initializer);
}

StepResult CoupledInputForgetGateLSTMCell::call(const Nest& inputs, const Nest& state) {
  const Tensor& x = matrix_input(*this, inputs, depth_, dtype());
  auto [c, h] = lstm_state_parts(*this, state, x.shape(0), num_units_, output_units_, options_.state_is_tuple, dtype());
  Tensor gates = matmul(concat(x, h, 1), kernel_);
  if (!options_.layer_norm) gates = bias_add(gates, bias_);
  auto [j, f, o] = split<3>(gates, 1);
  if (options_.layer_norm) {
    j = transform_(j);
    f = forget_(f);
    o = output_(o);
  }
  f = f + options_.forget_bias;
  if (options_.use_peepholes) f = f + w_f_diag_ * c;
  f = sigmoid(f);
  Tensor next_c = f * c + (1.0 - f) * options_.activation(j);
  if (options_.layer_norm) next_c = state_(next_c);
  if (options_.use_peepholes) o = o + w_o_diag_ * next_c;
  Tensor next_h = sigmoid(o) * options_.activation(next_c);
  if (options_.num_proj) {
    next_h = matmul(next_h, projection_);
    if (options_.proj_clip) next_h = clip_by_value(next_h, -*options_.proj_clip, *options_.proj_clip);
  }
  return {next_h, lstm_state(next_c, next_h, options_.state_is_tuple)};
}

}  // namespace unroll
