#pragma once
// The header of a .npy file.
#include <string>
#include <string_view>
#include <vector>

#include "unroll/io/elements.hpp"

namespace unroll {

struct NpyHeader {
  ElementType type = ElementType::float32;
  /// Most significant byte first.
  bool swapped = false;
  bool fortran_order = false;
  std::vector<Index> dims = {};
  /// Where the elements begin.
  std::size_t size = 0;
};

/// That of a tensor in C's order, with blanks up to `least_size` bytes, a multiple of 64.
std::string encode_npy_header(const TensorSpec& spec, std::size_t least_size = 0);
/// `bytes` are a file's first ones. Throws DataLossError in the name of `who`.
NpyHeader decode_npy_header(std::string_view who, std::string_view bytes);

}  // namespace unroll
