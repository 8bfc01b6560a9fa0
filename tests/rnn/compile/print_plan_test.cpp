#include "unroll/rnn/compile/print_plan.hpp"

#include <doctest/doctest.h>

using namespace unroll::compile;
using unroll::kernels::TileOp;
using Place = Buffer::Place;
using RefKind = Ref::Kind;

TEST_CASE("a plan is printed kernel by kernel, then its buffers and what is kept") {
  Plan plan{};
  plan.buffers = {{Place::chunk, 3},       {Place::step, 4},       {Place::step, 4},
                  {Place::state, 4, true}, {Place::kept, 4, true}, {Place::gradient, 4}};
  plan.matrices = {{0, 0, 1, 1, 3, 4}, {1, 0, 1, 1, 4, 4}};
  plan.packings = {{0, 0}, {1}};
  plan.numbers = {0.5};
  auto buffer = [](int k) { return Ref{RefKind::buffer, k}; };

  Pass& forward = plan.forward;
  forward.products = {{buffer(1), 4, 2, false, 0, {{buffer(0), 0}}},
                      {buffer(1), 4, 1, true, -1, {{{RefKind::before, 3}, 1}}}};
  Program program{4, false, {}, {}, 1};
  program.registers = {{buffer(1), 4},
                       {{RefKind::temporary, 0}, 4},
                       {{RefKind::number, 0}, 1},
                       {{RefKind::columns, 2}, 4},
                       {buffer(3), 4}};
  program.instructions = {{TileOp::tanh, 1, {0}}, {TileOp::multiply_add, 4, {1, 2, 3}}};
  forward.programs = {program};
  forward.stages = {{{Kernel::Kind::product, 0}}, {{Kernel::Kind::product, 1}, {Kernel::Kind::program, 0}}, {}};
  const char* forward_text =
      "forward\n"
      "  for a chunk of steps\n"
      "    b1...b2 = b0 x (3, 8) + bias\n"
      "  at every step\n"
      "    b1 += b3[t-1] x (4, 4)\n"
      "    r0 = tanh(b1)\n"
      "    b3 = multiply_add(r0, 0.5, column2)\n";
  const char* buffers_text =
      "buffers\n"
      "  b0: 3 columns, chunk\n"
      "  b1: 4 columns, step\n"
      "  b2: 4 columns, step\n"
      "  b3: 4 columns, state, kept for backward\n"
      "  b4: 4 columns, kept, kept for backward\n"
      "  b5: 4 columns, gradient\n"
      "kept for backward: 8 numbers per row and step\n";
  CHECK(print_plan(plan) == std::string(forward_text) + buffers_text);

  plan.has_backward = true;
  Program backward{4, false, {}, {}, 0};
  backward.registers = {{{RefKind::incoming, 5}, 4}, {buffer(5), 4}};
  backward.instructions = {{TileOp::negative, 1, {0}}};
  plan.backward.programs = {backward};
  plan.backward.sums = {{buffer(0), buffer(1), 3, 4, 2, 0, 0, 8, false},
                        {buffer(4), buffer(1), 4, 4, 1, 1, 0, 0, true},
                        {{}, buffer(1), 1, 4, 1, 2, 0, 4, false}};
  plan.backward.stages = {
      {}, {{Kernel::Kind::program, 0}}, {{Kernel::Kind::sum, 0}, {Kernel::Kind::sum, 1}, {Kernel::Kind::sum, 2}}};
  CHECK(print_plan(plan) == std::string(forward_text) +
                                "backward\n"
                                "  at every step\n"
                                "    b5 = negative(b5[t+1])\n"
                                "  for a chunk of steps\n"
                                "    gradient0[0, 8] += b0' x b1...b2\n"
                                "    gradient1[0, 0] += b4 * b1\n"
                                "    gradient2[0, 4] += b1\n" +
                                buffers_text);
}
