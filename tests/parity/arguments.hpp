#pragma once
// Constructor arguments of cells and layers in golden cases.
#include <optional>
#include <set>

#include "formula.hpp"
#include "runner.hpp"
#include "unroll/cells/activation_argument.hpp"

namespace parity {

/// A case that gives an argument which the class here lacks cannot be run.
inline void only(const Json& json, std::set<std::string> known) {
  known.insert({"class", "name", "dtype", "reuse"});
  for (const auto& [key, value] : json.items())
    if (!known.contains(key)) throw Skip("no argument " + key + " of " + json.at("class").get<std::string>());
}

inline unroll::ActivationArgument read_activation(const Json& json, const char* key = "activation") {
  if (!has(json, key)) return {};
  const Json& a = json.at(key);
  if (a.is_string()) return a.get<std::string>();
  return [formula = a.at("custom").get<std::string>()](const Tensor& x) { return evaluate(formula, {{"x", x}}); };
}

template <class T>
std::optional<T> optional(const Json& json, const char* key) {
  return has(json, key) ? std::optional<T>(json.at(key).get<T>()) : std::nullopt;
}

inline std::optional<unroll::DType> read_dtype(const Json& json) {
  return has(json, "dtype") ? std::optional(unroll::dtype_from_name(json.at("dtype").get<std::string>()))
                            : std::nullopt;
}

}  // namespace parity
