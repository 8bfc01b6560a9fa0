#include "unroll/rnn/compile/prepared_step.hpp"

#include "core/kernels/matmul_call.hpp"

using namespace kernel_tests;
namespace kernels = unroll::kernels;
using unroll::compile::PreparedStep;

namespace {
constexpr Index steps = 3, rows = 7;
}

TEST_CASE_TEMPLATE("each run of a prepared step multiplies the rows that come next, for all terms and all of k", T,
                   float, double) {
  for_each_lanes<T>([](int lanes) {
    const auto kernel = kernels::matmul_kernels<T>(lanes);
    const Index n = 3 * lanes + 1;
    // More parts than one call of a tile takes, a term that stays where it is, and one without any columns.
    const Index k[] = {5000, 0, 9};
    BlockedMatrix<T> a0(steps * rows, k[0], lanes), a1(rows, 1, lanes), a2(rows, k[2], lanes),
        c(steps * rows, n, lanes), expected = c;
    a0.fill(1);
    a1.fill(2);
    a2.fill(3);
    std::vector<std::vector<T>> packed;
    for (Index size : k) packed.emplace_back(size_t(kernels::packed_size<T>(lanes, size, n)), T(0.25));
    std::vector<kernels::MatmulTerm<T>> terms = {{a0.data.data(), a0.block_stride, k[0], packed[0].data()},
                                                 {a1.data.data(), a1.block_stride, k[1], packed[1].data()},
                                                 {a2.data.data(), a2.block_stride, k[2], packed[2].data()}};
    auto call = call_for(terms, c);
    call.rows = rows;
    const Index moves[] = {rows * lanes, 5, 0};
    PreparedStep<T> step;
    for (int again = 0; again < 2; ++again) {
      step.clear();
      step.add(kernel, call, moves, rows * lanes);
      c.fill(4);
      for (Index t = 0; t < steps; ++t) step.run();
      call.c = expected.data.data();
      for (Index t = 0; t < steps; ++t, call.c += rows * lanes, terms[0].a += rows * lanes) kernel.multiply(call);
      Index different = 0;
      for (Index i = 0; i < c.rows; ++i)
        for (Index j = 0; j < n; ++j) different += c.at(i, j) != expected.at(i, j);
      CHECK(different == 0);
      call.c = c.data.data();
      terms[0].a = a0.data.data();
    }
  });
}

TEST_CASE_TEMPLATE("each run of a prepared step applies instructions to the rows that come next", T, float, double) {
  for_each_lanes<T>([](int lanes) {
    BlockedMatrix<T> x(steps * rows, 2 * lanes, lanes), y(rows, lanes, lanes), sum = x;
    x.fill(1);
    y.fill(2);
    const kernels::TileInstruction<T> add{kernels::tile_function<T>(kernels::TileOp::add, lanes), 2, {0, 1}};
    // x moves, a number for each row stays; the second instruction has one block.
    const kernels::TileOperand<T> registers[] = {
        {x.data.data(), x.block_stride, lanes}, {y.data.data(), 0, lanes}, {sum.data.data(), sum.block_stride, lanes}};
    const Index moves[] = {rows * lanes, 0, rows * lanes};
    const std::vector<kernels::TileInstruction<T>> code = {add, {add.function, 2, {2, 1}}};
    PreparedStep<T> step;
    const std::size_t first = step.add(registers, moves);
    step.add(code[0], first, 2, rows, 2 * lanes);
    step.add(code[1], first, 1, rows, 2 * lanes);
    for (Index t = 0; t < steps; ++t) step.run();
    for (Index i = 0; i < x.rows; ++i) {
      for (Index j = 0; j < lanes; ++j) {
        const T of_row = y.at(i % rows, j);
        CHECK(sum.at(i, j) == x.at(i, j) + of_row + of_row);
        CHECK(sum.at(i, lanes + j) == x.at(i, lanes + j) + of_row);
      }
    }
  });
}
