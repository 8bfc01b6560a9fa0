#include "unroll/cells/nas_cell.hpp"

#include "unroll/autograd/ops/activation.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/concat.hpp"
#include "unroll/autograd/ops/matmul.hpp"
#include "unroll/cells/check.hpp"
#include "unroll/cells/lstm_state.hpp"

namespace unroll {

NASCell::NASCell(Index num_units, NASCellOptions options)
    : RNNCell(options.name, options.dtype),
      num_units_(checked_units("NASCell", "num_units", num_units)),
      output_units_(checked_projection("NASCell", num_units, options.num_proj)),
      options_(std::move(options)) {}

SizeNest NASCell::state_size() const { return lstm_state_size(num_units_, output_units_, true); }

Config NASCell::config() const {
  return {{"num_units", num_units_}, {"num_proj", or_null(options_.num_proj)}, {"use_bias", options_.use_bias}};
}

void NASCell::create(const SpecNest& inputs) {
  depth_ = input_depth(*this, inputs);
  recurrent_kernel_ = add_variable("recurrent_kernel", {output_units_, 8 * num_units_}, options_.initializer);
  kernel_ = add_variable("kernel", {depth_, 8 * num_units_}, options_.initializer);
  if (options_.use_bias) bias_ = add_variable("bias", {8 * num_units_}, zeros_initializer());
  if (options_.num_proj)
    projection_ = add_variable("projection_weights", {num_units_, output_units_}, options_.initializer);
}

StepResult NASCell::call(const Nest& inputs, const Nest& state) {
  const Tensor& x = matrix_input(*this, inputs, depth_, dtype());
  auto [c, h] = lstm_state_parts(*this, state, x.shape(0), num_units_, output_units_, true, dtype());
  Tensor recurrent = matmul(h, recurrent_kernel_);
  if (options_.use_bias) recurrent = bias_add(recurrent, bias_);
  auto m = split<8>(recurrent, 1);
  auto in = split<8>(matmul(x, kernel_), 1);

  Tensor b0 = tanh(sigmoid(in[0] + m[0]) * relu(in[1] + m[1]));
  Tensor b1 = tanh(sigmoid(in[2] + m[2]) + relu(in[3] * m[3]));
  Tensor b2 = tanh(tanh(in[4] + m[4]) * sigmoid(in[5] + m[5]));
  Tensor b3 = sigmoid(tanh(in[6] + m[6]) + sigmoid(in[7] + m[7]));
  Tensor next_c = tanh(b0 + c) * b1;
  Tensor next_m = tanh(next_c * tanh(b2 + b3));
  if (options_.num_proj) next_m = matmul(next_m, projection_);
  return {next_m, LSTMStateTuple(next_c, next_m)};
}

}  // namespace unroll
