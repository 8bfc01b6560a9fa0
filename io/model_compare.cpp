#include <algorithm>
#include <cmath>

#include "unroll/io/json_numbers.hpp"
#include "unroll/io/model_record.hpp"

namespace unroll {
namespace {

std::string quoted(const std::string& text) { return '"' + text + '"'; }
// For messages.
std::string shortened(const std::string& text) {
  constexpr std::size_t longest = 200;
  return text.size() > longest ? text.substr(0, longest) + "..." : text;
}

std::string in_json(const ConfigValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return quoted(*text);
  if (std::holds_alternative<std::monostate>(value)) return "null";
  std::string out;
  if (const auto* flag = std::get_if<bool>(&value)) append_json(out, *flag);
  if (const auto* number = std::get_if<Index>(&value)) append_json(out, *number);
  if (const auto* number = std::get_if<double>(&value)) append_json(out, *number);
  return out;
}

class Comparison {
 public:
  explicit Comparison(std::string_view who) : who_(who) {}

  void modules(const std::string& outer, const std::vector<ModuleRecord>& found,
               const std::vector<ModuleRecord>& expected) const {
    if (found.size() != expected.size())
      raise<ValueError>(who_, outer.empty() ? "" : outer + ".", "modules has ", found.size(), " members, expected ",
                        expected.size());
    for (std::size_t k = 0; k < found.size(); ++k) module(module_path(outer, k), found[k], expected[k]);
  }

 private:
  void module(const std::string& path, const ModuleRecord& found, const ModuleRecord& expected) const {
    same(path + ".class", quoted(found.class_name), quoted(expected.class_name));
    same(path + ".name", quoted(found.name), quoted(expected.name));
    config(path + ".config", found, expected);
    if (expected.built) same(path + ".scope", quoted(found.scope), quoted(expected.scope));
    if (expected.built) variables(path + ".variables", found, expected);
    if (expected.built || found.modules.size() == expected.modules.size())
      modules(path, found.modules, expected.modules);
  }

  void config(const std::string& path, const ModuleRecord& found, const ModuleRecord& expected) const {
    auto find = [](const Config& config, const std::string& key) {
      return std::find_if(config.begin(), config.end(), [&](auto& entry) { return entry.first == key; });
    };
    for (const auto& [key, value] : expected.config) {
      auto entry = find(found.config, key);
      if (entry == found.config.end()) raise<ValueError>(who_, path, ".", key, " is missing");
      same(std::string(path).append(".").append(key), in_json(entry->second), in_json(value));
    }
    for (const auto& [key, value] : found.config)
      if (find(expected.config, key) == expected.config.end())
        raise<ValueError>(who_, path, " has the entry ", shortened(quoted(key)), ", which ", expected.class_name,
                          " does not have");
  }

  void variables(const std::string& path, const ModuleRecord& found, const ModuleRecord& expected) const {
    auto find = [](const std::vector<VariableRecord>& variables, const std::string& name) {
      return std::find_if(variables.begin(), variables.end(), [&](auto& v) { return v.name == name; });
    };
    for (const VariableRecord& variable : expected.variables)
      if (find(found.variables, variable.name) == found.variables.end())
        raise<ValueError>(who_, path, " lacks ", quoted(variable.name));
    for (std::size_t k = 0; k < found.variables.size(); ++k) {
      const VariableRecord& variable = found.variables[k];
      std::string at = path + "[" + std::to_string(k) + "]";
      auto other = find(expected.variables, variable.name);
      if (other == expected.variables.end())
        raise<ValueError>(who_, at, ".name is ", shortened(quoted(variable.name)), ", which is no variable of ",
                          expected.class_name, " ", quoted(expected.scope));
      compare_spec(who_, at, variable.values.spec(), other->values.spec());
      if (variable.trainable != other->trainable)
        raise<ValueError>(who_, at, ".trainable is ", variable.trainable, ", expected ", other->trainable);
    }
  }

  void same(const std::string& path, const std::string& found, const std::string& expected) const {
    if (found != expected) raise<ValueError>(who_, path, " is ", shortened(found), ", expected ", shortened(expected));
  }

  std::string_view who_;
};

}  // namespace

void compare(std::string_view who, const std::vector<ModuleRecord>& found, const std::vector<ModuleRecord>& expected) {
  Comparison(who).modules("", found, expected);
}

void compare_spec(std::string_view who, const std::string& path, const TensorSpec& found, const TensorSpec& expected) {
  if (found.shape != expected.shape)
    raise<ValueError>(who, path, ".shape is ", shape_in_json(found.shape), ", expected ",
                      shape_in_json(expected.shape));
  if (found.dtype != expected.dtype)
    raise<TypeError>(who, path, ".dtype is \"", found.dtype, "\", expected \"", expected.dtype, '"');
}

}  // namespace unroll
