// What becomes of the ops that work row by row.
#include <algorithm>

#include "unroll/rnn/compile/lowerer.hpp"

namespace unroll::compile {
namespace {
using kernels::TileOp;
using Kind = Lowering::Kind;
}  // namespace

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
    if (!node.is_invariant() || zero) continue;
    // Of one column, add() would give the invariant itself.
    p.node = p.width == 1 ? builder_.copy(p.node)
                          : builder_.add({.kind = Node::Kind::elementwise, .width = p.width, .in = {p.node}});
  }
  return all;
}

void Lowerer::elementwise(const Node_& n, const Lowering& l) {
  const Shape result = shape(n.first_output);
  for_each_part(n.first_output, [&](Index first, Index columns) {
    std::vector<Id> in;
    for (Trace::Id v : trace_.inputs(n)) in.push_back(operand(n, v, result, first, columns));
    for (int k = 0; k < l.number_count; ++k) in.push_back(builder_.number(l.numbers[k]));
    Id id = none;
    bool backward = std::any_of(in.begin(), in.end(), [&](Id k) { return graph_.nodes[k].backward; });
    bool zero = std::any_of(in.begin(), in.end(), [&](Id k) {
      return graph_.nodes[k].kind == Node::Kind::number && graph_.nodes[k].value == 0;
    });
    if (l.op == TileOp::multiply && backward && zero)
      id = builder_.number(0);  // no gradient
    else
      id = builder_.add({.kind = Node::Kind::elementwise, .op = l.op, .width = columns, .in = std::move(in)});
    parts_[n.first_output].push_back({first, columns, id});
  });
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
  for_each_part(y, [&](Index first, Index part) {
    Node node{.kind = Node::Kind::affine, .width = part};
    for (const Piece& p : terms)
      if (graph_.nodes[p.node].kind != Node::Kind::number)
        node.terms.push_back({p.node, {b, p.first * rows + first * columns, rows, columns, p.width, part}});
    Id id = node.terms.empty() ? builder_.number(0) : builder_.add(std::move(node));
    parts_[y].push_back({first, part, id});
  });
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
  for_each_part(y, [&](Index first, Index columns) {
    Id x = operand(n, trace_.inputs(n)[0], result, first, columns);
    Id mask = builder_.add({.kind = Node::Kind::mask, .width = columns, .leaf = static_cast<int>(k), .first = first});
    const Node& node = graph_.nodes[x];
    bool zero = node.kind == Node::Kind::number && node.value == 0;
    Id id = zero ? x
                 : builder_.add(
                       {.kind = Node::Kind::elementwise, .op = TileOp::multiply, .width = columns, .in = {x, mask}});
    parts_[y].push_back({first, columns, id});
  });
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
          for_each_part(y, [&](Index first, Index columns) {
            if (first >= at && first < at + width(v))
              parts_[y].push_back({first, columns, operand(n, v, shape(v), first - at, columns)});
          });
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
      if (!takes_columns(l, y, in[0])) refuse(n, "takes other elements than columns of ", shape(in[0]));
      return take(in[0], l.first, y);
    case Kind::slice_gradient:
      if (!takes_columns(l, in[0], y)) refuse(n, "takes other elements than columns of ", shape(y));
      for_each_part(y, [&](Index first, Index columns) {
        bool inside = first >= l.first && first < l.first + width(in[0]);
        parts_[y].push_back({first, columns, inside ? node_at(in[0], first - l.first) : builder_.number(0)});
      });
      return;
    default:
      refuse(n, "is not known to the compiler to work row by row");
  }
}

}  // namespace unroll::compile
