#include "unroll/cells/lstm_block_cell.hpp"

#include "unroll/autograd/ops/activation.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/cast.hpp"
#include "unroll/autograd/ops/concat.hpp"
#include "unroll/autograd/ops/matmul.hpp"
#include "unroll/autograd/ops/selection.hpp"
#include "unroll/cells/check.hpp"
#include "unroll/cells/lstm_state.hpp"

namespace unroll {

LSTMBlockCell::LSTMBlockCell(Index num_units, LSTMBlockCellOptions options)
    : RNNCell(options.name, options.dtype),
      num_units_(checked_units("LSTMBlockCell", "num_units", num_units)),
      options_(std::move(options)) {}

SizeNest LSTMBlockCell::state_size() const { return lstm_state_size(num_units_, num_units_, true); }

Config LSTMBlockCell::config() const {
  return {{"num_units", num_units_},
          {"forget_bias", options_.forget_bias},
          {"cell_clip", or_null(options_.cell_clip)},
          {"use_peephole", options_.use_peephole}};
}

void LSTMBlockCell::create(const SpecNest& inputs) {
  depth_ = input_depth(*this, inputs);
  kernel_ = add_variable("kernel", {depth_ + num_units_, 4 * num_units_});
  bias_ = add_variable("bias", {4 * num_units_}, zeros_initializer());
  if (!options_.use_peephole) return;
  w_i_diag_ = add_variable("w_i_diag", {num_units_});
  w_f_diag_ = add_variable("w_f_diag", {num_units_});
  w_o_diag_ = add_variable("w_o_diag", {num_units_});
}

StepResult LSTMBlockCell::call(const Nest& inputs, const Nest& state) {
  const Tensor& x = matrix_input(*this, inputs, depth_, dtype());
  auto [c, h] = lstm_state_parts(*this, state, x.shape(0), num_units_, num_units_, true, dtype());
  auto [i, j, f, o] = split<4>(bias_add(matmul(concat(x, h, 1), kernel_), bias_), 1);
  f = f + options_.forget_bias;
  if (options_.use_peephole) {
    i = i + w_i_diag_ * c;
    f = f + w_f_diag_ * c;
  }
  Tensor next_c = sigmoid(f) * c + sigmoid(i) * tanh(j);
  double clip = options_.cell_clip.value_or(0);
  if (clip > 0) next_c = next_c + stop_gradient(clip_by_value(next_c, -clip, clip) - next_c);
  if (options_.use_peephole) o = o + w_o_diag_ * next_c;
  Tensor next_h = sigmoid(o) * tanh(next_c);
  return {next_h, LSTMStateTuple(next_c, next_h)};
}

}  // namespace unroll
