#include "unroll/io/json_reader.hpp"

#include <algorithm>
#include <initializer_list>
#include <limits>
#include <unordered_map>

#include "unroll/io/json_document.hpp"

namespace unroll {
namespace {

using nlohmann::json;

const char* kind(const json& value) {
  switch (value.type()) {
    case json::value_t::null:
      return "null";
    case json::value_t::boolean:
      return "a boolean";
    case json::value_t::string:
      return "a string";
    case json::value_t::object:
      return "an object";
    case json::value_t::array:
    case json::value_t::binary:
      return "an array";
    default:
      return "a number";
  }
}

class Reader {
 public:
  Reader(const std::string& who, JsonDocument& document) : who_(who), document_(document) {}

  std::vector<ModuleRecord> file() {
    const json& root = document_.root;
    if (!root.is_object()) fail("", "it is ", kind(root), ", expected an object");
    if (text(root, "", "format") != "unroll")
      fail("format", " is \"", text(root, "", "format"), "\", expected \"unroll\"");
    if (Index version = integer(member(root, "", "version"), "version"); version != 1)
      fail("version", " is ", version, ", expected 1");
    check_keys(root, "", {"format", "version", "modules"});
    return modules(root, "");
  }

 private:
  std::vector<ModuleRecord> modules(const json& object, const std::string& outer) {
    const json& list = array(object, outer, "modules");
    std::vector<ModuleRecord> records;
    for (std::size_t k = 0; k < list.size(); ++k) records.push_back(module(list[k], module_path(outer, k)));
    return records;
  }

  ModuleRecord module(const json& value, const std::string& path) {
    check_keys(value, path, {"class", "name", "scope", "config", "inputs", "variables", "modules"});
    ModuleRecord record;
    record.class_name = text(value, path, "class");
    record.name = text(value, path, "name");
    record.scope = text(value, path, "scope");
    // A wrapper without a name is in the scope around it.
    if (!record.name.empty() && record.scope != record.name && !record.scope.ends_with("/" + record.name))
      fail(path + ".scope", " is \"", record.scope, "\", which does not end with the name \"", record.name, '"');
    record.config = config(member(value, path, "config"), path + ".config");
    record.inputs = inputs(member(value, path, "inputs"), path + ".inputs");
    const json& list = array(value, path, "variables");
    for (std::size_t k = 0; k < list.size(); ++k)
      record.variables.push_back(variable(list[k], path + ".variables[" + std::to_string(k) + "]"));
    record.modules = modules(value, path);
    return record;
  }

  Config config(const json& value, const std::string& path) {
    if (!value.is_object()) wrong(path, value, "an object");
    Config out;
    for (const auto& [key, entry] : value.items()) {
      std::string at = join(path, key);
      if (entry.is_null())
        out.emplace_back(key, std::monostate());
      else if (entry.is_boolean())
        out.emplace_back(key, entry.get<bool>());
      else if (entry.is_number_integer())
        out.emplace_back(key, integer(entry, at));
      else if (entry.is_number_float())
        out.emplace_back(key, entry.get<double>());
      else if (entry.is_string())
        out.emplace_back(key, entry.get<std::string>());
      else
        wrong(at, entry, "null, a boolean, a number or a string");
    }
    return out;
  }

  SpecNest inputs(const json& value, const std::string& path) {
    if (value.is_array()) return SpecNest::tuple(items(value, path));
    if (!value.is_object()) wrong(path, value, "an object or an array");
    if (value.contains("dict")) {
      check_keys(value, path, {"dict"});
      const json& dict = member(value, path, "dict");
      if (!dict.is_object()) wrong(path + ".dict", dict, "an object");
      std::vector<SpecNest::Field> fields;
      for (const auto& [key, item] : dict.items()) fields.emplace_back(key, inputs(item, join(path + ".dict", key)));
      return SpecNest::dict(std::move(fields));
    }
    if (value.contains("named_tuple")) {
      check_keys(value, path, {"named_tuple", "names", "items"});
      const json& names = array(value, path, "names");
      std::vector<SpecNest> members = items(array(value, path, "items"), path + ".items");
      if (names.size() != members.size()) fail(path, " has ", names.size(), " names for ", members.size(), " items");
      std::vector<SpecNest::Field> fields;
      for (std::size_t k = 0; k < members.size(); ++k) {
        if (!names[k].is_string()) wrong(path + ".names[" + std::to_string(k) + "]", names[k], "a string");
        fields.emplace_back(names[k].get<std::string>(), std::move(members[k]));
      }
      return within(path, [&] { return SpecNest::named_tuple(text(value, path, "named_tuple"), std::move(fields)); });
    }
    check_keys(value, path, {"shape", "dtype"});
    return TensorSpec{shape(value, path), dtype(value, path)};
  }
  std::vector<SpecNest> items(const json& list, const std::string& path) {
    std::vector<SpecNest> out;
    for (std::size_t k = 0; k < list.size(); ++k) out.push_back(inputs(list[k], path + "[" + std::to_string(k) + "]"));
    return out;
  }

  VariableRecord variable(const json& value, const std::string& path) {
    check_keys(value, path, {"name", "shape", "dtype", "trainable", "data"});
    VariableRecord record;
    record.name = text(value, path, "name");
    if (auto [first, inserted] = names_.emplace(record.name, path); !inserted)
      fail(path + ".name", " is \"", record.name, "\", the name of ", first->second, " too");
    TensorSpec spec{shape(value, path), dtype(value, path)};
    const json& trainable = member(value, path, "trainable");
    if (!trainable.is_boolean()) wrong(path + ".trainable", trainable, "a boolean");
    record.trainable = trainable.get<bool>();
    if (record.trainable && !is_floating(spec.dtype)) fail(path + ".trainable", " is true for ", spec.dtype);
    const json& data = member(value, path, "data");
    if (!data.is_binary()) wrong(path + ".data", data, "an array");
    NumberText numbers = std::move(document_.data[data.get_binary().subtype()]);
    if (numbers.count != spec.shape.size())
      fail(path + ".data", " has ", numbers.count, " values, expected ", spec.shape.size(), " for shape ",
           shape_in_json(spec.shape));
    record.values = to_tensor(who_, path + ".data", numbers, spec);
    return record;
  }

  Shape shape(const json& object, const std::string& outer) {
    const json& list = array(object, outer, "shape");
    std::vector<Index> dims;
    for (std::size_t k = 0; k < list.size(); ++k)
      dims.push_back(integer(list[k], outer + ".shape[" + std::to_string(k) + "]"));
    return within(outer + ".shape", [&] { return Shape(dims); });
  }
  DType dtype(const json& object, const std::string& outer) {
    return within(outer + ".dtype", [&] { return dtype_from_name(text(object, outer, "dtype")); });
  }

  const json& member(const json& object, const std::string& outer, const char* key) {
    auto found = object.find(key);
    if (found == object.end()) fail(join(outer, key), " is missing");
    return *found;
  }
  const json& array(const json& object, const std::string& outer, const char* key) {
    const json& list = member(object, outer, key);
    if (!list.is_array()) wrong(join(outer, key), list, "an array");
    return list;
  }
  std::string text(const json& object, const std::string& outer, const char* key) {
    const json& value = member(object, outer, key);
    if (!value.is_string()) wrong(join(outer, key), value, "a string");
    return value.get<std::string>();
  }
  Index integer(const json& value, const std::string& path) {
    if (!value.is_number_integer()) wrong(path, value, "an integer");
    if (value.is_number_unsigned() && value.get<std::uint64_t>() > std::numeric_limits<Index>::max())
      fail(path, " is ", value.get<std::uint64_t>(), ", which is too large");
    return value.get<Index>();
  }
  void check_keys(const json& object, const std::string& path, std::initializer_list<const char*> keys) {
    if (!object.is_object()) wrong(path, object, "an object");
    for (const char* key : keys) member(object, path, key);
    for (const auto& [key, value] : object.items())
      if (std::find(keys.begin(), keys.end(), key) == keys.end())
        fail(join(path, key.substr(0, 100)), " is not known in version 1");
  }

  // Errors of what is made of a member's value get its path.
  template <class F>
  auto within(const std::string& path, F&& make) -> decltype(make()) {
    try {
      return make();
    } catch (const DataLossError&) {
      throw;
    } catch (const Error& error) {
      fail(path, ": ", error.what());
    }
  }
  static std::string join(const std::string& outer, const std::string& key) {
    return outer.empty() ? key : outer + "." + key;
  }
  [[noreturn]] void wrong(const std::string& path, const json& value, const char* expected) {
    fail(path, " is ", kind(value), ", expected ", expected);
  }
  template <class... Parts>
  [[noreturn]] void fail(const std::string& path, const Parts&... parts) {
    raise<DataLossError>(who_, path, parts...);
  }

  const std::string& who_;
  JsonDocument& document_;
  std::unordered_map<std::string, std::string> names_;  // paths of the variables by name
};

}  // namespace

std::vector<ModuleRecord> read_json(const std::string& who, const std::filesystem::path& path) {
  JsonDocument document = read_json_document(who, path);
  return Reader(who, document).file();
}

}  // namespace unroll
