#pragma once
// StepGraph: one step of a cell and, if gradients are wanted, of its backward pass, in the operations that the executor
// has: products with matrices that do not change in time, elementwise operations, reductions of rows. What belongs to
// the rows of a batch is a matrix with a row for each; wide ones are cut into parts wherever an op cuts or joins
// columns, so that those ops cost nothing.
#include <map>
#include <string>
#include <vector>

#include "unroll/autograd/trace.hpp"

namespace unroll::compile {

using Id = int;  // of a node
constexpr Id none = -1;

/// Why a cell cannot be compiled.
class Unsupported : public RuntimeError {
  using RuntimeError::RuntimeError;
};

/// A k x n matrix inside a tensor that is the same at every step: element (i, j) is number
/// first + i * row_stride + j * column_stride of the value `tensor` of the trace.
struct Matrix {
  Trace::Id tensor;
  Index first, row_stride, column_stride, k, n;
  friend auto operator<=>(const Matrix&, const Matrix&) = default;
};

struct Term {
  Id a;
  Matrix b;
  friend auto operator<=>(const Term&, const Term&) = default;
};

struct Node {
  enum class Kind : std::uint8_t {
    input,            // part of an input leaf at this step
    state,            // part of a state leaf before this step
    output_gradient,  // of the target with respect to an output leaf at this step
    state_gradient,   // with respect to a state leaf after this step
    mask,             // of dropout number `leaf`: 0, or what is left is multiplied by
    number,           // one number for all elements
    columns,      // one number per column (or, of one column, for all), from a tensor that is the same at every step
    elementwise,  // op(in...)
    reduce,       // op over the columns of in; of several parts: the first operands of all, then the second ones
    affine,       // sum of terms, of addends `in`, and of `columns` nodes
  };
  Kind kind;
  kernels::TileOp op = kernels::TileOp::copy;
  bool backward = false;  // depends on a gradient, or is recomputed for one that does
  Index width = 1;        // columns
  int leaf = 0;           // of inputs and so on
  Index first = 0;        // first column in the leaf or tensor
  Trace::Id tensor = 0;   // of `columns`
  double value = 0;       // of a number
  std::vector<Id> in = {};
  std::vector<Term> terms = {};
  std::vector<Id> columns = {};

  /// Of a reduction: over how many matrices it goes.
  std::size_t parts() const {
    return kind == Kind::reduce ? in.size() / static_cast<std::size_t>(kernels::operand_count(op)) : 1;
  }
  bool is_source() const { return kind < Kind::number; }
  bool is_invariant() const { return kind == Kind::number || kind == Kind::columns; }
};

/// A dropout: which elements it drops.
struct Mask {
  Lowering::Mask words;
  double rate;
  Index width;
};

/// Where gradients of what is the same at every step gather: target(first_row + i, first_column + j) is the sum over
/// rows and steps of a(:, i) b(:, j), or, without an a, of b(:, j), or, column by column, of a(:, j) b(:, j).
struct Accumulation {
  int target;
  Id a, b;
  Index first_row, first_column;
  bool by_column = false;
};

struct Target {
  Trace::Id tensor;  // whose sum over the steps this is
  Index rows, columns;
};

/// A part of a leaf: columns first .. first + width of it.
struct Part {
  int leaf;
  Index first, width;
  Id node;
};

struct StepGraph {
  std::vector<Node> nodes;                             // operands before results
  std::vector<Part> outputs, next_states;              // of every output and state leaf
  std::vector<Part> input_gradients, state_gradients;  // those wanted
  std::vector<Accumulation> accumulations;
  std::vector<Target> targets;
  std::vector<Mask> masks;  // of the dropouts of the forward step, in their order
  /// Captured tensors that were taken for one number, as all their elements are equal.
  std::vector<std::pair<Trace::Id, double>> uniform;
  // Nodes of the trace that are run as they are: before the steps of either pass, and after the backward steps.
  std::vector<std::uint32_t> before, before_backward, after_backward;

  /// For every node, the nodes that read it (a node twice if it does so twice).
  std::vector<std::vector<Id>> users() const;
  /// Calls f(Id&) for all operands of a node.
  template <class F>
  static void for_each_operand(Node& node, F&& f) {
    for (Id& id : node.in) f(id);
    for (Term& term : node.terms) f(term.a);
    for (Id& id : node.columns) f(id);
  }
  template <class F>
  static void for_each_operand(const Node& node, F&& f) {
    for (Id id : node.in) f(id);
    for (const Term& term : node.terms) f(term.a);
    for (Id id : node.columns) f(id);
  }
  /// Calls f(Id&) for everything that the graph gives out.
  template <class F>
  void for_each_result(F&& f) {
    for (auto* parts : {&outputs, &next_states, &input_gradients, &state_gradients})
      for (Part& part : *parts) f(part.node);
    for (Accumulation& sum : accumulations) {
      if (sum.a != none) f(sum.a);
      f(sum.b);
    }
  }
};

/// A trace and what its values are.
struct TracedStep {
  const Trace& trace;
  DType dtype;
  Index batch;
  std::span<const Trace::Id> inputs, states, outputs, next_states;
  // Of the backward pass; the last three are null where no gradient is wanted or there is none.
  std::span<const Trace::Id> output_seeds, state_seeds;
  std::span<const std::optional<Trace::Id>> input_gradients, state_gradients, variable_gradients;
  std::size_t forward_nodes;  // of the trace: those after them are of the backward pass
};

/// What all elements of a tensor are, if they are equal.
std::optional<double> uniform_value(const Tensor& tensor);

/// `fold`: constants are folded and equal nodes shared. Throws Unsupported, saying what it is that cannot be compiled.
StepGraph lower(const TracedStep& step, bool fold = true);

}  // namespace unroll::compile
