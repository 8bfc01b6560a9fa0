#include <functional>

#include "files.hpp"
#include "support/cells.hpp"
#include "support/child.hpp"
#include "unroll/cells/dense.hpp"
#include "unroll/io/aidax.hpp"
#include "unroll/io/guitarml.hpp"
#include "unroll/io/json.hpp"
#include "unroll/io/nam.hpp"
#include "unroll/io/npy.hpp"
#include "unroll/io/npz.hpp"
#include "unroll/io/onnx.hpp"
#include "unroll/io/rtneural.hpp"
#include "unroll/io/safetensors.hpp"

using namespace unroll;
using namespace testing;
namespace fs = std::filesystem;

namespace {

struct Writer {
  std::string extension;
  std::function<void(const fs::path&, LSTMCell&, Dense&)> write;
};

const std::vector<Writer>& writers() {
  static const std::vector<Writer> all{
      {".json", [](const fs::path& path, LSTMCell& cell, Dense& head) { save_json(path, cell, head); }},
      {".npy", [](const fs::path& path, LSTMCell& cell, Dense&) { write_npy(path, cell.variables()[0].value()); }},
      {".npz", [](const fs::path& path, LSTMCell& cell, Dense& head) { save_npz(path, cell, head); }},
      {".safetensors", [](const fs::path& path, LSTMCell& cell, Dense& head) { save_safetensors(path, cell, head); }},
      {".onnx", [](const fs::path& path, LSTMCell& cell, Dense& head) { save_onnx(path, cell, head); }},
      {".rtneural.json", [](const fs::path& path, LSTMCell& cell, Dense& head) { save_rtneural(path, cell, head); }},
      {".guitarml.json", [](const fs::path& path, LSTMCell& cell, Dense& head) { save_guitarml(path, cell, head); }},
      {".aidax", [](const fs::path& path, LSTMCell& cell, Dense& head) { save_aidax(path, cell, head); }},
      {".nam", [](const fs::path& path, LSTMCell& cell, Dense& head) { save_nam(path, cell, head); }}};
  return all;
}

// How many writers do not say that they cannot write, with the file's name, in a process whose disk `spoil` spoils.
int silent(const fs::path& folder, const std::function<void()>& spoil) {
  LSTMCell cell(8);
  Dense head(1);
  cell.build(TensorSpec{{1, 1}, float32});
  head.build(TensorSpec{{1, 8}, float32});
  return in_child([&] {
    spoil();
    int count = 0;
    for (const auto& [extension, write] : writers()) try {
        write(folder / ("x" + extension), cell, head);
        ++count;
      } catch (const IOError& error) {
        if (std::string(error.what()).find("x" + extension) == std::string::npos) ++count;
      }
    return count;
  });
}

}  // namespace

TEST_CASE("every writer says that the disk is full, and leaves the old file whole and no other") {
  TemporaryFolder folder;
  for (const Writer& writer : writers()) write_file(folder / ("x" + writer.extension), "old");
  CHECK(silent(folder.path(), [] { fill_disk(100); }) == 0);
  for (const Writer& writer : writers()) CHECK(read_file(folder / ("x" + writer.extension)) == "old");
  CHECK(folder.files() == writers().size());
}

TEST_CASE("every writer says that a folder is closed") {
  TemporaryFolder folder;
  fs::create_directory(folder / "closed");
  fs::permissions(folder.path(), fs::perms::all);
  fs::permissions(folder / "closed", fs::perms::owner_read | fs::perms::owner_exec);
  CHECK(silent(folder / "closed", become_nobody) == 0);
  CHECK(fs::is_empty(folder / "closed"));
}
