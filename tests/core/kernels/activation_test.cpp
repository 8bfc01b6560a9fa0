#include "unroll/core/kernels/activation.hpp"

#include "core/kernels/accuracy.hpp"

using namespace kernel_tests;
namespace kernels = unroll::kernels;

namespace {

constexpr auto exact_tanh = [](auto x) { return std::tanh(x); };
constexpr auto exact_sigmoid = [](auto x) { return 1 / (1 + std::exp(-x)); };
constexpr auto exact_softplus = [](auto x) { return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x)); };

}  // namespace

TEST_CASE("tanh and sigmoid are within 2 ulp for floats of every kind, softplus within 4") {
  check_all_floats(kernels::tanh, 2, exact_tanh);
  check_all_floats(kernels::sigmoid, 2, exact_sigmoid);
  check_all_floats(kernels::softplus, 4, exact_softplus);
}

TEST_CASE("tanh, sigmoid and softplus are within 4 ulp for doubles") {
  check_double_grid(kernels::tanh, 4, 25, exact_tanh);
  check_double_grid(kernels::tanh, 4, 1, exact_tanh);
  check_double_grid(kernels::sigmoid, 4, 750, exact_sigmoid);
  check_double_grid(kernels::sigmoid, 4, 20, exact_sigmoid);
  check_double_grid(kernels::softplus, 4, 750, exact_softplus);
  check_double_grid(kernels::softplus, 4, 20, exact_softplus);
}

TEST_CASE_TEMPLATE("activations of special values", T, float, double) {
  constexpr T infinity = std::numeric_limits<T>::infinity(), denormal = std::numeric_limits<T>::denorm_min();
  for_each_target([] {
    CHECK(same(alone<T>(kernels::tanh)(infinity), T(1)));
    CHECK(same(alone<T>(kernels::tanh)(-infinity), T(-1)));
    CHECK(same(alone<T>(kernels::tanh)(T(-0.0)), T(-0.0)));
    CHECK(same(alone<T>(kernels::tanh)(-denormal), -denormal));
    CHECK(same(alone<T>(kernels::sigmoid)(infinity), T(1)));
    CHECK(same(alone<T>(kernels::sigmoid)(-infinity), T(0)));
    CHECK(same(alone<T>(kernels::sigmoid)(T(-0.0)), T(0.5)));
    CHECK(same(alone<T>(kernels::softplus)(infinity), infinity));
    CHECK(same(alone<T>(kernels::softplus)(-infinity), T(0)));
    CHECK(same(alone<T>(kernels::relu)(T(-0.0)), T(0)));
    for (Unary<T> kernel :
         {Unary<T>(kernels::tanh), Unary<T>(kernels::sigmoid), Unary<T>(kernels::softplus), Unary<T>(kernels::relu)}) {
      CHECK(std::isnan(alone(kernel)(std::numeric_limits<T>::quiet_NaN())));
      CHECK(std::isnan(alone(kernel)(-std::numeric_limits<T>::quiet_NaN())));
    }
  });
}

TEST_CASE("sigmoid has a denormal tail") {
  for_each_target([] {
    CHECK(alone<float>(kernels::sigmoid)(-103.5f) == std::numeric_limits<float>::denorm_min());
    CHECK(alone<float>(kernels::sigmoid)(-104.0f) == 0);
    CHECK(alone<double>(kernels::sigmoid)(-744.5) == std::numeric_limits<double>::denorm_min());
    CHECK(alone<double>(kernels::sigmoid)(-746) == 0);
  });
}

TEST_CASE_TEMPLATE("an element's activation depends neither on its position nor on the length, and runs in place", T,
                   float, double) {
  for_each_target([] {
    check_unary<T>(kernels::tanh, alone<T>(kernels::tanh));
    check_unary<T>(kernels::sigmoid, alone<T>(kernels::sigmoid));
    check_unary<T>(kernels::softplus, alone<T>(kernels::softplus));
    check_unary<T>(kernels::relu, [](T x) { return x <= 0 ? T(0) : x; });
  });
}

TEST_CASE_TEMPLATE("gradients of activations, with any stride, length, alignment and in place", T, float, double) {
  for_each_target([] {
    check_binary<T>(kernels::sigmoid_gradient, [](T y, T g) { return g * y * (1 - y); });
    check_binary<T>(kernels::tanh_gradient, [](T y, T g) { return g * (1 - y * y); });
    check_binary<T>(kernels::relu_gradient, [](T y, T g) { return y > 0 ? g : T(0); });
  });
}
