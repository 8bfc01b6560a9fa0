#pragma once
// Elements as files of other programs hold them, packed one after another.
#include <string>
#include <string_view>

#include "unroll/core/tensor.hpp"

namespace unroll {

/// What a file's elements are. Those that Tensor does not have are read as the smallest dtype that holds them all:
/// float16 and bfloat16 as float32, small integers as int32, uint32 and uint64 as int64.
enum class ElementType {
  bool_,
  int8,
  int16,
  int32,
  int64,
  uint8,
  uint16,
  uint32,
  uint64,
  float16,
  bfloat16,
  float32,
  float64
};

std::size_t bytes_per_element(ElementType type);
/// What a tensor of this dtype is written as.
ElementType element_type(DType dtype);

/// The elements of `bytes`, which has to be as long as the shape asks for (DataLossError in the name of `who`; also for
/// a uint64 that int64 does not hold). `swapped`: most significant byte first.
Tensor decode_elements(std::string_view who, ElementType type, const Shape& shape, std::string_view bytes,
                       bool swapped = false);
/// The elements of a tensor as they are in memory, least significant byte first.
inline std::string_view encode_elements(const Tensor& tensor) {
  return {reinterpret_cast<const char*>(tensor.raw()), tensor.bytes()};
}

}  // namespace unroll
