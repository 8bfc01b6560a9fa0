#include "labelled_rows.hpp"

#include <sstream>

#include "unroll/core/errors.hpp"
#include "unroll/io/file_bytes.hpp"

namespace unroll::program {

std::vector<LabelledRow> read_labelled_rows(const std::string& path, bool label_is_last) {
  std::istringstream file(read_file_bytes(path, path));
  std::vector<LabelledRow> rows;
  std::string line;
  for (std::size_t number = 1; std::getline(file, line); ++number) {
    if (line.ends_with('\r')) line.pop_back();
    if (line.find_first_not_of(" \t") == std::string::npos) continue;
    const std::size_t comma = label_is_last ? line.rfind(',') : line.find(',');
    if (comma == std::string::npos || comma == 0 || comma + 1 == line.size())
      raise<DataLossError>(path, "line ", number, ": expected a label, a comma and a sequence, got \"",
                           line.substr(0, 40), "\"");
    std::string before = line.substr(0, comma), after = line.substr(comma + 1);
    if (label_is_last) std::swap(before, after);
    rows.push_back({number, std::move(before), std::move(after)});
  }
  if (rows.empty()) raise<DataLossError>(path, "there is no row");
  return rows;
}

}  // namespace unroll::program
