#pragma once
#include "unroll/cells/gru_cell.hpp"

namespace unroll {

/// GRUCell under the name of tf.contrib.rnn.GRUBlockCellV2: the same equations, and variables of the same names, in the
/// scope gru_cell. What is fused by hand in TensorFlow is fused by the compiler here, for every cell.
class GRUBlockCellV2 : public GRUCell {
 public:
  explicit GRUBlockCellV2(Index num_units, GRUCellOptions options = {});
  std::string class_name() const override { return "GRUBlockCellV2"; }

 protected:
  std::string default_name() const override { return "gru_cell"; }
};

}  // namespace unroll
