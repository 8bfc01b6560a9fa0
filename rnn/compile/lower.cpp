#include <algorithm>

#include "unroll/rnn/compile/lowerer.hpp"

namespace unroll::compile {
namespace {
using Kind = Lowering::Kind;
constexpr std::size_t max_parts = 64;
}  // namespace

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

// Whether a slice takes columns of a matrix that follow each other, of all rows.
bool Lowerer::takes_columns(const Lowering& slice, Trace::Id part, Trace::Id whole) const {
  const Shape& s = shape(part);
  Index step = 1;
  for (int axis = s.rank() - 1; axis > 0; --axis) {
    if (s[axis] != 1 && slice.strides[axis] != step) return false;
    step *= s[axis];
  }
  return s.rank() > 1 && s[0] == shape(whole)[0] && slice.strides[0] == width(whole);
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
      case Kind::sum:
      case Kind::mean:
      case Kind::max:
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
        if (takes_columns(l, n.first_output, in[0])) inside(n.first_output, in[0], l.first);
        break;
      case Kind::slice_gradient:
        if (takes_columns(l, in[0], n.first_output)) inside(in[0], n.first_output, l.first);
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
  for_each_part(value, [&](Index first, Index columns) {
    Id id = builder_.add({.kind = kind, .width = columns, .leaf = leaf, .first = first});
    parts_[value].push_back({first, columns, id});
  });
}

void Lowerer::add_sources() {
  auto all = [&](Node::Kind kind, std::span<const Trace::Id> values) {
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
      translate_rows(n, n.op->lowering());
      for (std::uint32_t k = 0; k < n.output_count; ++k) check_parts(n, n.first_output + k);
      return;
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

// The parts of a value are those that find_cuts() promised, or the value is a single column.
void Lowerer::check_parts(const Node_& n, Trace::Id v) const {
  std::size_t k = 0;
  bool as_cut = true;
  for_each_part(v, [&](Index first, Index columns) {
    as_cut = as_cut && k < parts_[v].size() && parts_[v][k].first == first && parts_[v][k].width == columns;
    ++k;
  });
  if (!as_cut || k != parts_[v].size()) refuse(n, "its result is not cut as its operands are");
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

// Parts of a leaf that is given out: each a node of its own that is computed.
std::vector<Part> Lowerer::result_parts(Trace::Id value, int leaf, bool backward) {
  if (roles_[value] != Role::rows) {
    // The same at every step.
    parts_[value].clear();
    Trace::Id v = without_broadcast(value);
    for_each_part(value, [&](Index first, Index columns) {
      Id id;
      if (auto constant = number(v))
        id = builder_.number(*constant);
      else if (shape(v).size() == width(value) || shape(v).size() == 1)
        id = builder_.add({.kind = Node::Kind::columns,
                           .width = shape(v).size() == 1 ? 1 : columns,
                           .first = shape(v).size() == 1 ? 0 : first,
                           .tensor = v});
      else
        raise<Unsupported>("dynamic_rnn", "a result does not depend on inputs or state, but differs from row to row");
      parts_[value].push_back({first, columns, id});
    });
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
