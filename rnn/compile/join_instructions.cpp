#include "unroll/rnn/compile/join_instructions.hpp"

#include <algorithm>

namespace unroll::compile {
namespace {

bool is_plain(const Plan& plan, Ref ref) {
  if (ref.kind != Ref::Kind::buffer) return false;
  Buffer::Place place = plan.buffers[ref.index].place;
  return place != Buffer::Place::state && place != Buffer::Place::gradient;
}

int writers(const Pass& pass, Ref ref) {
  int count = 0;
  for (const Program& p : pass.programs)
    for (const Program::Instruction& i : p.instructions) count += p.registers[i.out].ref == ref;
  return count;
}

bool is_product(const Pass& pass, Ref ref) {
  return std::any_of(pass.products.begin(), pass.products.end(),
                     [&](const Product& p) { return ref.index >= p.out.index && ref.index < p.out.index + p.parts; });
}

bool can_join(const Plan& plan, const Pass& pass, const Program& program, const Program::Instruction& code) {
  const Program::Register &in = program.registers[code.in[0]], &out = program.registers[code.out];
  if (kernels::operand_count(code.op) != 1 || kernels::is_reduction(code.op)) return false;
  if (program.width == 1 || in.width != program.width || out.width != program.width) return false;
  // What a join writes lies elsewhere than in the order of the buffers.
  if (!is_plain(plan, in.ref) || writers(pass, in.ref) > 0) return false;
  if (out.ref.kind == Ref::Kind::temporary) return true;
  return is_plain(plan, out.ref) && writers(pass, out.ref) == 1 && !is_product(pass, out.ref);
}

}  // namespace

std::vector<Join> find_joins(const Plan& plan, const Pass& pass, const Program& program) {
  auto buffer = [&](std::size_t k) { return program.registers[program.instructions[k].in[0]].ref.index; };
  std::vector<std::size_t> candidates;
  for (std::size_t k = 0; k < program.instructions.size(); ++k)
    if (can_join(plan, pass, program, program.instructions[k])) candidates.push_back(k);
  auto key = [&](std::size_t k) { return std::pair(program.instructions[k].op, buffer(k)); };
  std::stable_sort(candidates.begin(), candidates.end(), [&](auto a, auto b) { return key(a) < key(b); });
  std::vector<Join> joins;
  for (std::size_t k : candidates) {
    auto follows = [&](std::size_t last) {
      return program.instructions[last].op == program.instructions[k].op && buffer(k) == buffer(last) + 1;
    };
    if (joins.empty() || !follows(joins.back().back())) joins.emplace_back();
    joins.back().push_back(k);
  }
  std::erase_if(joins, [](const Join& join) { return join.size() < 2; });
  return joins;
}

}  // namespace unroll::compile
