#include "unroll/io/model_restore.hpp"

#include <unordered_map>
#include <unordered_set>

#include "unroll/autograd/initial_values.hpp"

namespace unroll {
namespace {

struct Place {
  const VariableRecord* record;
  std::string path;
};

class Restorer {
 public:
  Restorer(std::string_view who, const std::vector<Module*>& modules, const std::vector<ModuleRecord>& records)
      : who_(who), modules_(modules), records_(records) {
    for (std::size_t k = 0; k < records.size(); ++k) add_places(records[k], module_path("", k));
    for_each_module(modules, [&](Module& module) {
      if (module.built()) built_before_.insert(&module);
    });
  }

  void run() {
    std::vector<Variable> variables;
    try {
      build();
      compare(who_, records_, describe(who_, modules_));
      for (Module* module : modules_)
        for (const Variable& v : module->variables()) variables.push_back(v);
      // The last that can fail: where a tape or a tensor holds the present values, this copies them.
      for (const Variable& v : variables)
        dispatch(v.dtype(), [&](auto zero) { static_cast<void>(v.mutable_data<decltype(zero)>()); });
    } catch (...) {
      for_each_new_module([](Module& module) { module.unbuild(); });
      throw;
    }
    for (const Variable& v : variables) v.assign(places_.at(v.name()).record->values);
  }

 private:
  template <class F>
  static void for_each_module(const std::vector<Module*>& modules, const F& f) {
    for (Module* module : modules) {
      f(*module);
      for_each_module(module->submodules(), f);
    }
  }
  template <class F>
  void for_each_new_module(const F& f) {
    for_each_module(modules_, [&](Module& module) {
      if (module.built() && !built_before_.contains(&module)) f(module);
    });
  }
  void add_places(const ModuleRecord& record, const std::string& path) {
    for (std::size_t k = 0; k < record.variables.size(); ++k)
      places_[record.variables[k].name] = {&record.variables[k], path + ".variables[" + std::to_string(k) + "]"};
    for (std::size_t k = 0; k < record.modules.size(); ++k) add_places(record.modules[k], module_path(path, k));
  }

  void build() {
    for (std::size_t k = 0; k < modules_.size(); ++k) build(*modules_[k], records_[k], module_path("", k));
    for_each_new_module([&](Module& module) {
      for (const Variable& v : module.own_variables()) v.set_trainable(places_.at(v.name()).record->trainable);
    });
  }

  // Modules inside come first, so that each gets its own recorded scope, and again afterwards, because some exist only
  // once the outer one is built.
  void build(Module& module, const ModuleRecord& record, const std::string& path) {
    build_inner(module, record, path);
    if (!module.built()) {
      build_here(module, record, path);
      build_inner(module, record, path);
    }
  }
  void build_inner(Module& module, const ModuleRecord& record, const std::string& path) {
    std::vector<Module*> inner = module.submodules();
    if (inner.size() != record.modules.size()) return;  // `compare` says so if it is still so at the end
    for (std::size_t k = 0; k < inner.size(); ++k) build(*inner[k], record.modules[k], module_path(path, k));
  }
  void build_here(Module& module, const ModuleRecord& record, const std::string& path) {
    InitialValues values([&](const std::string& name, const TensorSpec& spec) {
      auto place = places_.find(name);
      if (place == places_.end()) raise<ValueError>(who_, path, ".variables lacks \"", name, '"');
      const VariableRecord& variable = *place->second.record;
      compare_spec(who_, place->second.path, variable.values.spec(), spec);
      return variable.values;
    });
    std::string outer = record.scope.substr(0, record.scope.size() - record.name.size());
    if (outer.ends_with('/')) outer.pop_back();
    VariableScope scope = VariableScope::absolute(outer);
    try {
      module.build(record.inputs);
    } catch (const Error& error) {
      if (std::string_view(error.what()).starts_with(who_)) throw;  // from `values`
      raise<ValueError>(who_, path, ".inputs: cannot build ", module.class_name(), " for them: ", error.what());
    }
  }

  std::string_view who_;
  const std::vector<Module*>& modules_;
  const std::vector<ModuleRecord>& records_;
  std::unordered_map<std::string, Place> places_;
  std::unordered_set<const Module*> built_before_;
};

}  // namespace

void restore(std::string_view who, const std::vector<Module*>& modules, const std::vector<ModuleRecord>& records) {
  compare(who, records, describe(who, modules));
  Restorer(who, modules, records).run();
}

}  // namespace unroll
