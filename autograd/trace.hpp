#pragma once
// Trace: ops recorded as a graph instead of run. While a Trace exists, an op of the calling thread one of whose inputs
// is symbolic, or a variable, is not computed: its result is a symbolic tensor, which has a shape and a dtype but no
// elements. For the compiler of cells; a user meets it through SymbolicTensorError only.
#include <optional>
#include <string>

#include "unroll/autograd/log.hpp"

namespace unroll {

class Trace {
 public:
  using Id = std::uint32_t;  // of a value

  enum class Source : std::uint8_t {
    input,     // made by input()
    variable,  // a variable's values
    captured,  // another tensor that exists outside of the trace
    node,      // result of a node
  };
  struct Value {
    TensorSpec spec;
    Source source;
    Tensor tensor;        // of a variable or a captured tensor
    std::uint32_t leaf;   // of a variable: its number
    bool followed;        // has a gradient outside
    std::uint32_t node;   // that made it, or the number of the input
    std::uint32_t index;  // which of the node's results
  };
  struct Node {
    const detail::OpType* type;
    std::unique_ptr<MultiOp> op;
    std::uint32_t first_input, input_count;  // in operands()
    Id first_output;
    std::uint32_t output_count;
  };

  Trace();
  ~Trace();
  Trace(const Trace&) = delete;

  /// Stops tracing; the graph stays.
  void finish();
  /// Lets go of the tensors of variables and of captured tensors, but for numbers: others may write to them.
  void release_tensors();

  /// The trace of the calling thread, if there is one.
  static Trace* active();

  /// A symbolic tensor that stands for something given later.
  Tensor input(const TensorSpec& spec);
  /// The value that a tensor is in this trace; it becomes a captured one if it is none yet. Throws RuntimeError for a
  /// symbolic tensor of an earlier trace.
  Id id(const Tensor& tensor);
  const CachedVector<Value>& values() const { return values_; }
  const CachedVector<Node>& nodes() const { return nodes_; }
  std::span<const Id> inputs(const Node& node) const {
    return std::span(operands_).subspan(node.first_input, node.input_count);
  }

  /// Called by every op: true if it has become a node.
  bool add(MultiOp& op, const detail::OpType& type, Inputs inputs, std::span<Tensor> outputs);
  /// Something happened that a graph does not show, such as drawing random numbers: the trace is no use. Kept: the
  /// first reason.
  void refuse(std::string_view reason);
  const std::string& refusal() const { return refusal_; }

  /// Whether both did the same computation: equal ops on equal specs, wired alike, with the same variables and the same
  /// captured numbers of rank 0.
  bool same(const Trace& other) const { return nodes_.size() == other.nodes_.size() && begins_with(other); }
  /// Whether the first part of this one did what the other one did.
  bool begins_with(const Trace& other) const;
  /// Whether both did the same but for the shapes of tensors.
  bool same_but_for_sizes(const Trace& other) const;

 private:
  bool is_symbolic(const Tensor& tensor) const;

  bool active_ = true;
  Trace* outer_;
  detail::Log* log_;  // that of the thread when the trace began
  detail::Log own_log_;
  std::optional<detail::UseLog> use_log_;
  std::uint64_t first_symbol_;
  CachedVector<Value> values_;
  CachedVector<Node> nodes_;
  CachedVector<Id> operands_;
  std::string refusal_;
};

}  // namespace unroll
