#include "unroll/core/kernels/arithmetic.hpp"

#include "core/kernels/support.hpp"
#include "unroll/core/kernels/unary_arithmetic.hpp"

using namespace kernel_tests;
namespace kernels = unroll::kernels;

namespace {

template <class T>
T maximum_of(T a, T b) {
  if (std::isnan(a) || std::isnan(b)) return std::numeric_limits<T>::quiet_NaN();
  if (a == b) return std::signbit(a) ? b : a;
  return a > b ? a : b;
}
template <class T>
T minimum_of(T a, T b) {
  return -maximum_of(-a, -b);
}
template <class T>
T sign_of(T x) {
  return std::isnan(x) ? x : T((x > 0) - (x < 0));
}

}  // namespace

TEST_CASE_TEMPLATE("binary arithmetic is rounded as IEEE 754 says, with any stride, length, alignment and in place", T,
                   float, double) {
  for_each_target([] {
    check_binary<T>(kernels::add, [](T a, T b) { return a + b; });
    check_binary<T>(kernels::subtract, [](T a, T b) { return a - b; });
    check_binary<T>(kernels::multiply, [](T a, T b) { return a * b; });
    check_binary<T>(kernels::divide, [](T a, T b) { return a / b; });
    check_binary<T>(kernels::squared_difference, [](T a, T b) { return (a - b) * (a - b); });
  });
}

TEST_CASE_TEMPLATE("maximum and minimum keep NaN from either side and tell the zeros apart", T, float, double) {
  for_each_target([] {
    check_binary<T>(kernels::maximum, maximum_of<T>);
    check_binary<T>(kernels::minimum, minimum_of<T>);
  });
}

TEST_CASE_TEMPLATE("every pair of special values gives the right maximum, quotient and product", T, float, double) {
  const std::vector<T> special = special_values<T>();
  const Index n = Index(special.size());
  for_each_target([&] {
    for (T a : special) {
      std::vector<T> maximum(special.size()), quotient(special.size()), product(special.size());
      kernels::maximum(&a, 0, special.data(), 1, maximum.data(), n);
      kernels::divide(&a, 0, special.data(), 1, quotient.data(), n);
      kernels::multiply(&a, 0, special.data(), 1, product.data(), n);
      for (size_t i = 0; i < special.size(); ++i) {
        INFO(a, " and ", special[i]);
        CHECK(same(maximum[i], maximum_of(a, special[i])));
        CHECK(same(quotient[i], a / special[i]));
        CHECK(same(product[i], a * special[i]));
      }
    }
  });
}

TEST_CASE_TEMPLATE("unary arithmetic is rounded as IEEE 754 says", T, float, double) {
  for_each_target([] {
    check_unary<T>(kernels::square, [](T x) { return x * x; });
    check_unary<T>(kernels::negative, [](T x) { return -x; });
    check_unary<T>(kernels::abs, [](T x) { return std::fabs(x); });
    check_unary<T>(kernels::sign, sign_of<T>);
    check_unary<T>(kernels::sqrt, [](T x) { return std::sqrt(x); });
    check_unary<T>(kernels::rsqrt, [](T x) { return 1 / std::sqrt(x); });
  });
}
