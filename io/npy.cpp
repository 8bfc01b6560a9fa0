#include "unroll/io/npy.hpp"

#include <algorithm>

#include "unroll/autograd/ops/transpose.hpp"
#include "unroll/io/atomic_file.hpp"
#include "unroll/io/file_bytes.hpp"
#include "unroll/io/npy_header.hpp"

namespace unroll {

std::string detail::encode_npy(const Tensor& tensor) {
  return encode_npy_header(tensor.spec()).append(encode_elements(tensor));
}

Tensor detail::decode_npy(std::string_view who, std::string_view bytes) {
  NpyHeader header = decode_npy_header(who, bytes);
  std::vector<Index>& dims = header.dims;
  if (header.fortran_order) std::reverse(dims.begin(), dims.end());
  Tensor tensor =
      decode_elements(who, header.type, Shape(std::span<const Index>(dims)), bytes.substr(header.size), header.swapped);
  return header.fortran_order ? transpose(tensor) : tensor;
}

void write_npy(const std::filesystem::path& path, const Tensor& tensor) {
  AtomicFile file("write_npy", path);
  file.write(detail::encode_npy(tensor));
  file.commit();
}

Tensor read_npy(const std::filesystem::path& path) {
  const std::string who = "read_npy: " + path.string();
  return detail::decode_npy(who, read_file_bytes(who, path));
}

}  // namespace unroll
