#include "unroll/cells/basic_lstm_cell.hpp"

#include "unroll/autograd/ops/activation.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/concat.hpp"
#include "unroll/autograd/ops/matmul.hpp"
#include "unroll/cells/check.hpp"
#include "unroll/cells/lstm_state.hpp"

namespace unroll {

BasicLSTMCell::BasicLSTMCell(Index num_units, BasicLSTMCellOptions options)
    : RNNCell(options.name, options.dtype),
      num_units_(checked_units("BasicLSTMCell", "num_units", num_units)),
      options_(std::move(options)) {
  options_.activation = options_.activation.value_or("tanh");
}

SizeNest BasicLSTMCell::state_size() const { return lstm_state_size(num_units_, num_units_, options_.state_is_tuple); }

Config BasicLSTMCell::config() const {
  return {{"num_units", num_units_},
          {"forget_bias", options_.forget_bias},
          {"state_is_tuple", options_.state_is_tuple},
          {"activation", options_.activation.name()}};
}

void BasicLSTMCell::create(const SpecNest& inputs) {
  depth_ = input_depth(*this, inputs);
  kernel_ = add_variable("kernel", {depth_ + num_units_, 4 * num_units_});
  bias_ = add_variable("bias", {4 * num_units_}, zeros_initializer());
}

StepResult BasicLSTMCell::call(const Nest& inputs, const Nest& state) {
  const Tensor& x = matrix_input(*this, inputs, depth_, dtype());
  auto [c, h] = lstm_state_parts(*this, state, x.shape(0), num_units_, num_units_, options_.state_is_tuple, dtype());
  auto [i, j, f, o] = split<4>(bias_add(matmul(concat(x, h, 1), kernel_), bias_), 1);
  Tensor next_c = sigmoid(f + options_.forget_bias) * c + sigmoid(i) * options_.activation(j);
  Tensor next_h = sigmoid(o) * options_.activation(next_c);
  return {next_h, lstm_state(next_c, next_h, options_.state_is_tuple)};
}

}  // namespace unroll
