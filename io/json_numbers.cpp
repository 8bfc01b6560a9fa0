#include "unroll/io/json_numbers.hpp"

#include <charconv>
#include <cmath>
#include <iterator>

namespace unroll {
namespace {

template <class T>
bool parse(std::string_view token, T& value) {
  if constexpr (std::same_as<T, bool>) {
    value = token == "true";
    return value || token == "false";
  } else {
    const char* last = token.data() + token.size();
    auto [end, error] = std::from_chars(token.data(), last, value);
    if constexpr (std::floating_point<T>)
      if (error == std::errc::result_out_of_range) {
        double wide = 0;  // stays 0 for what is below even a double
        std::from_chars(token.data(), last, wide);
        value = std::copysign(T{0}, token[0] == '-' ? T{-1} : T{1});
        return std::abs(wide) < 1;
      }
    return error == std::errc() && end == last;
  }
}

template <class T>
void fill(std::string_view who, const std::string& path, const NumberText& numbers, T* out) {
  std::string_view text = numbers.text;
  for (Index k = 0; k < numbers.count; ++k) {
    std::string_view token = text.substr(0, text.find(' '));
    if (!parse(token, out[k]))
      raise<DataLossError>(who, path, "[", k, "] is ", token.substr(0, 40), ", expected ", name(dtype_of<T>()));
    text.remove_prefix(token.size() + 1);
  }
}

}  // namespace

template <Arithmetic T>
void append_json(std::string& out, T value) {
  if constexpr (std::same_as<T, bool>) {
    out += value ? "true" : "false";
  } else {
    if constexpr (std::floating_point<T>) {
      if (std::isnan(value)) {
        out += "\"nan\"";
        return;
      }
      if (std::isinf(value)) {
        out += value > 0 ? "\"inf\"" : "\"-inf\"";
        return;
      }
      if (value == 0 && std::signbit(value)) {  // "-0" is an integer to many readers, and loses its sign
        out += "-0.0";
        return;
      }
    }
    char digits[32];
    char* end = std::to_chars(digits, std::end(digits), value).ptr;
    if constexpr (std::same_as<T, float>) {
      double wide = 0;
      std::from_chars(digits, end, wide);
      if (static_cast<float>(wide) != value) end = std::to_chars(digits, std::end(digits), double{value}).ptr;
    }
    out.append(digits, end);
  }
}

template void append_json(std::string&, bool);
template void append_json(std::string&, std::int32_t);
template void append_json(std::string&, std::int64_t);
template void append_json(std::string&, float);
template void append_json(std::string&, double);

std::string shape_in_json(const Shape& shape) {
  std::string out = "[";
  for (Index dim : shape.dims()) {
    if (out.size() > 1) out += ", ";
    append_json(out, dim);
  }
  return out + "]";
}

Tensor to_tensor(std::string_view who, const std::string& path, const NumberText& numbers, const TensorSpec& spec) {
  Tensor tensor(spec);
  dispatch(spec.dtype, [&](auto zero) {
    using T = decltype(zero);
    fill(who, path, numbers, tensor.mutable_data<T>());
  });
  return tensor;
}

}  // namespace unroll
