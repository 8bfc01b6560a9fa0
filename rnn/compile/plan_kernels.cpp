// The kernels of a plan.
#include "unroll/rnn/compile/planner.hpp"

namespace unroll::compile {

Ref Planner::columns(const Node& n) {
  for (std::size_t k = 0; k < plan_.columns.size(); ++k) {
    const ColumnVector& c = plan_.columns[k];
    if (c.tensor == n.tensor && c.first == n.first && c.width == n.width)
      return {Ref::Kind::columns, static_cast<int>(k)};
  }
  plan_.columns.push_back({n.tensor, n.first, n.width, n.width == 1});
  return {Ref::Kind::columns, static_cast<int>(plan_.columns.size()) - 1};
}

Ref Planner::ref(Id id) {
  const Node& n = g_.nodes[id];
  if (n.kind == Node::Kind::number) return {Ref::Kind::number, index_of(plan_.numbers, n.value)};
  if (n.kind == Node::Kind::columns) return columns(n);
  return places_[id].value();
}

void Planner::emit_products(const Group& group, std::vector<Kernel>& kernels) {
  for (std::size_t first = 0, last; first < group.nodes.size(); first = last) {
    last = first + 1;
    while (last < group.nodes.size() && follow(ref(group.nodes[last - 1]), ref(group.nodes[last]))) ++last;
    emit_product(std::span(group.nodes).subspan(first, last - first), kernels);
  }
}

void Planner::emit_product(std::span<const Id> nodes, std::vector<Kernel>& kernels) {
  const Node& n = g_.nodes[nodes[0]];
  Product product{ref(nodes[0]), n.width, static_cast<int>(nodes.size()), !n.in.empty(), -1, {}};
  for (Id id : nodes) {
    const Node& part = g_.nodes[id];
    if (!part.in.empty() && ref(part.in[0]) != ref(id)) {  // what it begins with is needed elsewhere, too
      Program copy{n.width, false, {{ref(part.in[0]), n.width}, {ref(id), n.width}}, {}, 0};
      copy.instructions.push_back({kernels::TileOp::copy, 1, {0, 0, 0}});
      kernels.push_back({Kernel::Kind::program, static_cast<int>(pass_.programs.size())});
      pass_.programs.push_back(std::move(copy));
    }
    if (part.columns.empty()) continue;
    Bias bias{n.width, {}, {}};
    for (Id c : part.columns) {
      Ref at = ref(c);
      (at.kind == Ref::Kind::number ? bias.numbers : bias.columns).push_back(at.index);
    }
    if (product.bias < 0) product.bias = static_cast<int>(plan_.biases.size());
    plan_.biases.push_back(std::move(bias));
  }
  for (std::size_t t = 0; t < n.terms.size(); ++t) {
    std::vector<int> packing;
    for (Id id : nodes) packing.push_back(index_of(plan_.matrices, g_.nodes[id].terms[t].b));
    product.terms.push_back({ref(n.terms[t].a), index_of(plan_.packings, std::move(packing))});
  }
  kernels.push_back({Kernel::Kind::product, static_cast<int>(pass_.products.size())});
  pass_.products.push_back(std::move(product));
}

void Planner::emit_program(const Group& group, std::vector<Kernel>& kernels) {
  Program program{1, false, {}, {}, 0};
  std::map<Id, std::uint16_t> registers;
  std::map<Id, int> last_use;
  int instruction = 0;
  for (Id id : group.nodes) {
    StepGraph::for_each_operand(g_.nodes[id], [&](Id in) { last_use[in] = instruction; });
    ++instruction;
  }
  std::vector<std::uint16_t> free_wide, free_narrow;
  auto add_register = [&](Ref at, Index width) {
    program.registers.push_back({at, width});
    return static_cast<std::uint16_t>(program.registers.size() - 1);
  };
  instruction = 0;
  for (Id id : group.nodes) {
    const Node& n = g_.nodes[id];
    Program::Instruction code{n.op, 0, {}};
    code.parts = static_cast<std::uint16_t>(n.parts());
    std::size_t k = 0;
    for (Id in : n.in) {
      auto found = registers.find(in);
      if (found == registers.end()) found = registers.emplace(in, add_register(ref(in), g_.nodes[in].width)).first;
      code.in[k++] = found->second;
      program.width = std::max(program.width, g_.nodes[in].width);
    }
    program.width = std::max(program.width, n.width);
    program.reduces |= n.kind == Node::Kind::reduce;
    for (Id in : n.in) {
      bool temporary = mine(in) && !places_[in] && last_use[in] == instruction;
      std::vector<std::uint16_t>& free = g_.nodes[in].width > 1 ? free_wide : free_narrow;
      if (temporary && std::find(free.begin(), free.end(), registers[in]) == free.end()) free.push_back(registers[in]);
    }
    if (places_[id]) {
      code.out = add_register(*places_[id], n.width);
    } else {
      std::vector<std::uint16_t>& free = n.width > 1 ? free_wide : free_narrow;
      if (free.empty()) {
        code.out = add_register({Ref::Kind::temporary, program.temporaries++}, n.width);
      } else {
        code.out = free.back();
        free.pop_back();
      }
    }
    registers[id] = code.out;
    program.instructions.push_back(code);
    ++instruction;
  }
  kernels.push_back({Kernel::Kind::program, static_cast<int>(pass_.programs.size())});
  pass_.programs.push_back(std::move(program));
}

void Planner::emit(const Group& group, std::vector<Kernel>& kernels) {
  if (group.product) return emit_products(group, kernels);
  emit_program(group, kernels);
}

void Planner::emit_sums(int stage, std::vector<Kernel>& kernels) {
  for (std::size_t k = 0; k < s_.accumulation_stage.size(); ++k) {
    if (s_.accumulation_stage[k] != stage) continue;
    const Accumulation& a = g_.accumulations[k];
    Sum sum{{}, ref(a.b), 1, g_.nodes[a.b].width, 1, a.target, a.first_row, a.first_column, a.by_column};
    if (a.a != none) {
      sum.a = ref(a.a);
      if (!a.by_column) sum.a_width = g_.nodes[a.a].width;
    }
    for (Ref last = sum.b; !a.by_column && k + 1 < s_.accumulation_stage.size(); ++k) {
      const Accumulation& next = g_.accumulations[k + 1];
      if (next.by_column || next.target != a.target || next.a != a.a || s_.accumulation_stage[k + 1] != stage ||
          !follow(last, ref(next.b)) || next.first_column != sum.first_column + sum.parts * sum.b_width)
        break;
      last = ref(next.b);
      ++sum.parts;
    }
    kernels.push_back({Kernel::Kind::sum, static_cast<int>(pass_.sums.size())});
    pass_.sums.push_back(std::move(sum));
  }
}

void Planner::add_copies() {
  for (const Part& part : s_.backward ? g_.input_gradients : g_.outputs)
    pass_.out.push_back({part.leaf, part.first, part.width, ref(part.node), 0, 0});
  for (const Part& part : s_.backward ? g_.state_gradients : g_.next_states)
    pass_.states.push_back({part.leaf, part.first, part.width, ref(part.node), 0, s_.stage[part.node]});
}

}  // namespace unroll::compile
