#include "unroll/io/json.hpp"

#include "unroll/io/atomic_file.hpp"
#include "unroll/io/json_reader.hpp"
#include "unroll/io/json_writer.hpp"
#include "unroll/io/model_restore.hpp"

namespace unroll {
namespace {

void check_built(const std::vector<ModuleRecord>& records) {
  for (const ModuleRecord& record : records) {
    if (!record.built)
      raise<ValueError>("save_json", record.class_name, " \"", record.name,
                        "\" has no variables yet: call it once or build() it first");
    check_built(record.modules);
  }
}

}  // namespace

void save_json(const std::filesystem::path& path, const std::vector<Module*>& modules) {
  std::vector<ModuleRecord> records = describe("save_json", modules);
  check_built(records);
  AtomicFile file("save_json", path);
  write_json("save_json", records, [&](std::string_view text) { file.write(text); });
  file.commit();
}

void load_json(const std::filesystem::path& path, const std::vector<Module*>& modules) {
  std::string who = "load_json: " + path.string();
  restore(who, modules, read_json(who, path));
}

}  // namespace unroll
