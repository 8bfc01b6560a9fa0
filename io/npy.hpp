#pragma once
// NumPy's .npy: one array, https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
#include <filesystem>

#include "unroll/core/tensor.hpp"

namespace unroll {

/// Writes a tensor as numpy.save does. The file is complete or not there. Throws IOError if it cannot be written.
void write_npy(const std::filesystem::path& path, const Tensor& tensor);

/// Reads what numpy.save has written: versions 1 to 3, either order of axes and of bytes. float16 becomes float32;
/// int8, int16, uint8, uint16 int32; uint32 and uint64 int64. Throws IOError if the file cannot be read, DataLossError
/// if it is damaged or holds something else than numbers or bools.
Tensor read_npy(const std::filesystem::path& path);

namespace detail {
/// The same in memory. `who` begins messages.
std::string encode_npy(const Tensor& tensor);
Tensor decode_npy(std::string_view who, std::string_view bytes);
}  // namespace detail

}  // namespace unroll
