#include "unroll/rnn/compile/join_instructions.hpp"

#include <doctest/doctest.h>

using namespace unroll::compile;
using unroll::kernels::TileOp;

namespace {

// Buffers 0 to 4 of 6 columns, the last a state; registers 0 to 4 are those, 5 and 6 temporaries.
struct Case {
  Plan plan;
  Program program;

  explicit Case(std::vector<Program::Instruction> instructions) {
    for (int k = 0; k < 5; ++k) {
      plan.buffers.push_back({k < 4 ? Buffer::Place::step : Buffer::Place::state, 6});
      program.registers.push_back({{Ref::Kind::buffer, k}, 6});
    }
    for (int k = 0; k < 2; ++k) program.registers.push_back({{Ref::Kind::temporary, k}, 6});
    program.width = 6;
    program.reduces = false;
    program.instructions = std::move(instructions);
    plan.forward.programs = {program};
  }
  std::vector<Join> joins() const { return find_joins(plan, plan.forward, program); }
};

}  // namespace

TEST_CASE("instructions with one operation on neighbouring buffers are joined, in the buffers' order") {
  Case gates({{TileOp::sigmoid, 5, {1}}, {TileOp::tanh, 6, {2}}, {TileOp::sigmoid, 2, {0}}});
  CHECK(gates.joins() == std::vector<Join>{{2, 0}});
}

TEST_CASE("instructions with gaps, other operations, states or several operands are not joined") {
  CHECK(Case({{TileOp::sigmoid, 5, {0}}, {TileOp::sigmoid, 6, {2}}}).joins().empty());
  CHECK(Case({{TileOp::sigmoid, 5, {0}}, {TileOp::tanh, 6, {1}}}).joins().empty());
  CHECK(Case({{TileOp::sigmoid, 5, {3}}, {TileOp::sigmoid, 6, {4}}}).joins().empty());
  CHECK(Case({{TileOp::sigmoid, 5, {0}}, {TileOp::sigmoid, 4, {1}}}).joins().empty());
  CHECK(Case({{TileOp::add, 5, {0, 1}}, {TileOp::add, 6, {1, 2}}}).joins().empty());
}

TEST_CASE("what a program has written is not joined, nor results that a product writes to or another instruction") {
  CHECK(Case({{TileOp::copy, 1, {3}}, {TileOp::sigmoid, 5, {0}}, {TileOp::sigmoid, 6, {1}}}).joins().empty());
  CHECK(Case({{TileOp::sigmoid, 2, {0}}, {TileOp::sigmoid, 3, {1}}, {TileOp::add, 3, {0, 1}}}).joins().empty());
  Case added({{TileOp::sigmoid, 2, {0}}, {TileOp::sigmoid, 3, {1}}});
  CHECK(added.joins().size() == 1);
  added.plan.forward.products.push_back({{Ref::Kind::buffer, 2}, 6, 2, true, -1, {}});
  CHECK(added.joins().empty());
}
