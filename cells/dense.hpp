#pragma once
#include "unroll/autograd/module.hpp"
#include "unroll/cells/activation_argument.hpp"

namespace unroll {

struct DenseOptions {
  ActivationArgument activation = {};  // none
  bool use_bias = true;
  Initializer kernel_initializer = {};  // glorot uniform
  Initializer bias_initializer = {};    // zeros
  std::string name = {};
  std::optional<DType> dtype = {};
};

/// A linear read-out (tf.compat.v1.layers.Dense): activation(x kernel + bias) over the last dimension of x, whatever
/// comes before it: (..., depth) -> (..., units). Variables: kernel (depth, units), bias (units,).
class Dense : public Module {
 public:
  explicit Dense(Index units, DenseOptions options = {});
  std::string class_name() const override { return "Dense"; }
  Config config() const override;

  /// Throws ValueError for rank 0, another depth than at first, or integers; TypeError for another dtype.
  Tensor operator()(const Tensor& x);

 private:
  void create(const SpecNest& inputs) override;

  Index units_, depth_ = 0;
  DenseOptions options_;
  Variable kernel_, bias_;
};

}  // namespace unroll
