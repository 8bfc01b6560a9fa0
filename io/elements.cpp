#include "unroll/io/elements.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>

namespace unroll {
namespace {

static_assert(std::endian::native == std::endian::little, "files hold the least significant byte first");

struct Float16 {
  std::uint16_t bits;
  explicit operator float() const {
    const int exponent = bits >> 10 & 31;
    const float fraction = static_cast<float>(bits & 1023) / 1024, sign = bits >> 15 ? -1.f : 1.f;
    if (exponent == 31) return fraction == 0 ? sign * INFINITY : NAN;
    return sign * (exponent == 0 ? std::ldexp(fraction, -14) : std::ldexp(1 + fraction, exponent - 15));
  }
};
struct BFloat16 {
  std::uint16_t bits;
  explicit operator float() const { return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16); }
};

template <class From>
From load(const char* bytes, bool swapped) {
  std::array<char, sizeof(From)> copy;
  std::memcpy(copy.data(), bytes, sizeof(From));
  if (swapped) std::reverse(copy.begin(), copy.end());
  return std::bit_cast<From>(copy);
}

template <class From, class To>
Tensor decode(std::string_view who, const Shape& shape, std::string_view bytes, bool swapped) {
  Tensor result(TensorSpec{shape, dtype_of<To>()});
  To* out = result.mutable_data<To>();
  for (Index i = 0; i < shape.size(); ++i) {
    From value = load<From>(bytes.data() + static_cast<std::size_t>(i) * sizeof(From), swapped);
    if constexpr (std::is_same_v<From, std::uint64_t>)
      if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
        raise<DataLossError>(who, "element ", i, " is ", value, ", which int64 does not hold");
    if constexpr (std::is_same_v<To, bool>)
      out[i] = value != 0;
    else
      out[i] = static_cast<To>(value);  // NOLINT(bugprone-signed-char-misuse): int8 has a sign
  }
  return result;
}

}  // namespace

std::size_t bytes_per_element(ElementType type) {
  switch (type) {
    case ElementType::bool_:
    case ElementType::int8:
    case ElementType::uint8:
      return 1;
    case ElementType::int16:
    case ElementType::uint16:
    case ElementType::float16:
    case ElementType::bfloat16:
      return 2;
    case ElementType::int32:
    case ElementType::uint32:
    case ElementType::float32:
      return 4;
    default:
      return 8;
  }
}

ElementType element_type(DType dtype) {
  switch (dtype) {
    case DType::bool_:
      return ElementType::bool_;
    case DType::int32:
      return ElementType::int32;
    case DType::int64:
      return ElementType::int64;
    case DType::float32:
      return ElementType::float32;
    default:
      return ElementType::float64;
  }
}

Tensor decode_elements(std::string_view who, ElementType type, const Shape& shape, std::string_view bytes,
                       bool swapped) {
  // Dividing cannot overflow, as multiplying could.
  const std::size_t size = bytes_per_element(type);
  if (bytes.size() % size != 0 || bytes.size() / size != static_cast<std::size_t>(shape.size()))
    raise<DataLossError>(who, bytes.size(), " bytes for the shape ", shape, " of elements of ", size, " bytes");
  switch (type) {
    case ElementType::bool_:
      return decode<std::uint8_t, bool>(who, shape, bytes, swapped);
    case ElementType::int8:
      return decode<std::int8_t, std::int32_t>(who, shape, bytes, swapped);
    case ElementType::int16:
      return decode<std::int16_t, std::int32_t>(who, shape, bytes, swapped);
    case ElementType::int32:
      return decode<std::int32_t, std::int32_t>(who, shape, bytes, swapped);
    case ElementType::int64:
      return decode<std::int64_t, std::int64_t>(who, shape, bytes, swapped);
    case ElementType::uint8:
      return decode<std::uint8_t, std::int32_t>(who, shape, bytes, swapped);
    case ElementType::uint16:
      return decode<std::uint16_t, std::int32_t>(who, shape, bytes, swapped);
    case ElementType::uint32:
      return decode<std::uint32_t, std::int64_t>(who, shape, bytes, swapped);
    case ElementType::uint64:
      return decode<std::uint64_t, std::int64_t>(who, shape, bytes, swapped);
    case ElementType::float16:
      return decode<Float16, float>(who, shape, bytes, swapped);
    case ElementType::bfloat16:
      return decode<BFloat16, float>(who, shape, bytes, swapped);
    case ElementType::float32:
      return decode<float, float>(who, shape, bytes, swapped);
    default:
      return decode<double, double>(who, shape, bytes, swapped);
  }
}

}  // namespace unroll
