#pragma once
// Curves out of event files, which EventWriter and TensorFlow write.
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace unroll {

/// Steps and values of each tag, in the order of the file.
using Scalars = std::map<std::string, std::vector<std::pair<std::int64_t, double>>>;

/// The scalars of an event file. An event that is cut off at the end of the file is left out, for another program may
/// be writing it. Throws IOError if the file cannot be read, DataLossError, with the place, if a checksum is wrong or
/// an event is not of the format.
Scalars read_scalars(const std::filesystem::path& path);

}  // namespace unroll
