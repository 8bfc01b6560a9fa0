#include "unroll/autograd/ops/normalization.hpp"

#include <doctest/doctest.h>

#include "support/numbers.hpp"
#include "unroll/autograd/check_gradients.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/math.hpp"
#include "unroll/autograd/ops/statistics.hpp"
#include "unroll/autograd/tape.hpp"
#include "unroll/core/creation.hpp"

using namespace unroll;

namespace {

const Tensor x = numbers({2, 3, 5}, 1), gamma_ = numbers({5}, 2), beta = numbers({5}, 3);

Tensor composed(const Tensor& x, const Tensor& gamma, const Tensor& beta, double epsilon) {
  auto [mean, variance] = moments(x, {-1}, true);
  return (x - mean) * rsqrt(variance + epsilon) * gamma + beta;
}

std::vector<Tensor> gradients(Tensor (*f)(const Tensor&, const Tensor&, const Tensor&, double), DType dtype) {
  std::vector<Tensor> in{Tensor(x, dtype), Tensor(gamma_, dtype), Tensor(beta, dtype)};
  GradientTape tape;
  for (const Tensor& t : in) tape.watch(t);
  Tensor y = f(in[0], in[1], in[2], 1e-3);
  auto result = tape.gradient(y * y, in);
  result.push_back(y);
  return result;
}

}  // namespace

TEST_CASE("layer_norm equals the composition of small ops, with its gradients") {
  for (DType dtype : {float64, float32}) {
    auto fused = gradients(layer_norm, dtype), small = gradients(composed, dtype);
    for (std::size_t k = 0; k < fused.size(); ++k) {
      CAPTURE(k);
      CHECK(difference(fused[k], small[k]) < (dtype == float64 ? 1e-13 : 2e-5));
    }
  }
}

TEST_CASE("layer_norm gives rows of mean beta and deviation gamma") {
  Tensor y = layer_norm(x, full({5}, 3, float64), full({5}, -2, float64), 0);
  auto [mean, variance] = moments(y, {-1});
  CHECK(difference(mean, full({2, 3}, -2, float64)) < 1e-14);
  CHECK(difference(variance, full({2, 3}, 9, float64)) < 1e-14);
}

TEST_CASE("layer_norm has the right gradients, first and second") {
  auto first = check_gradients([](const std::vector<Tensor>& in) { return layer_norm(in[0], in[1], in[2], 1e-2); },
                               {x, gamma_, beta});
  CHECK_MESSAGE(first, first.to_string());
  auto second = check_gradients(
      [](const std::vector<Tensor>& in) {
        GradientTape tape;
        Nest all = Nest::tuple({in[0], in[1], in[2]});
        tape.watch(all);
        Tensor y = layer_norm(in[0], in[1], in[2], 1e-2);
        return tape.gradient(y * y, all);
      },
      {x, gamma_, beta}, {.relative = 1e-5, .absolute = 1e-8});
  CHECK_MESSAGE(second, second.to_string());
}

TEST_CASE("layer_norm of nothing, and of what does not fit") {
  CHECK(layer_norm(zeros({0, 4}), ones({4}), zeros({4})).shape() == Shape{0, 4});
  CHECK(layer_norm(zeros({3, 0}), ones({0}), zeros({0})).shape() == Shape{3, 0});
  CHECK_THROWS_WITH_AS(layer_norm(zeros({2, 3}), ones({4}), zeros({3})),
                       "layer_norm: x has shape (2, 3), gamma has shape (4,); expected (..., n) and (n,)", ValueError);
  CHECK_THROWS_WITH_AS(layer_norm(zeros({2, 3}), ones({3}), zeros({1, 3})), doctest::Contains("beta has shape (1, 3)"),
                       ValueError);
  CHECK_THROWS_AS(layer_norm(Tensor(1.f), ones({1}), zeros({1})), ValueError);
  CHECK_THROWS_AS(layer_norm(zeros({2, 3}), ones({3}, float64), zeros({3})), TypeError);
  CHECK_THROWS_AS(layer_norm(zeros({3}, int32), ones({3}, int32), zeros({3}, int32)), TypeError);
  CHECK_THROWS_AS(layer_norm(zeros({2, 3}), ones({3}), zeros({3}), -1), ValueError);
  CHECK_THROWS_AS(layer_norm(zeros({2, 3}), ones({3}), Tensor()), ValueError);
}
