#pragma once
// A whole file in memory.
#include <filesystem>
#include <string>

namespace unroll {

/// Throws IOError in the name of `who`, with the system's reason, if it cannot be read.
std::string read_file_bytes(std::string_view who, const std::filesystem::path& path);

}  // namespace unroll
