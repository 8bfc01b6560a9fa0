#pragma once
#include "unroll/cells/rnn_cell.hpp"

namespace unroll {

struct NASCellOptions {
  std::optional<Index> num_proj = {};  // width of a projection of the output
  bool use_bias = false;               // added to the recurrent part
  Initializer initializer = {};        // of the kernels and the projection; glorot uniform
  std::string name = {};
  std::optional<DType> dtype = {};
};

/// The cell that a search over architectures found (tf.contrib.rnn.NASCell; Zoph and Le 2017, arXiv:1611.01578). With
/// x0 .. x7 the parts of x kernel and m0 .. m7 those of m recurrent_kernel + bias:
///
///     a0 = sigmoid(x0 + m0), a2, a5, a7 likewise;  a1 = relu(x1 + m1);  a3 = relu(x3 * m3);  a4, a6 = tanh(x + m)
///     b0 = tanh(a0 * a1), b1 = tanh(a2 + a3), b2 = tanh(a4 * a5), b3 = sigmoid(a6 + a7)
///     b0 = tanh(b0 + c)
///     c' = b0 * b1
///     m' = tanh(c' * tanh(b2 + b3)), or that times projection_weights
///
/// State LSTMStateTuple(c (batch, num_units), h (batch, num_proj or num_units)), h being m; the output is m'.
/// Variables: recurrent_kernel (width of m, 8 num_units), kernel (depth, 8 num_units), bias (8 num_units,), zeros,
/// projection_weights (num_units, num_proj). Throws ValueError for negative sizes or a num_proj of 0.
class NASCell : public RNNCell {
 public:
  explicit NASCell(Index num_units, NASCellOptions options = {});
  std::string class_name() const override { return "NASCell"; }
  SizeNest state_size() const override;
  SizeNest output_size() const override { return output_units_; }
  Config config() const override;

 private:
  void create(const SpecNest& inputs) override;
  StepResult call(const Nest& inputs, const Nest& state) override;

  Index num_units_, output_units_, depth_ = 0;
  NASCellOptions options_;
  Variable recurrent_kernel_, kernel_, bias_, projection_;
};

}  // namespace unroll
