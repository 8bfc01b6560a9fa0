// What explain() says of the library's cells.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>

#include "agreement.hpp"
#include "every_cell.hpp"

using namespace unroll;
using namespace testing;

namespace {

// The classes in the headers of cells/ that are cells of their own.
std::set<std::string> classes_of_headers() {
  const std::regex declaration(R"(^class (\w+) : public (\w+) \{)");
  const std::set<std::string> bases{"RNNCell", "CellWrapper", "Cell", "ConvLSTMCell"};
  const std::filesystem::path root = std::filesystem::path(UNROLL_DOCS_DIR).parent_path();
  std::set<std::string> names;
  for (const std::string folder : {"cells", "cells/keras"})
    for (const auto& entry : std::filesystem::directory_iterator(root / folder)) {
      if (entry.path().extension() != ".hpp") continue;
      std::ifstream header(entry.path());
      std::smatch found;
      for (std::string line; std::getline(header, line);)
        if (std::regex_search(line, found, declaration) && found[2] != "Module" && !bases.contains(found[1]))
          names.insert((folder == "cells" ? "" : "keras.") + found[1].str());
    }
  return names;
}

}  // namespace

TEST_CASE("explain says of every cell of the library that it compiles, or why not") {
  const std::set<std::string> may_be_eager{"AttentionCellWrapper", "PhasedLSTMCell", "Conv1DLSTMCell", "Conv2DLSTMCell",
                                           "Conv3DLSTMCell"};
  std::set<std::string> missing = classes_of_headers();
  CHECK(missing.size() > 35);
  for (const CompiledCase& c : every_cell()) {
    CAPTURE(c.name);
    auto cell = c.make();
    std::string said = explain(*cell, random_inputs(c, 3, 4, float32), {.dtype = float32});
    if (may_be_eager.contains(cell->class_name()) && !said.starts_with("compiled\n"))
      CHECK_MESSAGE(std::regex_search(said, std::regex("^eager: \\w+: .{10}")), said);
    else
      CHECK_MESSAGE(said.starts_with("compiled\n"), said);
    missing.erase(cell->class_name());
  }
  for (const std::string& name : missing) FAIL_CHECK("every_cell() lacks ", name);
}
