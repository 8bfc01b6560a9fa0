#include "unroll/io/model_record.hpp"

#include <unordered_map>

namespace unroll {
namespace {

class Describer {
 public:
  explicit Describer(std::string_view who) : who_(who) {}

  ModuleRecord describe(Module& module, int depth) {
    constexpr int deepest = 64;
    if (depth > deepest)
      raise<ValueError>(who_, module.class_name(), " lies ", depth, " modules deep, or within itself");
    ModuleRecord record{.class_name = module.class_name(),
                        .name = module.name(),
                        .scope = module.scope(),
                        .config = module.config(),
                        .inputs = module.built_for(),
                        .built = module.built(),
                        .variables = {},
                        .modules = {}};
    for (const Variable& v : module.own_variables())
      if (is_new(v)) record.variables.push_back({v.name(), v.value(), v.trainable()});
    for (Module* child : module.submodules()) record.modules.push_back(describe(checked(child), depth + 1));
    return record;
  }
  Module& checked(Module* module) const {
    if (!module) raise<ValueError>(who_, "expected a module, got a null pointer");
    return *module;
  }

 private:
  bool is_new(const Variable& v) {
    auto [place, inserted] = ids_.emplace(v.name(), v.id());
    if (!inserted && place->second != v.id())
      raise<ValueError>(who_, "two variables are named \"", v.name(), "\": give one of the modules a name");
    return inserted;
  }

  std::string_view who_;
  std::unordered_map<std::string, std::uint32_t> ids_;
};

}  // namespace

std::vector<ModuleRecord> describe(std::string_view who, const std::vector<Module*>& modules) {
  if (modules.empty()) raise<ValueError>(who, "no module is given");
  Describer describer(who);
  std::vector<ModuleRecord> records;
  for (Module* module : modules) records.push_back(describer.describe(describer.checked(module), 1));
  return records;
}

std::string module_path(const std::string& outer, std::size_t k) {
  return (outer.empty() ? "" : outer + ".") + "modules[" + std::to_string(k) + "]";
}

}  // namespace unroll
