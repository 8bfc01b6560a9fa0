#include "unroll/io/json_numbers.hpp"

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <vector>

#include "unroll/core/errors.hpp"
#include "unroll/core/philox.hpp"

using namespace unroll;

namespace {

template <class T>
std::string written(T value) {
  std::string out;
  append_json(out, value);
  return out;
}

// Without the quotation marks around "nan", as a reader of JSON sees it.
std::string content(std::string json) {
  std::erase(json, '"');
  return json;
}

template <class T>
Tensor read(const std::vector<std::string>& tokens) {
  NumberText numbers;
  for (const std::string& token : tokens) numbers.append(token);
  return to_tensor("read", "data", numbers, {Index(tokens.size()), dtype_of<T>()});
}

template <class T>
void check_round_trip(const std::vector<T>& values) {
  std::vector<std::string> tokens;
  for (T v : values) tokens.push_back(content(written(v)));
  CHECK(bit_equal(read<T>(tokens), Tensor(Shape(Index(values.size())), values)));
}

template <class T>
std::vector<T> special_values() {
  using limits = std::numeric_limits<T>;
  std::vector<T> values{0,
                        1,
                        T(0.1),
                        T(1) / 3,
                        T(1e-4),
                        T(1e5),
                        100,
                        T(1e22),
                        T(16777216),
                        T(16777218),
                        T(123456789),
                        limits::max(),
                        limits::min(),
                        limits::denorm_min(),
                        limits::min() / 2,
                        limits::epsilon(),
                        limits::infinity()};
  for (int e = limits::min_exponent - limits::digits; e < limits::max_exponent; ++e) {  // a power of two, and beside it
    T power = std::ldexp(T(1), e);
    for (T v : {power, std::nextafter(power, T(0)), std::nextafter(power, limits::max())}) values.push_back(v);
  }
  for (std::size_t k = values.size(); k-- > 0;) values.push_back(-values[k]);
  return values;
}

// Any bits, NaNs apart.
template <class T, class Bits>
std::vector<T> random_bits(std::size_t count) {
  std::vector<T> values;
  for (std::uint64_t k = 0; values.size() < count; ++k) {
    auto words = philox_block(7, 0, k);
    T value = std::bit_cast<T>(static_cast<Bits>(words[0] | std::uint64_t{words[1]} << 32));
    if (!std::isnan(value)) values.push_back(value);
  }
  return values;
}

}  // namespace

TEST_CASE("floats are written with the fewest digits that read back") {
  CHECK(written(0.1f) == "0.1");
  CHECK(written(0.1) == "0.1");
  CHECK(written(double(0.1f)) == "0.10000000149011612");
  CHECK(written(1.0f / 3) == "0.33333334");
  CHECK(written(-2.5) == "-2.5");
  CHECK(written(1.0f) == "1");
  CHECK(written(1e22) == "1e+22");
  CHECK(written(std::numeric_limits<float>::denorm_min()) == "1e-45");
  CHECK(written(std::numeric_limits<double>::max()) == "1.7976931348623157e+308");
}

TEST_CASE("minus zero, NaN and infinities are written so that they stay what they are") {
  CHECK(written(-0.0f) == "-0.0");
  CHECK(written(-0.0) == "-0.0");
  CHECK(written(0.0) == "0");
  CHECK(written(std::nanf("")) == "\"nan\"");
  CHECK(written(-std::nan("7")) == "\"nan\"");
  CHECK(written(std::numeric_limits<float>::infinity()) == "\"inf\"");
  CHECK(written(-std::numeric_limits<double>::infinity()) == "\"-inf\"");
}

TEST_CASE("integers and bools are written as they are") {
  CHECK(written(std::numeric_limits<std::int64_t>::min()) == "-9223372036854775808");
  CHECK(written(std::numeric_limits<std::int32_t>::max()) == "2147483647");
  CHECK(written(true) == "true");
  CHECK(written(false) == "false");
}

TEST_CASE("every number reads back to the same bits") {
  check_round_trip(special_values<float>());
  check_round_trip(special_values<double>());
  check_round_trip(random_bits<float, std::uint32_t>(20000));
  check_round_trip(random_bits<double, std::uint64_t>(20000));
  check_round_trip<std::int32_t>({0, 1, -1, std::numeric_limits<int>::max(), std::numeric_limits<int>::min()});
  check_round_trip<std::int64_t>(
      {0, 9007199254740993, std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()});
}

TEST_CASE("a reader that rounds to float64 first gets the same float32 too") {
  float trap = std::strtof("7.038531e-26", nullptr);  // its shortest decimal, but the double next to it rounds up
  CHECK(static_cast<float>(7.038531e-26) != trap);
  CHECK(written(trap) == "7.038530691851209e-26");
  for (float value : random_bits<float, std::uint32_t>(20000))
    if (!std::isinf(value)) CHECK(static_cast<float>(std::strtod(written(value).c_str(), nullptr)) == value);
}

TEST_CASE("no shorter decimal reads back to the same float") {
  for (float value : random_bits<float, std::uint32_t>(2000)) {
    std::string text = written(value);
    char other[64];
    for (const char* format : {"%.*e", "%.*f"})
      for (int digits = 0; digits < 10; ++digits) {
        std::size_t length =
            static_cast<std::size_t>(std::snprintf(other, sizeof other, format, digits, double{value}));
        bool better = length < text.size() && std::strtof(other, nullptr) == value;
        CHECK_FALSE_MESSAGE(better, text, " could be ", other);
      }
  }
}

TEST_CASE("NaN and infinities are read in both float dtypes") {
  CHECK(std::isnan(read<float>({"nan"}).item<float>()));
  CHECK(std::isnan(read<double>({"nan"}).item<double>()));
  CHECK(read<float>({"inf"}).item<float>() == std::numeric_limits<float>::infinity());
  CHECK(read<double>({"-inf"}).item<double>() == -std::numeric_limits<double>::infinity());
}

TEST_CASE("decimals of a float32 are rounded once") {
  // Just above the middle between 1 and the next float32: by way of a double it would become 1.
  CHECK(read<float>({"1.00000005960464477540"}).item<float>() == std::nextafter(1.f, 2.f));
  CHECK(read<float>({"1.00000005960464477539"}).item<float>() == 1.f);
}

TEST_CASE("what is too small for a float becomes zero of its sign") {
  CHECK(bit_equal(read<float>({"1e-60", "-1e-60"}), Tensor{0.f, -0.f}));
  CHECK(bit_equal(read<double>({"1e-400", "-1e-400"}), Tensor{0.0, -0.0}));
}

TEST_CASE("numbers that the dtype does not hold are errors with their place") {
  CHECK_THROWS_WITH_AS(read<float>({"1", "1e39"}), "read: data[1] is 1e39, expected float32", DataLossError);
  CHECK_THROWS_WITH_AS(read<float>({"true"}), "read: data[0] is true, expected float32", DataLossError);
  CHECK_THROWS_WITH_AS(read<std::int32_t>({"2147483648"}), "read: data[0] is 2147483648, expected int32",
                       DataLossError);
  CHECK_THROWS_WITH_AS(read<std::int64_t>({"9223372036854775808"}), doctest::Contains("expected int64"), DataLossError);
  CHECK_THROWS_WITH_AS(read<std::int32_t>({"1.5"}), doctest::Contains("expected int32"), DataLossError);
  CHECK_THROWS_WITH_AS(read<std::int32_t>({"nan"}), doctest::Contains("expected int32"), DataLossError);
  CHECK_THROWS_WITH_AS(read<bool>({"true", "false", "1"}), "read: data[2] is 1, expected bool", DataLossError);
}
