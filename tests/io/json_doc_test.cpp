// docs/json.md: what it shows is a file, and its Python reads files.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "files.hpp"
#include "modules.hpp"
#include "support/cells.hpp"
#include "unroll/cells/dense.hpp"
#include "unroll/io/json.hpp"

using namespace unroll;
using testing::Holder;
using testing::read_file;
using testing::TemporaryFolder;
using testing::write_file;

namespace {

// The text of the page's block of that language.
std::string block(const std::string& language) {
  std::string page = read_file(UNROLL_DOCS_DIR "/json.md"), fence = "```" + language + "\n";
  std::size_t begin = page.find(fence);
  REQUIRE(begin != std::string::npos);
  begin += fence.size();
  return page.substr(begin, page.find("```", begin) - begin);
}

}  // namespace

TEST_CASE("the file that docs/json.md shows is what save_json writes") {
  TemporaryFolder folder;
  write_file(folder / "shown.json", block("json"));
  LSTMCell cell(1);
  Dense head(1);
  load_json(folder / "shown.json", cell, head);
  CHECK(cell.variables()[0].value().at<float>({1, 1}) == 1.f / 3);
  save_json(folder / "written.json", cell, head);
  CHECK(read_file(folder / "written.json") == block("json"));
}

TEST_CASE("the Python of docs/json.md reads every value") {
  if (std::system("python3 -c '' 2>/dev/null") != 0) return;  // no Python here
  TemporaryFolder folder;
  std::string python = block("python");
  CHECK(std::count(python.begin(), python.end(), '\n') == 10);
  float inf = std::numeric_limits<float>::infinity();
  Holder floats(Tensor{{0.1f, -0.f, 1e-45f}, {inf, -inf, std::nanf("")}}, "floats"),
      flags(Tensor{true, false}, "flags"), doubles(testing::random_tensor({4, 5}, 3), "doubles"),
      numbers(Tensor(-2147483647), "numbers");
  MultiRNNCell stack(LSTMCell(2), GRUCell(3));
  for (Module* module : std::vector<Module*>{&floats, &flags, &doubles, &numbers}) module->build({});
  stack.build(TensorSpec{{1, 2}, float64});
  testing::randomize(stack);
  std::vector<Module*> modules{&floats, &flags, &doubles, &numbers, &stack};
  save_json(folder / "model.json", modules);

  write_file(folder / "read.py", python +
                                     "for name, (shape, values) in weights.items():\n"
                                     "    print(name, *shape, *map(float.hex, values))\n");
  std::string command = "cd '" + folder.path().string() + "' && python3 read.py > out.txt";
  REQUIRE(std::system(command.c_str()) == 0);
  std::istringstream out(read_file(folder / "out.txt"));
  for (Module* module : modules)
    for (const Variable& v : module->variables()) {
      CAPTURE(v.name());
      std::string word;
      out >> word;
      CHECK(word == v.name());
      for (Index dim : v.shape()) {
        out >> word;
        CHECK(word == std::to_string(dim));
      }
      dispatch(v.dtype(), [&](auto zero) {
        for (auto x : v.value().values<decltype(zero)>()) {
          out >> word;
          double expected = static_cast<double>(x), read = std::strtod(word.c_str(), nullptr);
          CHECK((std::isnan(expected) ? std::isnan(read) : static_cast<decltype(zero)>(read) == x));
          CHECK((std::isnan(expected) || std::signbit(expected) == std::signbit(read)));
        }
      });
    }
}
