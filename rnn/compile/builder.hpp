#pragma once
// Builder: adds nodes to a StepGraph, folding what is constant and sharing what is equal.
#include "unroll/rnn/compile/step_graph.hpp"

namespace unroll::compile {

class Builder {
 public:
  explicit Builder(StepGraph& graph, bool fold = true) : graph_(graph), fold_(fold) {}

  /// The node, or one that has the same value.
  Id add(Node node);
  /// A new node that copies x, whatever x is.
  Id copy(Id x);
  Id number(double value) { return add({.kind = Node::Kind::number, .value = value}); }
  Id elementwise(kernels::TileOp op, std::vector<Id> in);

 private:
  Id simpler(const Node& node) const;
  bool is_number(Id id, double value) const;

  StepGraph& graph_;
  bool fold_;
  std::multimap<std::size_t, Id> known_;
};

}  // namespace unroll::compile
