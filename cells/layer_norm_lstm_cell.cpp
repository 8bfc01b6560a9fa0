#include "unroll/cells/layer_norm_lstm_cell.hpp"

#include "unroll/autograd/ops/activation.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/concat.hpp"
#include "unroll/autograd/ops/matmul.hpp"
#include "unroll/autograd/ops/selection.hpp"
#include "unroll/cells/check.hpp"
#include "unroll/cells/lstm_state.hpp"

namespace unroll {

LayerNormLSTMCell::LayerNormLSTMCell(Index num_units, LayerNormLSTMCellOptions options)
    : RNNCell(options.name, options.dtype),
      num_units_(checked_units("LayerNormLSTMCell", "num_units", num_units)),
      output_units_(checked_projection("LayerNormLSTMCell", num_units, options.num_proj)),
      options_(std::move(options)) {
  checked_clip("LayerNormLSTMCell", "cell_clip", options_.cell_clip);
  checked_clip("LayerNormLSTMCell", "proj_clip", options_.proj_clip);
  options_.activation = options_.activation.value_or("tanh");
}

SizeNest LayerNormLSTMCell::state_size() const { return lstm_state_size(num_units_, output_units_, true); }

Config LayerNormLSTMCell::config() const {
  return {{"num_units", num_units_},
          {"use_peepholes", options_.use_peepholes},
          {"cell_clip", or_null(options_.cell_clip)},
          {"num_proj", or_null(options_.num_proj)},
          {"proj_clip", or_null(options_.proj_clip)},
          {"forget_bias", options_.forget_bias},
          {"activation", options_.activation.name()},
          {"layer_norm", options_.layer_norm}};
}

void LayerNormLSTMCell::create(const SpecNest& inputs) {
  depth_ = input_depth(*this, inputs);
  auto norm = [&](const std::string& of) {
    Variable gamma = add_variable(of + "/gamma", {num_units_}, constant_initializer(options_.norm_gain));
    return NormVariables{gamma, add_variable(of + "/beta", {num_units_}, constant_initializer(options_.norm_shift))};
  };
  kernel_ = add_variable("kernel", {depth_ + output_units_, 4 * num_units_}, options_.initializer);
  bias_ = add_variable("bias", {4 * num_units_}, zeros_initializer());
  if (options_.layer_norm) {
    input_ = norm("input");
    transform_ = norm("transform");
    forget_ = norm("forget");
    output_ = norm("output");
  }
  if (options_.use_peepholes) {
    w_f_diag_ = add_variable("w_f_diag", {num_units_}, options_.initializer);
    w_i_diag_ = add_variable("w_i_diag", {num_units_}, options_.initializer);
    w_o_diag_ = add_variable("w_o_diag", {num_units_}, options_.initializer);
  }
  if (options_.layer_norm) state_ = norm("state");
  if (options_.num_proj)
    projection_ = add_variable("projection/kernel", {num_units_, output_units_}, options_.initializer);
}

StepResult LayerNormLSTMCell::call(const Nest& inputs, const Nest& state) {
  const Tensor& x = matrix_input(*this, inputs, depth_, dtype());
  auto [c, h] = lstm_state_parts(*this, state, x.shape(0), num_units_, output_units_, true, dtype());
  Tensor gates = matmul(concat(x, h, 1), kernel_);
  if (!options_.layer_norm) gates = bias_add(gates, bias_);
  auto [i, j, f, o] = split<4>(gates, 1);
  if (options_.layer_norm) {
    i = input_(i);
    j = transform_(j);
    f = forget_(f);
    o = output_(o);
  }
  f = f + options_.forget_bias;
  if (options_.use_peepholes) {
    f = f + w_f_diag_ * c;
    i = i + w_i_diag_ * c;
  }
  Tensor next_c = sigmoid(f) * c + sigmoid(i) * options_.activation(j);
  if (options_.layer_norm) next_c = state_(next_c);
  if (options_.cell_clip) next_c = clip_by_value(next_c, -*options_.cell_clip, *options_.cell_clip);
  if (options_.use_peepholes) o = o + w_o_diag_ * next_c;
  Tensor next_h = sigmoid(o) * options_.activation(next_c);
  if (options_.num_proj) {
    next_h = matmul(next_h, projection_);
    if (options_.proj_clip) next_h = clip_by_value(next_h, -*options_.proj_clip, *options_.proj_clip);
  }
  return {next_h, LSTMStateTuple(next_c, next_h)};
}

}  // namespace unroll
