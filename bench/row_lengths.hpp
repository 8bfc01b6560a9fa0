#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace bench {

/// Lengths of `batch` rows of at most `time` steps: all of them ("full"), 1 to time evenly spaced ("uniform"),
/// time / rank^0.7 ("zipf"), or integers read from a file of that name; shuffled, except when full.
std::vector<std::int32_t> row_lengths(const std::string& kind, int batch, int time, int seed);

}  // namespace bench
