#include "unroll/io/named_tensors.hpp"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

namespace unroll {
namespace {

std::vector<Variable> all_variables(std::string_view who, const std::vector<Module*>& modules) {
  if (modules.empty()) raise<ValueError>(who, "no module is given");
  std::vector<Variable> all;
  std::unordered_map<std::string, std::uint32_t> ids;
  for (Module* module : modules) {
    if (!module) raise<ValueError>(who, "expected a module, got a null pointer");
    if (!module->built())
      raise<ValueError>(who, module->class_name(), " \"", module->name(),
                        "\" has no variables yet: call it once or build() it first");
    for (const Variable& variable : module->variables()) {
      auto [place, is_new] = ids.emplace(variable.name(), variable.id());
      if (is_new)
        all.push_back(variable);
      else if (place->second != variable.id())
        raise<ValueError>(who, "two variables are named \"", variable.name(), "\": give one of the modules a name");
    }
  }
  return all;
}

}  // namespace

void check_unique_names(std::string_view who, const NamedTensors& tensors) {
  std::unordered_set<std::string_view> names;
  for (const auto& [name, tensor] : tensors)
    if (!names.insert(name).second) raise<ValueError>(who, "the name \"", name, "\" occurs twice");
}

Tensor find_tensor(const NamedTensors& tensors, std::string_view name) {
  auto found = std::find_if(tensors.begin(), tensors.end(), [&](const auto& entry) { return entry.first == name; });
  return found == tensors.end() ? Tensor() : found->second;
}

NamedTensors named_variables(std::string_view who, const std::vector<Module*>& modules) {
  NamedTensors tensors;
  for (const Variable& variable : all_variables(who, modules)) tensors.emplace_back(variable.name(), variable.value());
  return tensors;
}

void assign_variables(std::string_view who, const std::vector<Module*>& modules, const NamedTensors& tensors) {
  const std::vector<Variable> variables = all_variables(who, modules);
  std::unordered_map<std::string_view, const Tensor*> by_name;
  for (const auto& [name, tensor] : tensors) by_name.emplace(name, &tensor);
  for (const Variable& variable : variables) {
    auto found = by_name.find(variable.name());
    if (found == by_name.end()) raise<ValueError>(who, "there is no \"", variable.name(), "\"");
    const Tensor& tensor = *found->second;
    if (tensor.shape() != variable.shape())
      raise<ValueError>(who, "\"", variable.name(), "\" has shape ", tensor.shape(), ", expected ", variable.shape());
    if (tensor.dtype() != variable.dtype())
      raise<TypeError>(who, "\"", variable.name(), "\" is ", tensor.dtype(), ", expected ", variable.dtype());
  }
  if (by_name.size() > variables.size()) {
    std::unordered_set<std::string_view> known;
    for (const Variable& variable : variables) known.insert(variable.name());
    for (const auto& [name, tensor] : tensors)
      if (!known.contains(name)) raise<ValueError>(who, "\"", name, "\" is no variable of the modules");
  }
  for (const Variable& variable : variables) variable.assign(*by_name.at(variable.name()));
}

}  // namespace unroll
