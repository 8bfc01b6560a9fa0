#pragma once
// One cell or dense layer as LayerWeights.
#include <utility>

#include "unroll/io/layer_weights.hpp"

namespace unroll {

/// Knows the variables of the classes that layer_weights() lists by their names. Throws ValueError in the name of `who`
/// for another class.
class LayerAccess {
 public:
  LayerAccess(std::string_view who, Module& layer);

  /// Kind and activation, without weights.
  LayerWeights describe() const { return {.kind = kind_, .activation = activation(), .module = label_}; }
  /// Throws ValueError if the layer has peepholes, unless they are wanted.
  LayerWeights read(bool with_peepholes) const;
  /// Throws ValueError unless kind, activation, number of units and peepholes are those of the weights.
  void check(const LayerWeights& weights) const;
  /// Adds the new values of the layer's variables, which are built. Throws ValueError for another depth or bias.
  void collect(const LayerWeights& weights, std::vector<std::pair<Variable, Tensor>>& assignments) const;

 private:
  template <class... Parts>
  [[noreturn]] void fail(const Parts&... parts) const;
  ConfigValue option(std::string_view key) const;
  std::string activation() const;
  double forget_bias() const;
  void check_options() const;
  Variable variable(const std::string& suffix, bool optional = false) const;
  // The part of a bias that the cell adds by itself, for weights of this shape.
  Tensor own_forget_bias(const Tensor& bias) const;

  std::string_view who_;
  const Module& layer_;
  std::string label_;
  LayerKind kind_;
};

}  // namespace unroll
