#pragma once
// A model written down: what a file of weights says of it, apart from how the file says it.
#include <string>
#include <string_view>
#include <vector>

#include "unroll/autograd/module.hpp"

namespace unroll {

struct VariableRecord {
  std::string name;
  Tensor values;
  bool trainable = true;
};

struct ModuleRecord {
  std::string class_name, name, scope;
  Config config;
  SpecNest inputs;  // what it was built for
  bool built = true;
  std::vector<VariableRecord> variables;  // its own; one that occurred before is left out
  std::vector<ModuleRecord> modules;
};

/// Describes the modules as they are; tensors share the variables' elements. Throws ValueError in the name of `who` if
/// there is none, if one is null, if different variables have the same name, or for a module within itself.
std::vector<ModuleRecord> describe(std::string_view who, const std::vector<Module*>& modules);

/// Throws ValueError, or TypeError for a dtype, with the path of the first thing in `found` that is not as in
/// `expected`: "who: modules[1].variables[0].shape is [65, 128], expected [64, 128]". Variables are compared by name,
/// without their values. Of an expected module that is not built only the class, the name, the configuration and the
/// modules inside are compared, and of its modules only those that exist yet.
void compare(std::string_view who, const std::vector<ModuleRecord>& found, const std::vector<ModuleRecord>& expected);

/// ValueError or TypeError unless a variable of the record has this spec; `path` is the variable's.
void compare_spec(std::string_view who, const std::string& path, const TensorSpec& found, const TensorSpec& expected);

/// "modules[1]", behind the path of the module around it.
std::string module_path(const std::string& outer, std::size_t k);

}  // namespace unroll
