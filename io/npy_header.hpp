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
/// Longer headers are refused: numpy.load stops at 10000 bytes.
constexpr std::size_t longest_npy_header = 1 << 16;
/// `bytes` are a file's first ones; `longest_npy_header` of them are enough. Throws DataLossError in the name of `who`.
NpyHeader decode_npy_header(std::string_view who, std::string_view bytes);
/// Of the whole file, with its elements. Throws DataLossError in the name of `who` if it cannot be counted.
std::size_t npy_file_size(std::string_view who, const NpyHeader& header);

}  // namespace unroll
