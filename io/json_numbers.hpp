#pragma once
// Numbers as JSON holds them, without loss.
#include <string>
#include <string_view>

#include "unroll/core/tensor.hpp"

namespace unroll {

/// Appends `value`. Floats are the shortest decimal that reads back to the same bits, also where a reader rounds to
/// float64 first: this makes a difference for one float32, 7.038531e-26, and its negative, which get more digits. Minus
/// zero is "-0.0"; NaN and infinities, for which JSON has no numbers, are "nan", "inf" and "-inf" as strings. Integers
/// are as they are, bools true and false. T: bool, int32, int64, float, double.
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
