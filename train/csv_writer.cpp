#include "unroll/train/csv_writer.hpp"

#include <charconv>

#include "unroll/core/errors.hpp"

namespace unroll {
namespace {

constexpr std::string_view who = "CsvWriter";

}  // namespace

CsvWriter::CsvWriter(const std::filesystem::path& path, const std::vector<std::string>& names)
    : shown_(path.string()), columns_(names.size()) {
  std::string header, found;
  for (const std::string& name : names) {
    if (name.find_first_of(",\"\n\r") != std::string::npos)
      raise<ValueError>(who, "the name \"", name, "\" has a comma, a quote or a line break");
    header += (header.empty() ? "" : ",") + name;
  }
  const bool is_there = static_cast<bool>(std::getline(std::ifstream(path), found));
  if (is_there && found != header)
    raise<ValueError>(who, shown_, " has the names \"", found.substr(0, 100), "\", expected \"", header, "\"");
  file_.open(path, std::ios::binary | std::ios::app);
  if (!is_there) write_line(header);
  if (!file_) raise<IOError>(who, "cannot write ", shown_);
}

void CsvWriter::write(const std::vector<double>& values) {
  if (values.size() != columns_) raise<ValueError>(who, values.size(), " values given for ", columns_, " names");
  std::string line;
  for (double value : values) {
    char text[32];
    line.append(line.empty() ? "" : ",").append(text, std::to_chars(text, text + sizeof text, value).ptr);
  }
  write_line(line);
}

void CsvWriter::write_line(const std::string& line) {
  file_ << line << '\n' << std::flush;
  if (!file_) raise<IOError>(who, "cannot write ", shown_);
}

}  // namespace unroll
