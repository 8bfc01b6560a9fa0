#pragma once
// Lowerer: translates a trace into a step graph. For lower.cpp and lower_ops.cpp.
#include "unroll/rnn/compile/builder.hpp"
#include "unroll/rnn/compile/cuts.hpp"

namespace unroll::compile {

enum class Role : std::uint8_t {
  invariant,  // the same at every step
  rows,       // a matrix with a row for each of the batch
  sum,        // summed over rows and steps
};

class Lowerer {
 public:
  Lowerer(const TracedStep& step, bool fold)
      : step_(step),
        trace_(step.trace),
        builder_(graph_, fold),
        roles_(trace_.values().size()),
        parts_(trace_.values().size()),
        cuts_(trace_.values().size()) {}

  StepGraph run() {
    find_roles();
    find_cuts();
    add_sources();
    for (std::size_t k = 0; k < trace_.nodes().size(); ++k) translate(static_cast<std::uint32_t>(k));
    add_results();
    return std::move(graph_);
  }

 private:
  struct Piece {  // of a row matrix
    Index first, width;
    Id node;
  };
  using Node_ = Trace::Node;

  const Shape& shape(Trace::Id v) const { return trace_.values()[v].spec.shape; }
  Index width(Trace::Id v) const { return shape(v).rank() ? shape(v).slice(1).size() : 1; }
  std::string_view op_name(const Node_& n) const { return n.op->name(); }
  template <class... Parts>
  [[noreturn]] void refuse(const Node_& n, const Parts&... why) const {
    raise<Unsupported>(op_name(n), why...);
  }

  /// Calls f(first, width) for each part of a value as it is cut.
  template <class F>
  void for_each_part(Trace::Id v, F f) const {
    const std::set<Index>& at = cuts_.at(v);
    if (at.empty()) f(Index{0}, width(v));
    for (auto it = at.begin(); it != at.end(); ++it)
      f(*it, (std::next(it) == at.end() ? width(v) : *std::next(it)) - *it);
  }

  void find_roles();
  Role role_of(const Node_& n) const;
  void find_cuts();
  void add_sources();
  void add_source(Node::Kind kind, Trace::Id value, int leaf);
  void translate(std::uint32_t number);
  void translate_rows(const Node_& n, const Lowering& l);
  void check_parts(const Node_& n, Trace::Id v) const;
  void add_results();
  std::vector<Part> result_parts(Trace::Id value, int leaf, bool backward);

  bool takes_columns(const Lowering& slice, Trace::Id part, Trace::Id whole) const;
  std::uint32_t reduced_axes(const Node_& n, const Lowering& l) const;
  Trace::Id without_broadcast(Trace::Id v) const;
  std::optional<double> number(Trace::Id v);
  Id operand(const Node_& n, Trace::Id v, const Shape& result, Index first, Index width);
  std::vector<Piece> pieces(const Node_& n, Trace::Id v);
  Id node_at(Trace::Id v, Index first) const;
  void elementwise(const Node_& n, const Lowering& l);
  void matmul(const Node_& n, const Lowering& l);
  void accumulate(const Node_& n, Trace::Id a, Trace::Id b, Trace::Id result);
  void reduce(const Node_& n, const Lowering& l);
  void dropout(const Node_& n, const Lowering& l);
  void take(Trace::Id from, Index first, Trace::Id result);

  const TracedStep& step_;
  const Trace& trace_;
  StepGraph graph_;
  Builder builder_;
  std::vector<Role> roles_;
  std::vector<std::vector<Piece>> parts_;
  Cuts cuts_;
};

}  // namespace unroll::compile
