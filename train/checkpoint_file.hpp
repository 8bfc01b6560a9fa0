#pragma once
// A checkpoint as a safetensors file with a checksum.
#include <filesystem>

#include "unroll/io/safetensors.hpp"

namespace unroll::detail {

/// Adds the entry "checksum" to the metadata, a CRC-32 over names, specs and elements of all tensors and over all other
/// metadata. Throws as write_safetensors does.
void write_with_checksum(const std::filesystem::path& path, const NamedTensors& tensors, SafetensorsMetadata metadata);
/// Throws as read_safetensors does, DataLossError if the checksum is missing or wrong.
Safetensors read_with_checksum(const std::filesystem::path& path);

}  // namespace unroll::detail
