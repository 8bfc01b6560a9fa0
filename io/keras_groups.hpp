#pragma once
// Keras's names taken apart.
#include <map>
#include <string>
#include <vector>

#include "unroll/io/layer_weights.hpp"
#include "unroll/io/named_tensors.hpp"

namespace unroll {

/// The weights of one cell: those below one path, which ends with "lstm_cell_3".
struct KerasGroup {
  std::string path, cell = {};  // of which the cell is "lstm_cell"
  int number = 0;
  bool backward = false;
  std::map<std::string, Tensor> weights = {};
};

/// Those whose names begin with the prefix, in the order of their numbers. Throws ValueError for a name that occurs
/// twice or has no slash.
std::vector<KerasGroup> keras_groups(const NamedTensors& tensors, const std::string& prefix);

/// Adds the weights of a group, which is empty then, to `weights`, of which the kind is known. Throws ValueError if
/// some are missing, left over or of another shape.
LayerWeights read_keras_group(LayerWeights weights, KerasGroup& group);

}  // namespace unroll
