#pragma once
// The element types of a Tensor.
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <limits>
#include <string_view>
#include <utility>

#include "unroll/core/errors.hpp"

namespace unroll {

/// Type of a tensor's elements, known at run time.
enum class DType : std::uint8_t { bool_, int32, int64, float32, float64 };

// Names as TensorFlow's users write them: dtype = float32.
inline constexpr DType bool_ = DType::bool_;
inline constexpr DType int32 = DType::int32;
inline constexpr DType int64 = DType::int64;
inline constexpr DType float32 = DType::float32;
inline constexpr DType float64 = DType::float64;

/// "float32", "int64", "bool", ...
std::string_view name(DType dtype);
/// The dtype of that name; throws ValueError if there is none.
DType dtype_from_name(std::string_view name);
/// Bytes of one element.
constexpr std::size_t size_of(DType dtype) {
  return dtype == DType::bool_ ? 1 : (dtype == DType::int32 || dtype == DType::float32) ? 4 : 8;
}
constexpr bool is_floating(DType dtype) { return dtype == DType::float32 || dtype == DType::float64; }
constexpr bool is_integer(DType dtype) { return dtype == DType::int32 || dtype == DType::int64; }
std::ostream& operator<<(std::ostream& out, DType dtype);

/// The dtype of a C++ type.
template <class T>
constexpr DType dtype_of() {
  if constexpr (std::same_as<T, bool>)
    return DType::bool_;
  else if constexpr (std::same_as<T, float>)
    return DType::float32;
  else if constexpr (std::same_as<T, double>)
    return DType::float64;
  else if constexpr (std::integral<T> && std::is_signed_v<T> && sizeof(T) == 4)
    return DType::int32;
  else if constexpr (std::integral<T> && std::is_signed_v<T> && sizeof(T) == 8)
    return DType::int64;
  else
    static_assert(!sizeof(T), "a Tensor holds bool, int32, int64, float or double");
}

/// `value` as another element type. Fractions are cut towards zero, and of what an integer cannot hold, NaN becomes 0
/// and other numbers the nearest bound; int64 to int32 keeps the lower 32 bits. To bool, anything but 0 is true.
template <class To, class From>
constexpr To convert(From value) {
  if constexpr (std::floating_point<From> && std::integral<To> && !std::same_as<To, bool>) {
    constexpr From end = From{2} * static_cast<From>(std::numeric_limits<To>::max() / 2 + 1);  // exact: a power of two
    if (value != value) return 0;
    if (value >= end) return std::numeric_limits<To>::max();
    if (value < static_cast<From>(std::numeric_limits<To>::min())) return std::numeric_limits<To>::min();
  }
  return static_cast<To>(value);
}

/// Calls f with a value of the C++ type of `dtype` (bool, int32_t, int64_t, float or double), so that a generic lambda
/// can be written once: `dispatch(t.dtype(), [&](auto zero) { using T = decltype(zero); ... });`
template <class F>
decltype(auto) dispatch(DType dtype, F&& f) {
  switch (dtype) {
    case DType::bool_:
      return f(bool{});
    case DType::int32:
      return f(std::int32_t{});
    case DType::int64:
      return f(std::int64_t{});
    case DType::float32:
      return f(float{});
    default:
      return f(double{});
  }
}

/// As dispatch, for float32 and float64 only. Other dtypes throw TypeError in the name of `who`.
template <class F>
decltype(auto) dispatch_floating(std::string_view who, DType dtype, F&& f) {
  if (dtype == DType::float32) return f(float{});
  if (dtype == DType::float64) return f(double{});
  raise<TypeError>(who, "expected float32 or float64, got ", name(dtype));
}

/// As dispatch, for every dtype but bool. bool throws TypeError in the name of `who`.
template <class F>
decltype(auto) dispatch_number(std::string_view who, DType dtype, F&& f) {
  switch (dtype) {
    case DType::int32:
      return f(std::int32_t{});
    case DType::int64:
      return f(std::int64_t{});
    case DType::float32:
      return f(float{});
    case DType::float64:
      return f(double{});
    default:
      raise<TypeError>(who, "expected numbers, got bool");
  }
}

/// As dispatch, for int32 and int64 only. Other dtypes throw TypeError in the name of `who`.
template <class F>
decltype(auto) dispatch_integer(std::string_view who, DType dtype, F&& f) {
  if (dtype == DType::int32) return f(std::int32_t{});
  if (dtype == DType::int64) return f(std::int64_t{});
  raise<TypeError>(who, "expected int32 or int64, got ", name(dtype));
}

}  // namespace unroll
