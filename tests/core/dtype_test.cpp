#include "unroll/core/dtype.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <sstream>

using namespace unroll;

namespace {
const DType all[] = {bool_, int32, int64, float32, float64};
}

TEST_CASE("dtypes are found by the names that they print") {
  for (DType dtype : all) CHECK(dtype_from_name(name(dtype)) == dtype);
  std::ostringstream out;
  out << float32 << ' ' << bool_;
  CHECK(out.str() == "float32 bool");
  CHECK_THROWS_WITH_AS(dtype_from_name("float16"), "dtype_from_name: there is no dtype \"float16\"", ValueError);
  CHECK_THROWS_AS(dtype_from_name(""), ValueError);
}

TEST_CASE("dtypes have the size of their C++ types") {
  for (DType dtype : all)
    dispatch(dtype, [&](auto zero) {
      CHECK(dtype_of<decltype(zero)>() == dtype);
      CHECK(sizeof zero == size_of(dtype));
      CHECK(std::is_floating_point_v<decltype(zero)> == is_floating(dtype));
      CHECK((std::is_integral_v<decltype(zero)> && dtype != bool_) == is_integer(dtype));
    });
  CHECK(dtype_of<long long>() == int64);
}

TEST_CASE("dispatch_floating and dispatch_number refuse what they do not take") {
  auto size = [](auto zero) { return sizeof zero; };
  CHECK(dispatch_floating("f", float64, size) == 8);
  CHECK(dispatch_number("f", int32, size) == 4);
  CHECK_THROWS_WITH_AS(dispatch_floating("f", int32, size), "f: expected float32 or float64, got int32", TypeError);
  CHECK_THROWS_AS(dispatch_floating("f", bool_, size), TypeError);
  CHECK_THROWS_WITH_AS(dispatch_number("f", bool_, size), "f: expected numbers, got bool", TypeError);
}

TEST_CASE("conversions to integers are defined for every number") {
  CHECK(convert<std::int32_t>(-1.99f) == -1);
  CHECK(convert<std::int32_t>(NAN) == 0);
  CHECK(convert<std::int32_t>(INFINITY) == INT32_MAX);
  CHECK(convert<std::int32_t>(-INFINITY) == INT32_MIN);
  CHECK(convert<std::int32_t>(2147483648.f) == INT32_MAX);
  CHECK(convert<std::int32_t>(2147483520.f) == 2147483520);  // the float32 below 2^31
  CHECK(convert<std::int32_t>(-2147483648.9) == INT32_MIN);
  CHECK(convert<std::int64_t>(0x1p63) == INT64_MAX);
  CHECK(convert<std::int64_t>(0x1p63 - 1024) == INT64_MAX - 1023);
  CHECK(convert<std::int64_t>(-0x1p63) == INT64_MIN);
  CHECK(convert<std::int64_t>(-0x1.8p63) == INT64_MIN);
  CHECK(convert<std::uint32_t>(-3.0) == 0);
  CHECK(convert<std::uint32_t>(4294967295.0) == UINT32_MAX);
  CHECK(convert<bool>(NAN));
  CHECK(convert<bool>(0.25));
  CHECK_FALSE(convert<bool>(-0.0));
  CHECK(convert<float>(true) == 1);
  CHECK(convert<float>((1 << 24) + 1) == 0x1p24f);
}
