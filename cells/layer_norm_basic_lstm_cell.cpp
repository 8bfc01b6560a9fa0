#include "unroll/cells/layer_norm_basic_lstm_cell.hpp"

#include "unroll/autograd/ops/activation.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/concat.hpp"
#include "unroll/autograd/ops/dropout.hpp"
#include "unroll/autograd/ops/matmul.hpp"
#include "unroll/cells/check.hpp"
#include "unroll/cells/lstm_state.hpp"

namespace unroll {

LayerNormBasicLSTMCell::LayerNormBasicLSTMCell(Index num_units, LayerNormBasicLSTMCellOptions options)
    : RNNCell(options.name, options.dtype),
      num_units_(checked_units("LayerNormBasicLSTMCell", "num_units", num_units)),
      options_(std::move(options)),
      random_(options_.dropout_prob_seed) {
  options_.activation = options_.activation.value_or("tanh");
  if (!(options_.dropout_keep_prob >= 0 && options_.dropout_keep_prob <= 1))
    raise<ValueError>("LayerNormBasicLSTMCell", "dropout_keep_prob must be between 0 and 1, it is ",
                      options_.dropout_keep_prob);
}

SizeNest LayerNormBasicLSTMCell::state_size() const { return lstm_state_size(num_units_, num_units_, true); }

Config LayerNormBasicLSTMCell::config() const {
  return {{"num_units", num_units_},
          {"forget_bias", options_.forget_bias},
          {"activation", options_.activation.name()},
          {"layer_norm", options_.layer_norm},
          {"dropout_keep_prob", options_.dropout_keep_prob}};
}

void LayerNormBasicLSTMCell::create(const SpecNest& inputs) {
  depth_ = input_depth(*this, inputs);
  kernel_ = add_variable("kernel", {depth_ + num_units_, 4 * num_units_});
  if (!options_.layer_norm) {
    bias_ = add_variable("bias", {4 * num_units_});
    return;
  }
  auto norm = [&](const std::string& of) {
    Variable gamma = add_variable(of + "/gamma", {num_units_}, constant_initializer(options_.norm_gain));
    return NormVariables{gamma, add_variable(of + "/beta", {num_units_}, constant_initializer(options_.norm_shift))};
  };
  input_ = norm("input");
  transform_ = norm("transform");
  forget_ = norm("forget");
  output_ = norm("output");
  state_ = norm("state");
}

StepResult LayerNormBasicLSTMCell::call(const Nest& inputs, const Nest& state) {
  const Tensor& x = matrix_input(*this, inputs, depth_, dtype());
  auto [c, h] = lstm_state_parts(*this, state, x.shape(0), num_units_, num_units_, true, dtype());
  Tensor gates = matmul(concat(x, h, 1), kernel_);
  if (!options_.layer_norm) gates = bias_add(gates, bias_);
  auto [i, j, f, o] = split<4>(gates, 1);
  if (options_.layer_norm) {
    i = input_(i);
    j = transform_(j);
    f = forget_(f);
    o = output_(o);
  }
  Tensor candidate = options_.activation(j);
  if (training_ && options_.dropout_keep_prob < 1) {
    RandomStream stream = random_.draw(0);
    candidate = dropout(candidate, 1 - options_.dropout_keep_prob, {.seed = stream.seed, .stream = stream.stream});
  }
  Tensor next_c = sigmoid(f + options_.forget_bias) * c + sigmoid(i) * candidate;
  if (options_.layer_norm) next_c = state_(next_c);
  Tensor next_h = sigmoid(o) * options_.activation(next_c);
  return {next_h, LSTMStateTuple(next_c, next_h)};
}

}  // namespace unroll
