#pragma once
// The files of tests/golden: calls with the numbers that TensorFlow 2.15 answered.
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>

#include "unroll/core/tensor.hpp"

namespace unroll {

/// The cases of tests/golden/`file`.
inline nlohmann::json golden_cases(const std::string& file) {
  std::ifstream in(std::string(UNROLL_GOLDEN_DIR) + "/" + file);
  if (!in) raise<IOError>("golden_cases", "cannot open ", file);
  return nlohmann::json::parse(in).at("cases");
}

/// A number, or "nan", "inf", "-inf".
template <class Json>
double golden_number(const Json& value) {
  if (!value.is_string()) return value.template get<double>();
  constexpr double infinity = std::numeric_limits<double>::infinity();
  auto text = value.template get<std::string>();
  return text == "inf" ? infinity : text == "-inf" ? -infinity : std::numeric_limits<double>::quiet_NaN();
}

/// {"shape": [..], "dtype": "float64", "data": [..]}
template <class Json>
Tensor golden_tensor(const Json& value) {
  auto dims = value.at("shape").template get<std::vector<Index>>();
  DType dtype = dtype_from_name(value.at("dtype").template get<std::string>());
  Tensor result(TensorSpec{Shape(std::span<const Index>(dims)), dtype});
  const auto& data = value.at("data");
  if (static_cast<Index>(data.size()) != result.size()) raise<ValueError>("golden_tensor", "wrong number of values");
  dispatch(dtype, [&](auto zero) {
    using T = decltype(zero);
    T* out = result.mutable_data<T>();
    for (const auto& item : data) {
      if constexpr (std::floating_point<T>)
        *out++ = static_cast<T>(golden_number(item));
      else
        *out++ = item.template get<T>();
    }
  });
  return result;
}

}  // namespace unroll
