#include "unroll/cells/conv_lstm_cell.hpp"

#include <algorithm>

#include "unroll/autograd/ops/activation.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/concat.hpp"
#include "unroll/autograd/ops/convolution.hpp"
#include "unroll/autograd/ops/matmul.hpp"
#include "unroll/cells/lstm_state.hpp"

namespace unroll {
namespace {

const Shape& checked_input(std::string_view who, const Shape& input, const Shape& kernel, int dimensions) {
  if (input.rank() != dimensions + 1 || kernel.rank() != dimensions)
    raise<ValueError>(who, "input_shape is ", input, ", kernel_shape ", kernel, "; expected ", dimensions,
                      " spatial dimensions and channels, and a kernel of ", dimensions, " dimensions");
  return input;
}

}  // namespace

ConvLSTMCell::ConvLSTMCell(const Shape& input_shape, Index output_channels, const Shape& kernel_shape,
                           ConvLSTMCellOptions options)
    : RNNCell(options.name, options.dtype),
      input_shape_(checked_input("ConvLSTMCell", input_shape, kernel_shape, std::clamp(kernel_shape.rank(), 1, 3))),
      kernel_shape_(kernel_shape),
      options_(std::move(options)) {
  if (output_channels <= 0 || input_shape.size() == 0 || kernel_shape.size() == 0)
    raise<ValueError>("ConvLSTMCell", "input_shape is ", input_shape, ", kernel_shape ", kernel_shape,
                      ", output_channels ", output_channels, "; all must be above 0");
  output_shape_ = input_shape.with(-1, output_channels);
}

SizeNest ConvLSTMCell::state_size() const {
  return SizeNest::named_tuple("LSTMStateTuple", {{"c", output_shape_}, {"h", output_shape_}});
}

Config ConvLSTMCell::config() const {
  return {{"input_shape", to_string(input_shape_)},
          {"output_channels", output_shape_[-1]},
          {"kernel_shape", to_string(kernel_shape_)},
          {"use_bias", options_.use_bias},
          {"forget_bias", options_.forget_bias}};
}

void ConvLSTMCell::create(const SpecNest& inputs) {
  if (!inputs.is_leaf() || inputs.leaf().shape.slice(1) != input_shape_)
    raise<ValueError>(class_name(), "inputs are ", inputs, ", expected shape (batch,) + ", input_shape_);
  Index channels = output_shape_[-1];
  kernel_ =
      add_variable("kernel", kernel_shape_ + Shape{input_shape_[-1] + channels, 4 * channels}, options_.initializer);
  if (options_.use_bias) biases_ = add_variable("biases", {4 * channels}, zeros_initializer());
}

const Tensor& ConvLSTMCell::image(const Nest& nest, const char* what, const Shape& expected) const {
  const Tensor& x = nest;
  if (x.shape() != expected) raise<ValueError>(class_name(), what, " has shape ", x.shape(), ", expected ", expected);
  if (x.dtype() != dtype())
    raise<TypeError>(class_name(), what, " is ", x.dtype(), ", the variables of the cell ", dtype());
  return x;
}

StepResult ConvLSTMCell::call(const Nest& inputs, const Nest& state) {
  Index batch = inputs.leaf().rank() ? inputs.leaf().shape(0) : 0;
  const Tensor& x = image(inputs, "inputs", input_shape_.insert(0, batch));
  if (state.size() != 2)
    raise<ValueError>(class_name(), "the state is ", state.structure(), ", expected LSTMStateTuple(c, h)");
  Shape expected = output_shape_.insert(0, batch);
  const Tensor &c = image(state[0], "c", expected), &h = image(state[1], "h", expected);
  int channels = x.rank() - 1;
  Tensor gates = convolution(concat(x, h, channels), kernel_);
  if (options_.use_bias) gates = bias_add(gates, biases_);
  auto [i, j, f, o] = split<4>(gates, channels);
  Tensor next_c = sigmoid(f + options_.forget_bias) * c + sigmoid(i) * tanh(j);
  Tensor next_h = sigmoid(o) * tanh(next_c);
  return {next_h, LSTMStateTuple(next_c, next_h)};
}

Conv1DLSTMCell::Conv1DLSTMCell(const Shape& input_shape, Index output_channels, const Shape& kernel_shape,
                               ConvLSTMCellOptions options)
    : ConvLSTMCell(checked_input("Conv1DLSTMCell", input_shape, kernel_shape, 1), output_channels, kernel_shape,
                   std::move(options)) {}

Conv2DLSTMCell::Conv2DLSTMCell(const Shape& input_shape, Index output_channels, const Shape& kernel_shape,
                               ConvLSTMCellOptions options)
    : ConvLSTMCell(checked_input("Conv2DLSTMCell", input_shape, kernel_shape, 2), output_channels, kernel_shape,
                   std::move(options)) {}

Conv3DLSTMCell::Conv3DLSTMCell(const Shape& input_shape, Index output_channels, const Shape& kernel_shape,
                               ConvLSTMCellOptions options)
    : ConvLSTMCell(checked_input("Conv3DLSTMCell", input_shape, kernel_shape, 3), output_channels, kernel_shape,
                   std::move(options)) {}

}  // namespace unroll
