#pragma once
// JSON text of other programs, of moderate size, as a tree.
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

namespace unroll {

/// Throws DataLossError in the name of `who` for what is not JSON, for a key that occurs twice, and for more than 200
/// levels.
nlohmann::ordered_json parse_json(const std::string& who, std::string_view text);
/// Of a whole file. Throws IOError, too, if it cannot be read.
nlohmann::ordered_json parse_json_file(const std::string& who, const std::filesystem::path& path);
/// Compact text, numbers with as many digits as it takes to read the same bits back. Throws ValueError in the name of
/// `who` for text that is not UTF-8.
std::string dump_json(std::string_view who, const nlohmann::ordered_json& json);

}  // namespace unroll
