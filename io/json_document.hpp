#pragma once
// Reading JSON text into a tree, with the numbers of variables set aside as plain text.
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "unroll/io/json_numbers.hpp"

namespace unroll {

/// The tree of a file. In it, each array under the key "data" of an object that is a member of an array stands as a
/// binary value (which JSON text cannot give) whose subtype is its position in `data`: a tree of millions of numbers
/// would take many times the memory of the file.
struct JsonDocument {  // NOLINT(bugprone-exception-escape): a json's move constructor throws nothing
  nlohmann::json root;
  std::vector<NumberText> data;
};

/// Reads a whole file. Throws IOError if it cannot be read, and DataLossError, with the path in the file and the line,
/// for what is not JSON, for a key that occurs twice, for members of "data" that are no numbers, bools, "nan", "inf" or
/// "-inf", and for what no file of weights has: more than 200 levels, or a million values beside data. `who` begins all
/// messages.
JsonDocument read_json_document(const std::string& who, const std::filesystem::path& path);

/// Whether the outermost object of a file has this text under this key, before any key of which `ends` is true. Nothing
/// is kept, and nothing behind what decides is read. False for what is not JSON up to there. Throws IOError if the file
/// cannot be read.
bool json_file_says(const std::string& who, const std::filesystem::path& path, std::string_view key,
                    std::string_view text, const std::function<bool(const std::string& key)>& ends);

}  // namespace unroll
