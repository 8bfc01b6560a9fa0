#include "unroll/core/kernels/tile.hpp"

#include <array>
#include <functional>
#include <string>

#include "core/kernels/blocked_matrix.hpp"
#include "unroll/core/kernels/activation.hpp"
#include "unroll/core/kernels/arithmetic.hpp"
#include "unroll/core/kernels/transcendental.hpp"
#include "unroll/core/kernels/unary_arithmetic.hpp"

using namespace kernel_tests;
namespace kernels = unroll::kernels;
using kernels::TileOp;

namespace {

template <class T>
struct Expected {
  TileOp op;
  std::function<T(T a, T b, T c)> value;
};

template <class T>
auto unary(Unary<T> kernel) {
  return [kernel](T a, T, T) { return alone(kernel)(a); };
}
template <class T>
auto binary(Binary<T> kernel) {
  return [kernel](T a, T b, T) {
    T y;
    kernel(&a, 0, &b, 0, &y, 1);
    return y;
  };
}

/// Every elementwise op, by the library's other kernels where there is one.
template <class T>
std::vector<Expected<T>> elementwise_ops() {
  const auto sigmoid_gradient = binary<T>(kernels::sigmoid_gradient), tanh_gradient = binary<T>(kernels::tanh_gradient);
  const auto tanh = unary<T>(kernels::tanh);
  return {
      {TileOp::copy, [](T a, T, T) { return a; }},
      {TileOp::negative, unary<T>(kernels::negative)},
      {TileOp::abs, unary<T>(kernels::abs)},
      {TileOp::sign, unary<T>(kernels::sign)},
      {TileOp::floor, [](T a, T, T) { return std::floor(a); }},
      {TileOp::square, unary<T>(kernels::square)},
      {TileOp::sqrt, unary<T>(kernels::sqrt)},
      {TileOp::rsqrt, unary<T>(kernels::rsqrt)},
      {TileOp::reciprocal, [](T a, T, T) { return 1 / a; }},
      {TileOp::logical_not, [](T a, T, T) { return T(a == 0); }},
      {TileOp::exp, unary<T>(kernels::exp)},
      {TileOp::log, unary<T>(kernels::log)},
      {TileOp::tanh, tanh},
      {TileOp::sigmoid, unary<T>(kernels::sigmoid)},
      {TileOp::relu, unary<T>(kernels::relu)},
      {TileOp::softplus, unary<T>(kernels::softplus)},
      {TileOp::add, binary<T>(kernels::add)},
      {TileOp::subtract, binary<T>(kernels::subtract)},
      {TileOp::multiply, binary<T>(kernels::multiply)},
      {TileOp::divide, binary<T>(kernels::divide)},
      {TileOp::maximum, binary<T>(kernels::maximum)},
      {TileOp::minimum, binary<T>(kernels::minimum)},
      {TileOp::equal, [](T a, T b, T) { return T(a == b); }},
      {TileOp::not_equal, [](T a, T b, T) { return T(a != b); }},
      {TileOp::less, [](T a, T b, T) { return T(a < b); }},
      {TileOp::less_equal, [](T a, T b, T) { return T(a <= b); }},
      {TileOp::greater, [](T a, T b, T) { return T(a > b); }},
      {TileOp::greater_equal, [](T a, T b, T) { return T(a >= b); }},
      {TileOp::sigmoid_gradient, sigmoid_gradient},
      {TileOp::tanh_gradient, tanh_gradient},
      {TileOp::relu_gradient, binary<T>(kernels::relu_gradient)},
      {TileOp::multiply_tanh, [=](T a, T b, T) { return a * tanh(b, 0, 0); }},
      {TileOp::where, [](T c, T a, T b) { return c != 0 ? a : b; }},
      {TileOp::clip, [](T x, T low, T high) { return (x < low ? low : x) > high ? high
                                                     : x < low                  ? low
                                                                                : x; }},
      {TileOp::clip_gradient, [](T x, T low, T high) { return T(x >= low && x <= high); }},
      {TileOp::product_sigmoid_gradient, [=](T y, T a, T b) { return sigmoid_gradient(y, a * b, 0); }},
      {TileOp::product_tanh_gradient, [=](T y, T a, T b) { return tanh_gradient(y, a * b, 0); }},
      {TileOp::add_tanh_gradient, [=](T y, T g, T c) { return c + tanh_gradient(y, g, 0); }},
  };
}

enum class Kind { matrix, number_per_column, number_per_row, number };

/// An operand of a kind, and its value for each element.
template <class T>
struct Operand {
  BlockedMatrix<T> matrix;
  Kind kind;

  Operand(Index rows, Index columns, Index lanes, Kind kind, int seed) : matrix(rows, columns, lanes), kind(kind) {
    const std::vector<T> values = mixed_values<T>(rows * columns, std::uint64_t(seed));
    for (Index r = 0; r < rows; ++r) {
      for (Index c = 0; c < columns; ++c) matrix.at(r, c) = values[size_t(r * columns + c)];
    }
    // As the registers lie: the numbers of a row in the first block, those of the columns in the first row.
    if (kind == Kind::number_per_row || kind == Kind::number) {
      for (Index i = 0; i < rows * lanes; ++i) matrix.data[size_t(i)] = matrix.data[size_t(i / lanes * lanes)];
    }
    if (kind == Kind::number_per_column) {
      for (Index c = 0; c < matrix.blocks * lanes; ++c)
        matrix.data[size_t(c)] = matrix.data[size_t(matrix.offset(0, c))];
    }
  }

  kernels::TileOperand<T> tile() {
    const Index lanes = matrix.lanes;
    switch (kind) {
      case Kind::matrix:
        return {matrix.data.data(), matrix.block_stride, lanes};
      case Kind::number_per_column:
        return {matrix.data.data(), lanes, 0};
      case Kind::number_per_row:
        return {matrix.data.data(), 0, lanes};
      case Kind::number:
        return {matrix.data.data(), 0, 0};
    }
    return {};
  }
  T value(Index row, Index column) {
    const auto t = tile();
    return t.p[column / matrix.lanes * t.block_stride + row * t.row_stride + column % matrix.lanes];
  }
};

template <class T>
void check_op(const Expected<T>& expected, Index rows, Index columns, int lanes, const std::array<Kind, 3>& kinds) {
  std::vector<Operand<T>> in;
  for (int k = 0; k < 3; ++k) in.emplace_back(rows, columns, lanes, kinds[size_t(k)], k + 1);
  std::vector<T> values;
  for (Index r = 0; r < rows; ++r) {
    for (Index c = 0; c < columns; ++c)
      values.push_back(expected.value(in[0].value(r, c), in[1].value(r, c), in[2].value(r, c)));
  }
  const kernels::TileInstruction<T> instruction{kernels::tile_function<T>(expected.op, lanes), 3, {0, 1, 2, 0}};
  const int inputs = kernels::operand_count(expected.op);
  // Into a register of its own, then in place of each input that is a matrix.
  for (int place = -1; place < inputs; ++place) {
    if (place >= 0 && kinds[size_t(place)] != Kind::matrix) continue;
    BlockedMatrix<T> out = place >= 0 ? in[size_t(place)].matrix : BlockedMatrix<T>(rows, columns, lanes);
    auto registers = std::vector{in[0].tile(), in[1].tile(), in[2].tile(), in[0].tile()};
    registers[3] = {out.data.data(), out.block_stride, lanes};
    if (place >= 0) registers[size_t(place)] = registers[3];
    instruction.function(instruction, registers.data(), out.blocks, rows, columns);
    Index different = 0;
    for (Index r = 0; r < rows; ++r) {
      for (Index c = 0; c < columns; ++c) different += !same(out.at(r, c), values[size_t(r * columns + c)]);
      // What follows the last row is not written.
      for (Index b = 0; b < out.blocks; ++b)
        different += !std::isnan(out.data[size_t(b * out.block_stride + rows * lanes)]);
    }
    INFO(std::string(kernels::name(expected.op)), ", rows ", rows, ", in place of ", place);
    CHECK(different == 0);
  }
}

}  // namespace

TEST_CASE_TEMPLATE("elementwise tile ops give the library's bits, for every kind of operand, in place too", T, float,
                   double) {
  for_each_lanes<T>([](int lanes) {
    for (const auto& op : elementwise_ops<T>()) {
      const Index columns = 2 * lanes + 1;
      for (Index rows : {1, 2, 5, 8}) {
        check_op(op, rows, columns, lanes, {Kind::matrix, Kind::matrix, Kind::matrix});
        check_op(op, rows, columns, lanes, {Kind::matrix, Kind::number_per_column, Kind::number_per_row});
        check_op(op, rows, columns, lanes, {Kind::number, Kind::matrix, Kind::number_per_column});
        check_op(op, rows, columns, lanes, {Kind::number_per_row, Kind::number, Kind::matrix});
        check_op(op, rows, columns, lanes, {Kind::number_per_column, Kind::number_per_column, Kind::number});
      }
    }
  });
}

TEST_CASE_TEMPLATE("products with a sum are those of numbers that need no rounding", T, float, double) {
  const Expected<T> ops[] = {{TileOp::multiply_add, [](T a, T b, T c) { return a * b + c; }},
                             {TileOp::multiply_subtract, [](T a, T b, T c) { return a * b - c; }},
                             {TileOp::negative_multiply_add, [](T a, T b, T c) { return c - a * b; }}};
  for_each_lanes<T>([&](int lanes) {
    for (const auto& expected : ops) {
      const Index rows = 3, columns = lanes + 2;
      std::vector<BlockedMatrix<T>> m(4, {rows, columns, lanes});
      std::vector<kernels::TileOperand<T>> registers;
      for (auto& x : m) registers.push_back({x.data.data(), x.block_stride, lanes});
      for (Index i = 0; i < rows * columns; ++i) {
        for (Index k = 0; k < 3; ++k) m[size_t(k)].at(i / columns, i % columns) = T((i * 7 + k * 5) % 23 - 9);
      }
      const kernels::TileInstruction<T> instruction{kernels::tile_function<T>(expected.op, lanes), 3, {0, 1, 2, 0}};
      instruction.function(instruction, registers.data(), m[3].blocks, rows, columns);
      Index different = 0;
      for (Index r = 0; r < rows; ++r) {
        for (Index c = 0; c < columns; ++c)
          different += m[3].at(r, c) != expected.value(m[0].at(r, c), m[1].at(r, c), m[2].at(r, c));
      }
      CHECK(different == 0);
    }
  });
}

TEST_CASE_TEMPLATE("reductions take the columns of each row, whatever rows come with it, and no padding", T, float,
                   double) {
  for_each_lanes<T>([](int lanes) {
    for (TileOp op : {TileOp::row_sum, TileOp::row_max, TileOp::row_sum_of_squares, TileOp::row_sum_of_products}) {
      INFO(std::string(kernels::name(op)));
      for (Index columns = 1; columns <= 3 * lanes; ++columns) {
        const Index rows = 33;
        BlockedMatrix<T> x(rows, columns, lanes), all(rows, lanes, lanes), one(1, lanes, lanes);
        x.fill(3);
        const kernels::TileInstruction<T> instruction{
            kernels::tile_function<T>(op, lanes), 1, {0, 0}};  // a product: the square
        std::vector<kernels::TileOperand<T>> registers = {{x.data.data(), x.block_stride, lanes},
                                                          {all.data.data(), 0, lanes}};
        instruction.function(instruction, registers.data(), x.blocks, rows, columns);
        Index wrong = 0;
        for (Index r = 0; r < rows; ++r) {
          double sum = 0, max = -1e30, squares = 0;
          for (Index c = 0; c < columns; ++c) {
            const double value = double(x.at(r, c));
            sum += value;
            max = std::max(max, value);
            squares += value * value;
          }
          const double exact = op == TileOp::row_sum ? sum : op == TileOp::row_max ? max : squares;
          const double tolerance =
              op == TileOp::row_max ? 0 : 2 * double(std::numeric_limits<T>::epsilon()) * double(columns);
          wrong += !(std::abs(double(all.at(r, 0)) - exact) <= tolerance);
          registers[0].p = &x.at(r, 0);
          registers[1].p = one.data.data();
          instruction.function(instruction, registers.data(), x.blocks, 1, columns);
          for (Index lane = 0; lane < lanes; ++lane)
            wrong += !same(all.at(r, lane), all.at(r, 0)) || !same(one.at(0, lane), all.at(r, 0));
        }
        INFO("columns ", columns);
        CHECK(wrong == 0);
      }
    }
  });
}

TEST_CASE_TEMPLATE("the maximum of a row with a NaN is NaN", T, float, double) {
  for_each_lanes<T>([](int lanes) {
    for (Index at = 0; at < 2 * lanes; ++at) {
      BlockedMatrix<T> x(1, 2 * lanes, lanes), y(1, lanes, lanes);
      x.fill(1);
      x.at(0, at) = std::numeric_limits<T>::quiet_NaN();
      y.fill(1);
      const kernels::TileOperand<T> registers[] = {{x.data.data(), x.block_stride, lanes}, {y.data.data(), 0, lanes}};
      const kernels::TileInstruction<T> instruction{kernels::tile_function<T>(TileOp::row_max, lanes), 1, {0}};
      instruction.function(instruction, registers, x.blocks, 1, x.columns);
      CHECK(std::isnan(y.at(0, 0)));
    }
  });
}

TEST_CASE("tile ops have names") {
  CHECK(kernels::name(TileOp::multiply_tanh) == "multiply_tanh");
  CHECK(kernels::name(TileOp::row_max) == "row_max");
}
