#pragma once
// Modules from JSON text; docs/json.md is the format's reference.
#include <filesystem>

#include "unroll/io/model_record.hpp"

namespace unroll {

/// Reads and checks a whole file. Throws IOError if it cannot be read and DataLossError, with the path in the file, for
/// anything in it that is not of the format. `who` begins all messages.
std::vector<ModuleRecord> read_json(const std::string& who, const std::filesystem::path& path);

}  // namespace unroll
