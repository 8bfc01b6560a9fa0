#pragma once
#include "unroll/cells/rnn_cell.hpp"

namespace unroll {

struct ConvLSTMCellOptions {
  bool use_bias = true;
  double forget_bias = 1.0;      // added to the forget gate at each step, not stored
  Initializer initializer = {};  // of the kernel; glorot uniform
  std::string name = {};
  std::optional<DType> dtype = {};
};

/// LSTM of images: its products are convolutions (tf.contrib.rnn.ConvLSTMCell; Shi et al. 2015, arXiv:1506.04214).
/// `input_shape` is (spatial..., channels) of one input; inputs are (batch,) + input_shape.
///
///     [i, j, f, o] = convolution([x, h], kernel) + biases, the gates side by side in the channels
///     c' = sigmoid(f + forget_bias) * c + sigmoid(i) * tanh(j)
///     h' = sigmoid(o) * tanh(c')
///
/// with zeros around the border, so that sizes stay. State LSTMStateTuple(c, h), both (batch, spatial...,
/// output_channels); the output is h'. Variables: kernel (kernel_shape..., channels + output_channels, 4
/// output_channels); biases (4 output_channels,), zeros. (TensorFlow's skip_connection cannot be used in a loop and is
/// left out.) Throws ValueError unless the kernel has one size for each of the input's spatial dimensions, 1 to 3, and
/// all sizes are above 0.
class ConvLSTMCell : public RNNCell {
 public:
  ConvLSTMCell(const Shape& input_shape, Index output_channels, const Shape& kernel_shape,
               ConvLSTMCellOptions options = {});
  std::string class_name() const override { return "ConvLSTMCell"; }
  SizeNest state_size() const override;
  SizeNest output_size() const override { return output_shape_; }
  Config config() const override;

 private:
  void create(const SpecNest& inputs) override;
  StepResult call(const Nest& inputs, const Nest& state) override;
  const Tensor& image(const Nest& nest, const char* what, const Shape& expected) const;

  Shape input_shape_, output_shape_, kernel_shape_;
  ConvLSTMCellOptions options_;
  Variable kernel_, biases_;
};

/// In one dimension: inputs (batch, width, channels), under the name conv_1d_lstm_cell (tf.contrib.rnn.Conv1DLSTMCell).
class Conv1DLSTMCell : public ConvLSTMCell {
 public:
  Conv1DLSTMCell(const Shape& input_shape, Index output_channels, const Shape& kernel_shape,
                 ConvLSTMCellOptions options = {});
  std::string class_name() const override { return "Conv1DLSTMCell"; }

 protected:
  std::string default_name() const override { return "conv_1d_lstm_cell"; }
};

/// In two: inputs (batch, height, width, channels), under the name conv_2d_lstm_cell (tf.contrib.rnn.Conv2DLSTMCell).
class Conv2DLSTMCell : public ConvLSTMCell {
 public:
  Conv2DLSTMCell(const Shape& input_shape, Index output_channels, const Shape& kernel_shape,
                 ConvLSTMCellOptions options = {});
  std::string class_name() const override { return "Conv2DLSTMCell"; }

 protected:
  std::string default_name() const override { return "conv_2d_lstm_cell"; }
};

/// In three: inputs (batch, depth, height, width, channels), under the name conv_3d_lstm_cell
/// (tf.contrib.rnn.Conv3DLSTMCell).
class Conv3DLSTMCell : public ConvLSTMCell {
 public:
  Conv3DLSTMCell(const Shape& input_shape, Index output_channels, const Shape& kernel_shape,
                 ConvLSTMCellOptions options = {});
  std::string class_name() const override { return "Conv3DLSTMCell"; }

 protected:
  std::string default_name() const override { return "conv_3d_lstm_cell"; }
};

}  // namespace unroll
