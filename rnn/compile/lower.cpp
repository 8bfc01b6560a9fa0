#include <algorithm>

#include "unroll/rnn/compile/builder.hpp"
#include "unroll/rnn/compile/cuts.hpp"

namespace unroll::compile {
namespace {

using kernels::TileOp;
using Kind = Lowering::Kind;

enum class Role : std::uint8_t {
  invariant,  // the same at every step
  rows,       // a matrix with a row for each of the batch
  sum,        // summed over rows and steps
};

constexpr std::size_t max_parts = 64;

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

  void find_roles();
  Role role_of(const Node_& n) const;
  void find_cuts();
  void add_sources();
  void add_source(Node::Kind kind, Trace::Id value, int leaf);
  void translate(std::uint32_t number);
  void translate_rows(const Node_& n, const Lowering& l);
  void add_results();
  std::vector<Part> result_parts(Trace::Id value, int leaf, bool backward);

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

void Lowerer::find_roles() {
  for (const auto* ids : {&step_.inputs, &step_.states, &step_.output_seeds, &step_.state_seeds})
    for (Trace::Id v : *ids) {
      const TensorSpec& spec = trace_.values()[v].spec;
      if (spec.shape.rank() == 0) raise<Unsupported>("dynamic_rnn", "a tensor of the state has no batch dimension");
      if (spec.dtype != step_.dtype)
        raise<Unsupported>("dynamic_rnn", "inputs, outputs and states are of several dtypes: ", spec.dtype, " and ",
                           step_.dtype);
      roles_[v] = Role::rows;
    }
  for (const Node_& n : trace_.nodes())
    for (std::uint32_t k = 0; k < n.output_count; ++k) roles_[n.first_output + k] = role_of(n);
  for (std::size_t v = 0; v < roles_.size(); ++v)
    if (roles_[v] == Role::rows && width(static_cast<Trace::Id>(v)) == 0)
      raise<Unsupported>("dynamic_rnn", "a tensor ", trace_.values()[v].spec, " has no elements");
}

// Axes over which a reduction goes, as bits.
std::uint32_t Lowerer::reduced_axes(const Node_& n, const Lowering& l) const {
  if (l.kind != Kind::sum_to) return static_cast<std::uint32_t>(l.axis);
  const Shape &x = shape(trace_.inputs(n)[0]), &y = shape(n.first_output);
  std::uint32_t bits = 0;
  int missing = x.rank() - y.rank();
  for (int axis = 0; axis < x.rank(); ++axis)
    if (axis < missing || y[axis - missing] != x[axis]) bits |= 1u << axis;
  return bits;
}

Role Lowerer::role_of(const Node_& n) const {
  bool rows = false, sum = false;
  for (Trace::Id v : trace_.inputs(n)) {
    rows |= roles_[v] == Role::rows;
    sum |= roles_[v] == Role::sum;
  }
  if (rows && sum) refuse(n, "mixes what belongs to single rows with a sum over all of them");
  if (sum) return Role::sum;
  Lowering l = n.op->lowering();
  if (l.kind == Kind::dropout) return Role::rows;
  if (!rows) return Role::invariant;
  bool sums_rows = false;
  switch (l.kind) {
    case Kind::matmul:
      sums_rows = l.transpose_a;
      break;
    case Kind::sum:
    case Kind::sum_to:
      sums_rows = reduced_axes(n, l) & 1;
      break;
    case Kind::mean:
    case Kind::max:
      if (l.axis & 1) refuse(n, "goes over the rows of the batch");
      break;
    default:
      break;
  }
  if (!sums_rows) return Role::rows;
  bool of_backward = static_cast<std::size_t>(&n - trace_.nodes().data()) >= step_.forward_nodes;
  if (!of_backward) refuse(n, "sums over the rows of the batch");
  return Role::sum;
}

void Lowerer::find_cuts() {
  for (std::size_t v = 0; v < roles_.size(); ++v)
    if (roles_[v] == Role::rows) cuts_.cut(static_cast<Trace::Id>(v), 0);
  auto whole = [&](Trace::Id x, Trace::Id y) {
    if (roles_[x] == Role::rows && roles_[y] == Role::rows && width(x) == width(y)) cuts_.join(x, 0, y, 0, width(x));
  };
  auto inside = [&](Trace::Id part, Trace::Id all, Index first) {
    cuts_.cut(all, first);
    if (first + width(part) < width(all)) cuts_.cut(all, first + width(part));
    cuts_.join(part, 0, all, first, width(part));
  };
  for (const Node_& n : trace_.nodes()) {
    if (roles_[n.first_output] != Role::rows) continue;
    Lowering l = n.op->lowering();
    auto in = trace_.inputs(n);
    Index at = 0;
    switch (l.kind) {
      case Kind::elementwise:
      case Kind::dropout:
      case Kind::reshape:
      case Kind::broadcast:
      case Kind::sum_to:
        for (Trace::Id v : in) whole(v, n.first_output);
        break;
      case Kind::concat:
      case Kind::stack:
        for (Trace::Id v : in) {
          inside(v, n.first_output, at);
          at += width(v);
        }
        break;
      case Kind::split:
      case Kind::unstack:
        for (std::uint32_t k = 0; k < n.output_count; ++k) {
          inside(n.first_output + k, in[0], at);
          at += width(n.first_output + k);
        }
        break;
      case Kind::slice:
        inside(n.first_output, in[0], l.first);
        break;
      case Kind::slice_gradient:
        inside(in[0], n.first_output, l.first);
        break;
      default:
        break;
    }
  }
  for (std::size_t k = 0; k < step_.states.size(); ++k) {
    whole(step_.states[k], step_.next_states[k]);
    if (k < step_.state_seeds.size()) {
      whole(step_.states[k], step_.state_seeds[k]);
      if (step_.state_gradients[k]) whole(step_.states[k], *step_.state_gradients[k]);
    }
  }
  cuts_.spread();
  for (std::size_t v = 0; v < roles_.size(); ++v)
    if (cuts_.at(static_cast<Trace::Id>(v)).size() > max_parts)
      raise<Unsupported>("dynamic_rnn", "a tensor ", trace_.values()[v].spec, " is cut into more than ", max_parts,
                         " parts");
}

void Lowerer::add_source(Node::Kind kind, Trace::Id value, int leaf) {
  const std::set<Index>& at = cuts_.at(value);
  for (auto it = at.begin(); it != at.end(); ++it) {
    Index end = std::next(it) == at.end() ? width(value) : *std::next(it);
    Id id = builder_.add({.kind = kind, .width = end - *it, .leaf = leaf, .first = *it});
    parts_[value].push_back({*it, end - *it, id});
  }
}

void Lowerer::add_sources() {
  auto all = [&](Node::Kind kind, const std::vector<Trace::Id>& values) {
    for (std::size_t k = 0; k < values.size(); ++k) add_source(kind, values[k], static_cast<int>(k));
  };
  all(Node::Kind::input, step_.inputs);
  all(Node::Kind::state, step_.states);
  all(Node::Kind::output_gradient, step_.output_seeds);
  all(Node::Kind::state_gradient, step_.state_seeds);
}

void Lowerer::translate(std::uint32_t number) {
  const Node_& n = trace_.nodes()[number];
  bool of_backward = number >= step_.forward_nodes;
  switch (roles_[n.first_output]) {
    case Role::invariant:
      (of_backward ? graph_.before_backward : graph_.before).push_back(number);
      return;
    case Role::rows: {
      const TensorSpec& spec = trace_.values()[n.first_output].spec;
      if (spec.shape.rank() == 0 || spec.shape[0] != step_.batch)
        refuse(n, "its result, of shape ", spec.shape, ", has no row for each of the batch of ", step_.batch);
      if (spec.dtype != step_.dtype && spec.dtype != bool_)
        refuse(n, "its result is ", spec.dtype, ", the cell computes in ", step_.dtype);
      return translate_rows(n, n.op->lowering());
    }
    case Role::sum: {
      Lowering l = n.op->lowering();
      auto in = trace_.inputs(n);
      if (roles_[in[0]] != Role::rows && (in.size() < 2 || roles_[in[1]] != Role::rows))
        return graph_.after_backward.push_back(number);
      if (l.kind == Kind::matmul) return matmul(n, l);
      return reduce(n, l);
    }
  }
}

// An invariant that an op has only stretched is that op's input.
Trace::Id Lowerer::without_broadcast(Trace::Id v) const {
  for (;;) {
    const Trace::Value& value = trace_.values()[v];
    if (value.source != Trace::Source::node) return v;
    const Node_& n = trace_.nodes()[value.node];
    if (n.op->lowering().kind != Kind::broadcast) return v;
    v = trace_.inputs(n)[0];
  }
}

// What all elements of a captured tensor are, if they are equal.
std::optional<double> Lowerer::number(Trace::Id v) {
  const Trace::Value& value = trace_.values()[v];
  if (value.source != Trace::Source::captured || value.followed || value.spec.shape.size() == 0) return {};
  std::optional<double> result = uniform_value(value.tensor);
  if (result && value.spec.shape.rank() > 0) graph_.uniform.emplace_back(v, *result);
  return result;
}

// The operand `v` of an op on columns first, ..., first + width - 1 of a result of shape `result`.
Id Lowerer::operand(const Node_& n, Trace::Id v, const Shape& result, Index first, Index width) {
  Index columns = result.slice(1).size();
  if (roles_[v] == Role::rows) {
    const Shape& own = shape(v);
    bool aligned = own.rank() == result.rank();
    if (aligned && own.slice(1) == result.slice(1)) return node_at(v, first);
    if (aligned && own.slice(1).size() == 1) return node_at(v, 0);
    refuse(n, "shape ", own, " is broadcast to ", result, " within rows");
  }
  if (auto value = number(v)) return builder_.number(*value);
  v = without_broadcast(v);
  if (auto value = number(v)) return builder_.number(*value);
  const Shape& own = shape(v);
  if (trace_.values()[v].spec.dtype != step_.dtype) refuse(n, "an operand is ", trace_.values()[v].spec.dtype);
  bool no_rows = own.rank() < result.rank() || own[0] == 1;
  if (!no_rows) refuse(n, "an operand of shape ", own, " has a row for each of the batch, but is no input");
  if (own.size() == 1) return builder_.add({.kind = Node::Kind::columns, .tensor = v});
  if (own.size() != columns) refuse(n, "shape ", own, " is broadcast to ", result, " within rows");
  return builder_.add({.kind = Node::Kind::columns, .width = width, .first = first, .tensor = v});
}

Id Lowerer::node_at(Trace::Id v, Index first) const {
  for (const Piece& p : parts_[v])
    if (p.first == first) return p.node;
  raise<RuntimeError>("dynamic_rnn", "column ", first, " of a traced value does not begin a part");
}

// All parts of a value as nodes that are matrices; numbers only where they are 0.
std::vector<Lowerer::Piece> Lowerer::pieces(const Node_& n, Trace::Id v) {
  if (roles_[v] != Role::rows) refuse(n, "an operand that has no rows is used where rows are needed");
  std::vector<Piece> all = parts_[v];
  for (Piece& p : all) {
    const Node& node = graph_.nodes[p.node];
    bool zero = node.kind == Node::Kind::number && node.value == 0;
    if (node.is_invariant() && !zero)
      p.node = builder_.add({.kind = Node::Kind::elementwise, .op = TileOp::copy, .width = p.width, .in = {p.node}});
  }
  return all;
}

void Lowerer::elementwise(const Node_& n, const Lowering& l) {
  const Shape result = shape(n.first_output);
  const std::set<Index>& at = cuts_.at(n.first_output);
  for (auto it = at.begin(); it != at.end(); ++it) {
    Index first = *it, end = std::next(it) == at.end() ? width(n.first_output) : *std::next(it);
    std::vector<Id> in;
    for (Trace::Id v : trace_.inputs(n)) in.push_back(operand(n, v, result, first, end - first));
    for (int k = 0; k < l.number_count; ++k) in.push_back(builder_.number(l.numbers[k]));
    Id id = none;
    bool backward = std::any_of(in.begin(), in.end(), [&](Id k) { return graph_.nodes[k].backward; });
    bool zero = std::any_of(in.begin(), in.end(), [&](Id k) {
      return graph_.nodes[k].kind == Node::Kind::number && graph_.nodes[k].value == 0;
    });
    if (l.op == TileOp::multiply && backward && zero)
      id = builder_.number(0);  // no gradient
    else
      id = builder_.add({.kind = Node::Kind::elementwise, .op = l.op, .width = end - first, .in = std::move(in)});
    parts_[n.first_output].push_back({first, end - first, id});
  }
}

void Lowerer::accumulate(const Node_& n, Trace::Id a, Trace::Id b, Trace::Id result) {
  int target = static_cast<int>(graph_.targets.size());
  graph_.targets.push_back({result, width(a), width(b)});
  auto zero = [&](const Piece& p) { return graph_.nodes[p.node].kind == Node::Kind::number; };
  for (const Piece& p : pieces(n, a))
    for (const Piece& q : pieces(n, b))
      if (!zero(p) && !zero(q)) graph_.accumulations.push_back({target, p.node, q.node, p.first, q.first});
}

void Lowerer::matmul(const Node_& n, const Lowering& l) {
  Trace::Id a = trace_.inputs(n)[0], b = trace_.inputs(n)[1], y = n.first_output;
  if (shape(a).rank() != 2 || shape(b).rank() != 2)
    refuse(n, "shapes ", shape(a), " and ", shape(b), " are not those of two matrices");
  if (l.transpose_a) {
    if (l.transpose_b || roles_[a] != Role::rows || roles_[b] != Role::rows) refuse(n, "mixes rows of the batch");
    return accumulate(n, a, b, y);
  }
  if (roles_[a] != Role::rows || roles_[b] != Role::invariant)
    refuse(n, "its second operand, of shape ", shape(b), ", changes from step to step");
  Index rows = l.transpose_b ? 1 : shape(b)[1], columns = l.transpose_b ? shape(b)[1] : 1;  // strides
  std::vector<Piece> terms = pieces(n, a);
  const std::set<Index>& at = cuts_.at(y);
  for (auto it = at.begin(); it != at.end(); ++it) {
    Index first = *it, end = std::next(it) == at.end() ? width(y) : *std::next(it);
    Node node{.kind = Node::Kind::affine, .width = end - first};
    for (const Piece& p : terms)
      if (graph_.nodes[p.node].kind != Node::Kind::number)
        node.terms.push_back({p.node, {b, p.first * rows + first * columns, rows, columns, p.width, end - first}});
    Id id = node.terms.empty() ? builder_.number(0) : builder_.add(std::move(node));
    parts_[y].push_back({first, end - first, id});
  }
}

void Lowerer::reduce(const Node_& n, const Lowering& l) {
  Trace::Id x = trace_.inputs(n)[0], y = n.first_output;
  std::uint32_t bits = reduced_axes(n, l);
  bool columns = false;
  for (int axis = 1; axis < shape(x).rank(); ++axis) columns |= shape(x)[axis] != 1 && (bits >> axis & 1);
  for (int axis = 1; axis < shape(x).rank(); ++axis)
    if (columns && shape(x)[axis] != 1 && !(bits >> axis & 1)) refuse(n, "reduces some axes of a row only");
  std::vector<Piece> parts = pieces(n, x);
  if (columns) {
    bool max = l.kind == Kind::max;
    Id id = none;
    for (const Piece& p : parts) {
      Id x_part = p.node;
      bool zero = graph_.nodes[x_part].kind == Node::Kind::number;
      if (zero && !max) continue;
      if (zero) x_part = builder_.add({.kind = Node::Kind::elementwise, .width = p.width, .in = {x_part}});
      Id one = p.width == 1
                   ? x_part
                   : builder_.add(
                         {.kind = Node::Kind::reduce, .op = max ? TileOp::row_max : TileOp::row_sum, .in = {x_part}});
      id = id == none ? one : builder_.elementwise(max ? TileOp::maximum : TileOp::add, {id, one});
    }
    if (id == none) id = builder_.number(0);
    if (l.kind == Kind::mean)
      id = builder_.elementwise(TileOp::multiply, {id, builder_.number(1.0 / static_cast<double>(width(x)))});
    parts = {{0, 1, id}};
  }
  if (!(bits & 1)) {
    parts_[y] = parts;
    return;
  }
  int target = static_cast<int>(graph_.targets.size());
  graph_.targets.push_back({y, 1, columns ? 1 : width(x)});
  for (const Piece& p : parts)
    if (graph_.nodes[p.node].kind != Node::Kind::number)
      graph_.accumulations.push_back({target, none, p.node, 0, p.first});
}

// x times a mask. The backward pass uses the masks of the forward one.
void Lowerer::dropout(const Node_& n, const Lowering& l) {
  Trace::Id y = n.first_output;
  const Shape result = shape(y);
  std::size_t k = 0;
  while (k < graph_.masks.size() && (graph_.masks[k].words != l.mask || graph_.masks[k].width != width(y))) ++k;
  bool of_backward = static_cast<std::size_t>(&n - trace_.nodes().data()) >= step_.forward_nodes;
  if (!of_backward) {
    k = graph_.masks.size();
    graph_.masks.push_back({l.mask, l.numbers[0], width(y)});
  } else if (k == graph_.masks.size()) {
    refuse(n, "a gradient drops other elements than the step");
  }
  const std::set<Index>& at = cuts_.at(y);
  for (auto it = at.begin(); it != at.end(); ++it) {
    Index first = *it, end = std::next(it) == at.end() ? width(y) : *std::next(it);
    Id x = operand(n, trace_.inputs(n)[0], result, first, end - first);
    Id mask =
        builder_.add({.kind = Node::Kind::mask, .width = end - first, .leaf = static_cast<int>(k), .first = first});
    const Node& node = graph_.nodes[x];
    bool zero = node.kind == Node::Kind::number && node.value == 0;
    Id id = zero
                ? x
                : builder_.add(
                      {.kind = Node::Kind::elementwise, .op = TileOp::multiply, .width = end - first, .in = {x, mask}});
    parts_[y].push_back({first, end - first, id});
  }
}

// The columns of `result` are those of `from`, beginning with `first`.
void Lowerer::take(Trace::Id from, Index first, Trace::Id result) {
  for (const Piece& p : parts_[from])
    if (p.first >= first && p.first < first + width(result))
      parts_[result].push_back({p.first - first, p.width, p.node});
}

void Lowerer::translate_rows(const Node_& n, const Lowering& l) {
  auto in = trace_.inputs(n);
  Trace::Id y = n.first_output;
  auto joins_columns = [&](const Shape& s) { return l.axis > 0 && s.slice(1, l.axis).size() == 1; };
  Index at = 0;
  switch (l.kind) {
    case Kind::elementwise:
      return elementwise(n, l);
    case Kind::dropout:
      return dropout(n, l);
    case Kind::matmul:
      return matmul(n, l);
    case Kind::sum:
    case Kind::mean:
    case Kind::max:
    case Kind::sum_to:
      return reduce(n, l);
    case Kind::reshape:
      if (shape(in[0])[0] != step_.batch)
        refuse(n, "moves elements between rows: from ", shape(in[0]), " to ", shape(y));
      return take(in[0], 0, y);
    case Kind::broadcast:
      if (width(in[0]) == width(y)) return take(in[0], 0, y);
      return elementwise(n, Lowering::elementwise(TileOp::copy));
    case Kind::concat:
    case Kind::stack:
      if (!joins_columns(shape(y))) refuse(n, "joins along axis ", l.axis, " of ", shape(y), ", not whole columns");
      for (Trace::Id v : in) {
        if (roles_[v] == Role::rows) {
          for (const Piece& p : parts_[v]) parts_[y].push_back({at + p.first, p.width, p.node});
        } else {
          parts_[y].push_back({at, width(v), operand(n, v, shape(v), 0, width(v))});
        }
        at += width(v);
      }
      return;
    case Kind::split:
    case Kind::unstack:
      if (!joins_columns(shape(in[0]))) refuse(n, "cuts axis ", l.axis, " of ", shape(in[0]), ", not whole columns");
      for (std::uint32_t k = 0; k < n.output_count; ++k) {
        take(in[0], at, y + k);
        at += width(y + k);
      }
      return;
    case Kind::slice:
      if (l.row_step != width(in[0])) refuse(n, "takes other elements than columns of ", shape(in[0]));
      return take(in[0], l.first, y);
    case Kind::slice_gradient:
      if (l.row_step != width(y)) refuse(n, "takes other elements than columns of ", shape(y));
      for (Index column : cuts_.at(y)) {
        auto next = cuts_.at(y).upper_bound(column);
        Index end = next == cuts_.at(y).end() ? width(y) : *next;
        bool inside = column >= l.first && column < l.first + width(in[0]);
        parts_[y].push_back({column, end - column, inside ? node_at(in[0], column - l.first) : builder_.number(0)});
      }
      return;
    default:
      refuse(n, "is not known to the compiler to work row by row");
  }
}

// Parts of a leaf that is given out: each a node of its own that is computed.
std::vector<Part> Lowerer::result_parts(Trace::Id value, int leaf, bool backward) {
  if (roles_[value] != Role::rows) {
    // The same at every step.
    parts_[value].clear();
    Trace::Id v = without_broadcast(value);
    for (Index column : cuts_.at(value).empty() ? std::set<Index>{0} : cuts_.at(value)) {
      auto next = cuts_.at(value).upper_bound(column);
      Index end = next == cuts_.at(value).end() ? width(value) : *next;
      Id id;
      if (auto constant = number(v))
        id = builder_.number(*constant);
      else if (shape(v).size() == width(value) || shape(v).size() == 1)
        id = builder_.add({.kind = Node::Kind::columns,
                           .width = shape(v).size() == 1 ? 1 : end - column,
                           .first = shape(v).size() == 1 ? 0 : column,
                           .tensor = v});
      else
        raise<Unsupported>("dynamic_rnn", "a result does not depend on inputs or state, but differs from row to row");
      parts_[value].push_back({column, end - column, id});
    }
  }
  std::vector<Part> parts;
  for (const Piece& p : parts_[value]) {
    Id id = p.node;
    const Node& node = graph_.nodes[id];
    if (node.is_invariant()) {
      graph_.nodes.push_back({.kind = Node::Kind::elementwise, .backward = backward, .width = p.width, .in = {id}});
      id = static_cast<Id>(graph_.nodes.size() - 1);
    } else if (node.is_source() || node.backward != backward) {
      id = builder_.copy(id);
      graph_.nodes[id].backward = backward;
    }
    parts.push_back({leaf, p.first, p.width, id});
  }
  return parts;
}

void Lowerer::add_results() {
  std::set<Id> taken;
  auto add = [&](std::vector<Part>& to, Trace::Id value, std::size_t leaf, bool own, bool backward = false) {
    for (Part part : result_parts(value, static_cast<int>(leaf), backward)) {
      if (own && !taken.insert(part.node).second) taken.insert(part.node = builder_.copy(part.node));
      to.push_back(part);
    }
  };
  for (std::size_t k = 0; k < step_.next_states.size(); ++k) add(graph_.next_states, step_.next_states[k], k, true);
  for (std::size_t k = 0; k < step_.outputs.size(); ++k) add(graph_.outputs, step_.outputs[k], k, false);
  taken.clear();
  for (std::size_t k = 0; k < step_.state_gradients.size(); ++k) {
    if (step_.state_gradients[k]) {
      add(graph_.state_gradients, *step_.state_gradients[k], k, true, true);
      continue;
    }
    for (const Piece& p : parts_[step_.state_seeds[k]]) {
      graph_.nodes.push_back(
          {.kind = Node::Kind::elementwise, .backward = true, .width = p.width, .in = {builder_.number(0)}});
      graph_.state_gradients.push_back(
          {static_cast<int>(k), p.first, p.width, static_cast<Id>(graph_.nodes.size() - 1)});
    }
  }
  for (std::size_t k = 0; k < step_.input_gradients.size(); ++k)
    if (step_.input_gradients[k]) add(graph_.input_gradients, *step_.input_gradients[k], k, false, true);
}

}  // namespace

std::optional<double> uniform_value(const Tensor& tensor) {
  if (!is_floating(tensor.dtype()) || tensor.size() == 0) return {};
  return dispatch_floating("uniform_value", tensor.dtype(), [&](auto zero) -> std::optional<double> {
    auto values = tensor.values<decltype(zero)>();
    for (auto v : values)
      if (v != values[0]) return {};
    return static_cast<double>(values[0]);
  });
}

StepGraph lower(const TracedStep& step, bool fold) { return Lowerer(step, fold).run(); }

}  // namespace unroll::compile
