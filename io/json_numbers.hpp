#pragma once
// Numbers as JSON holds them, without loss.
#include <string>
#include <string_view>

#include "unroll/core/tensor.hpp"

namespace unroll {

/// Appends `value`. Floats are the shortest decimal that reads back to the same bits; for the few float32 numbers
/// (7.038531e-26) where a reader that rounds to float64 first would get others, the decimal of the float64. Minus zero
/// is
/// "-0.0", NaN and infinities, which JSON has no numbers for, the strings "nan", "inf" and "-inf". Integers are as they
/// are, bools true and false. T: bool, int32, int64, float, double.
template <Arithmetic T>
void append_json(std::string& out, T value);

/// "[64, 128]".
std::string shape_in_json(const Shape& shape);

/// An array of numbers whose dtype may not be known yet: what was written, each followed by a blank.
struct NumberText {
  std::string text;
  Index count = 0;

  void append(std::string_view number) {
    text.append(number).push_back(' ');
    ++count;
  }
};

/// The numbers as a tensor of this spec, whose shape has `numbers.count` elements. Decimals are rounded once, to the
/// dtype itself; what is too small for it becomes 0. Throws DataLossError, "who: path[k] is 1.5, expected int32", for
/// what the dtype does not hold.
Tensor to_tensor(std::string_view who, const std::string& path, const NumberText& numbers, const TensorSpec& spec);

}  // namespace unroll
