#pragma once
// Curves as a table of comma-separated values.
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace unroll {

/// A file with a line of names and a line for each step, each on the disk's way as soon as it is written. A file that
/// is there with the same names is continued:
///
///     CsvWriter csv("run/loss.csv", {"step", "loss"});
///     csv.write({static_cast<double>(step), loss});
class CsvWriter {
 public:
  /// Throws IOError if the file cannot be written, ValueError for a name with a comma, quote or line break, or if the
  /// file has other names.
  CsvWriter(const std::filesystem::path& path, const std::vector<std::string>& names);

  /// Numbers with as many digits as read back the same. Throws ValueError unless there is one for each name.
  void write(const std::vector<double>& values);

 private:
  void write_line(const std::string& line);

  std::string shown_;
  std::size_t columns_;
  std::ofstream file_;
};

}  // namespace unroll
