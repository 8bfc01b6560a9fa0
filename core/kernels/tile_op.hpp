#pragma once
// The operations of tile programs. Comparisons give 1 or 0 of the operands' type; where() takes any number but 0 for
// true.
#include <cstdint>
#include <string_view>

namespace unroll::kernels {

enum class TileOp : std::uint8_t {
  // one operand
  copy,
  negative,
  abs,
  sign,
  floor,
  square,
  sqrt,
  rsqrt,
  reciprocal,
  exp,
  log,
  tanh,
  sigmoid,
  relu,
  softplus,
  logical_not,
  // two operands
  add,
  subtract,
  multiply,
  divide,
  maximum,
  minimum,
  sigmoid_gradient,  // (y, g): g y (1 - y)
  tanh_gradient,     // (y, g): g (1 - y^2)
  relu_gradient,     // (y, g): y > 0 ? g : 0
  greater,
  greater_equal,
  less,
  less_equal,
  equal,
  not_equal,
  multiply_tanh,  // (a, b): a tanh(b)
  // three operands
  where,                     // (c, a, b): c != 0 ? a : b
  multiply_add,              // (a, b, c): a b + c, rounded once
  multiply_subtract,         // (a, b, c): a b - c
  negative_multiply_add,     // (a, b, c): c - a b
  product_sigmoid_gradient,  // (y, a, b): a b y (1 - y)
  product_tanh_gradient,     // (y, a, b): a b (1 - y^2)
  add_tanh_gradient,         // (y, g, c): c + g (1 - y^2)
  clip,                      // (x, low, high): low below low, high above high, NaN stays
  clip_gradient,             // (x, low, high): low <= x <= high ? 1 : 0
  scaled_difference,         // (a, b, c): (a - b) c
  // four
  multiply_add_add,          // (a, b, c, d): (a b + c) + d
  difference_minus_product,  // (a, b, c, d): (a - b) - c d
  // five
  scaled_difference_minus_product,  // (a, b, c, d, e): ((a - b) - c d) e
  // six
  sum_of_multiply_adds,  // (a, b, c, d, e, f): (a b + c) + (d e + f)
  // reductions over the columns of each row; the result is one number per row, in all lanes
  row_sum,
  row_sum_of_squares,
  row_max,
  row_sum_of_products,             // of two operands
  row_sum_of_squared_differences,  // of two operands
};

/// Operands of an instruction, those of all parts together.
constexpr int most_operands = 8;

/// "multiply_add"
std::string_view name(TileOp op);
/// How many operands it has.
constexpr int operand_count(TileOp op) {
  return op < TileOp::add                               ? 1
         : op < TileOp::where                           ? 2
         : op < TileOp::multiply_add_add                ? 3
         : op < TileOp::scaled_difference_minus_product ? 4
         : op < TileOp::sum_of_multiply_adds            ? 5
         : op < TileOp::row_sum                         ? 6
         : op < TileOp::row_sum_of_products             ? 1
                                                        : 2;
}
constexpr bool is_reduction(TileOp op) { return op >= TileOp::row_sum; }

}  // namespace unroll::kernels
