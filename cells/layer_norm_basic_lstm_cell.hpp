#pragma once
#include "unroll/cells/activation_argument.hpp"
#include "unroll/cells/norm_variables.hpp"
#include "unroll/cells/rnn_cell.hpp"
#include "unroll/cells/step_random.hpp"

namespace unroll {

struct LayerNormBasicLSTMCellOptions {
  double forget_bias = 1.0;            // added to the forget gate at each step, not stored
  ActivationArgument activation = {};  // tanh
  bool layer_norm = true;
  double norm_gain = 1.0;          // what gammas begin with
  double norm_shift = 0.0;         // what betas begin with
  double dropout_keep_prob = 1.0;  // of the candidate alone
  std::optional<std::uint64_t> dropout_prob_seed = {};
  std::string name = {};
  std::optional<DType> dtype = {};
};

/// LSTM with normalised gates and dropout of the candidate (tf.contrib.rnn.LayerNormBasicLSTMCell; Ba et al. 2016,
/// arXiv:1607.06450; Semeniuta et al. 2016, arXiv:1603.05118):
///
///     i, j, f, o = norm of each part of [x, h] kernel         (without layer_norm: [x, h] kernel + bias)
///     c' = norm(sigmoid(f + forget_bias) * c + sigmoid(i) * drop(activation(j)))
///     h' = sigmoid(o) * activation(c')
///
/// where norm(a) = gamma (a - mean) / sqrt(variance + 1e-12) + beta over the units of a row; the normalised c' is what
/// is carried on. State LSTMStateTuple(c, h), both (batch, num_units); the output is h'. Variables: kernel (depth +
/// num_units, 4 num_units); then input/gamma, input/beta, and the same of transform, forget, output and state
/// (num_units,); without layer_norm bias (4 num_units,), which begins glorot uniform. Throws ValueError for a negative
/// size or a keep probability outside of 0 .. 1.
class LayerNormBasicLSTMCell : public RNNCell {
 public:
  explicit LayerNormBasicLSTMCell(Index num_units, LayerNormBasicLSTMCellOptions options = {});
  std::string class_name() const override { return "LayerNormBasicLSTMCell"; }
  SizeNest state_size() const override;
  SizeNest output_size() const override { return num_units_; }
  Config config() const override;
  std::deque<std::uint64_t>* random_draws() override { return random_.draws(); }
  void set_training(bool training) { training_ = training; }

 private:
  void create(const SpecNest& inputs) override;
  StepResult call(const Nest& inputs, const Nest& state) override;

  Index num_units_, depth_ = 0;
  LayerNormBasicLSTMCellOptions options_;
  StepRandom random_;
  bool training_ = true;
  Variable kernel_, bias_;
  NormVariables input_, transform_, forget_, output_, state_;
};

}  // namespace unroll
