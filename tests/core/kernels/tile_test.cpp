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
  std::function<T(T, T, T, T, T, T)> value;
  template <class F>
  Expected(TileOp op, F f) : op(op) {
    if constexpr (std::is_invocable_v<F, T, T, T>)
      value = [f](T a, T b, T c, T, T, T) { return f(a, b, c); };
    else
      value = f;
  }
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
      {TileOp::scaled_difference, [](T a, T b, T c) { return (a - b) * c; }},
  };
}

/// Those whose products are not rounded, on machines that can do so.
template <class T>
std::vector<Expected<T>> ops_with_sums_of_products() {
  return {
      {TileOp::multiply_add, [](T a, T b, T c) { return a * b + c; }},
      {TileOp::multiply_subtract, [](T a, T b, T c) { return a * b - c; }},
      {TileOp::negative_multiply_add, [](T a, T b, T c) { return c - a * b; }},
      {TileOp::multiply_add_add, [](T a, T b, T c, T d, T, T) { return a * b + c + d; }},
      {TileOp::difference_minus_product, [](T a, T b, T c, T d, T, T) { return a - b - c * d; }},
      {TileOp::scaled_difference_minus_product, [](T a, T b, T c, T d, T e, T) { return (a - b - c * d) * e; }},
      {TileOp::sum_of_multiply_adds, [](T a, T b, T c, T d, T e, T f) { return (a * b + c) + (d * e + f); }},
  };
}

enum class Kind { matrix, number_per_column, number_per_row, number };

/// An operand of a kind, and its value for each element.
template <class T>
struct Operand {
  BlockedMatrix<T> matrix;
  Kind kind;

  /// `whole`: small whole numbers, whose products and sums are exact.
  Operand(Index rows, Index columns, Index lanes, Kind kind, int seed, bool whole)
      : matrix(rows, columns, lanes), kind(kind) {
    std::vector<T> values = mixed_values<T>(rows * columns, std::uint64_t(seed));
    for (size_t i = 0; whole && i < values.size(); ++i) values[i] = T((int(i) * 7 + seed * 5) % 23 - 9);
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

/// Operands beyond the third are of the kinds of the first three again.
template <class T>
void check_op(const Expected<T>& expected, Index rows, Index columns, int lanes, const std::array<Kind, 3>& kinds,
              bool whole) {
  std::vector<Operand<T>> in;
  for (int k = 0; k < 6; ++k) in.emplace_back(rows, columns, lanes, kinds[size_t(k % 3)], k + 1, whole);
  std::vector<T> values;
  for (Index r = 0; r < rows; ++r) {
    for (Index c = 0; c < columns; ++c) {
      auto x = [&](size_t k) { return in[k].value(r, c); };
      values.push_back(expected.value(x(0), x(1), x(2), x(3), x(4), x(5)));
    }
  }
  const kernels::TileInstruction<T> instruction{kernels::tile_function<T>(expected.op, lanes), 6, {0, 1, 2, 3, 4, 5}};
  const int inputs = kernels::operand_count(expected.op);
  // Into a register of its own, then in place of each input that is a matrix.
  for (int place = -1; place < inputs; ++place) {
    if (place >= 0 && kinds[size_t(place % 3)] != Kind::matrix) continue;
    BlockedMatrix<T> out = place >= 0 ? in[size_t(place)].matrix : BlockedMatrix<T>(rows, columns, lanes);
    std::vector<kernels::TileOperand<T>> registers;
    for (auto& x : in) registers.push_back(x.tile());
    registers.push_back({out.data.data(), out.block_stride, lanes});
    if (place >= 0) registers[size_t(place)] = registers.back();
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

template <class T>
void check_ops(const std::vector<Expected<T>>& ops, bool whole) {
  constexpr Kind matrix = Kind::matrix, column = Kind::number_per_column, row = Kind::number_per_row,
                 number = Kind::number;
  const std::array<Kind, 3> kinds[] = {{matrix, matrix, matrix}, {matrix, column, row},    {number, matrix, column},
                                       {row, number, matrix},    {column, column, number}, {matrix, column, column},
                                       {matrix, matrix, column}, {column, matrix, matrix}, {matrix, row, row}};
  for_each_lanes<T>([&](int lanes) {
    for (const auto& op : ops) {
      for (Index rows : {1, 2, 5, 8}) {
        for (const auto& of : kinds) check_op(op, rows, 2 * lanes + 1, lanes, of, whole);
      }
    }
  });
}

}  // namespace

TEST_CASE_TEMPLATE("elementwise tile ops give the library's bits, for every kind of operand, in place too", T, float,
                   double) {
  check_ops(elementwise_ops<T>(), false);
}

TEST_CASE_TEMPLATE("products with a sum are those of numbers that need no rounding", T, float, double) {
  check_ops(ops_with_sums_of_products<T>(), true);
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

TEST_CASE_TEMPLATE("a reduction of several parts goes over the columns of all of them", T, float, double) {
  for_each_lanes<T>([](int lanes) {
    for (TileOp op : {TileOp::row_sum, TileOp::row_max, TileOp::row_sum_of_squares, TileOp::row_sum_of_products,
                      TileOp::row_sum_of_squared_differences}) {
      INFO(std::string(kernels::name(op)));
      for (Index columns : {Index{1}, Index(lanes), Index(lanes + 3), Index(2 * lanes)}) {
        const Index rows = 7, parts = 3;
        std::vector<Operand<T>> in;
        for (int k = 0; k < 2 * parts; ++k)
          in.emplace_back(rows, columns, lanes, k == 5 ? Kind::number_per_row : Kind::matrix, k, true);
        BlockedMatrix<T> y(rows, lanes, lanes);
        kernels::TileInstruction<T> instruction{kernels::tile_function<T>(op, lanes), 6, {0, 1, 2, 3, 4, 5}, parts};
        std::vector<kernels::TileOperand<T>> registers;
        for (auto& x : in) registers.push_back(x.tile());
        registers.push_back({y.data.data(), 0, lanes});
        instruction.function(instruction, registers.data(), in[0].matrix.blocks, rows, columns);
        for (Index r = 0; r < rows; ++r) {
          T sum = op == TileOp::row_max ? T(-100) : T(0);
          for (size_t part = 0; part < size_t(parts); ++part)
            for (Index c = 0; c < columns; ++c) {
              const T a = in[part].value(r, c), b = in[part + parts].value(r, c);
              sum = op == TileOp::row_max ? std::max(sum, a)
                                          : sum + (op == TileOp::row_sum               ? a
                                                   : op == TileOp::row_sum_of_squares  ? a * a
                                                   : op == TileOp::row_sum_of_products ? a * b
                                                                                       : (a - b) * (a - b));
            }
          for (Index lane = 0; lane < lanes; ++lane) CHECK(y.at(r, lane) == sum);
        }
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
