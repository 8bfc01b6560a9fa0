#pragma once
#include "unroll/autograd/module.hpp"

namespace unroll {

struct PReLUOptions {
  Initializer alpha_initializer = {};  // zeros
  std::string name = {};
  std::optional<DType> dtype = {};
};

/// A rectifier whose slope below 0 is learned (tf.keras.layers.PReLU with all axes but the last shared; He et al.
/// 2015): x where x > 0, else alpha x: (..., depth) -> (..., depth). Variable: alpha (depth,).
class PReLU : public Module {
 public:
  explicit PReLU(PReLUOptions options = {});
  std::string class_name() const override { return "PReLU"; }
  Config config() const override { return {}; }

  /// Throws ValueError for rank 0, another depth than at first, or integers; TypeError for another dtype.
  Tensor operator()(const Tensor& x);

 private:
  void create(const SpecNest& inputs) override;

  PReLUOptions options_;
  Variable alpha_;
};

}  // namespace unroll
