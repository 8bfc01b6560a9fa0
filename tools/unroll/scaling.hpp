#pragma once
// Numbers of any size, brought to mean 0 and deviation 1 for training.
#include <span>
#include <vector>

#include "unroll/autograd/module.hpp"

namespace unroll::program {

/// Of columns, as they were added.
class Scaling {
 public:
  explicit Scaling(std::size_t width) : mean_(width), squares_(width) {}

  void add(std::span<const double> row);
  std::size_t width() const { return mean_.size(); }
  /// 1 for a column that does not change.
  double deviation(std::size_t column) const;
  /// (values - mean) / deviation for (..., width).
  Tensor operator()(const Tensor& values) const;

  /// Changes weights so that a cell of SequenceModel takes inputs, or a Dense gives outputs, as they were before
  /// scaling. Output k is of column k modulo width.
  void fold_into_inputs(Module& cell) const;
  void fold_into_outputs(Module& head) const;

 private:
  double count_ = 0;
  std::vector<double> mean_, squares_;  // of differences from the mean, summed
};

}  // namespace unroll::program
