#pragma once
// Sequences with labels, one a line.
#include <string>
#include <vector>

namespace unroll::program {

struct LabelledRow {
  std::size_t line = 0;
  std::string label;
  /// What follows the label, or stands before it.
  std::string content;
};

/// The lines of a file that are not blank: "label,content", or "content,label" if the label is last. Throws IOError if
/// it cannot be read, DataLossError, with the line, for one without a comma, a label or a content.
std::vector<LabelledRow> read_labelled_rows(const std::string& path, bool label_is_last);

}  // namespace unroll::program
