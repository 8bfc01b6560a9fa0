#pragma once
// What the cells of tf.keras.layers have in common.
#include "unroll/cells/activation_argument.hpp"
#include "unroll/cells/rnn_cell.hpp"
#include "unroll/cells/step_random.hpp"

namespace unroll::keras {

/// Arguments that every Keras cell has, by Keras's names.
struct CellOptions {
  ActivationArgument activation = {};            // tanh
  ActivationArgument recurrent_activation = {};  // of gates; sigmoid
  bool use_bias = true;
  Initializer kernel_initializer = {};     // glorot uniform
  Initializer recurrent_initializer = {};  // orthogonal
  Initializer bias_initializer = {};       // zeros
  bool unit_forget_bias = true;            // LSTM: the forget gate's bias begins at 1
  bool reset_after = true;                 // GRU: the reset gate acts after the product
  double dropout = 0;                      // share of the inputs that is dropped
  double recurrent_dropout = 0;            // share of the state that is dropped where it is multiplied
  int implementation = 2;                  // 1: each gate has dropout masks of its own; 2: one for all
  std::optional<std::uint64_t> seed = {};  // of the dropout masks
  std::string name = {};
  std::optional<DType> dtype = {};
};

/// A cell with a kernel for its inputs and one for its state. Dropout masks are drawn once in a sequence, for each row,
/// and stay the same over time; set_training(false) leaves dropout out.
class Cell : public RNNCell {
 public:
  /// Throws ValueError for negative units, dropout outside of 0 .. 1 (1 excluded), or another implementation than 1, 2.
  Cell(std::string_view who, Index units, CellOptions options);
  SizeNest output_size() const override { return units_; }
  Config config() const override;
  void begin_sequence() override { random_.begin_run(); }
  std::deque<std::uint64_t>* random_draws() override { return random_.draws(); }
  void set_training(bool training) { training_ = training; }

  Index units() const { return units_; }
  const CellOptions& options() const { return options_; }

 protected:
  /// "keras.LSTMCell" is called lstm_cell.
  std::string default_name() const override;
  /// kernel (depth, gates * units) and recurrent_kernel (units, gates * units).
  void create_kernels(const SpecNest& inputs, Index gates);
  /// x kernel and h recurrent_kernel, with dropout.
  Tensor input_product(const Tensor& x);
  Tensor recurrent_product(const Tensor& h);
  /// h with the recurrent dropout of a gate.
  Tensor dropped_state(const Tensor& h, Index gate);

  Index units_, depth_ = 0, gates_ = 0;
  CellOptions options_;
  Variable kernel_, recurrent_kernel_, bias_;

 private:
  Tensor drop(const Tensor& x, double rate, Index slot);
  Tensor product(const Tensor& x, const Variable& kernel, double rate, Index first_slot);

  StepRandom random_;
  bool training_ = true;
};

}  // namespace unroll::keras
