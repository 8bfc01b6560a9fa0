#include "unroll/optim/clipping.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "support/golden.hpp"
#include "support/numbers.hpp"
#include "unroll/autograd/check_gradients.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/tape.hpp"
#include "unroll/core/creation.hpp"

using namespace unroll;

namespace {

std::vector<Tensor> golden_list(const nlohmann::json& values) {
  std::vector<Tensor> result;
  for (const auto& value : values) result.push_back(value.is_null() ? Tensor() : golden_tensor(value));
  return result;
}

/// The clipped tensors and, for the functions of the global norm, the norm.
std::pair<std::vector<Tensor>, Tensor> clip(const nlohmann::json& test, const std::vector<Tensor>& tensors) {
  const std::string function = test.at("function");
  const auto& arguments = test.at("arguments");
  auto number = [&](const char* name) { return golden_number(arguments.at(name)); };
  if (function == "global_norm") return {{}, global_norm(tensors)};
  if (function == "clip_by_global_norm") {
    Tensor use_norm = arguments.contains("use_norm") ? full({}, number("use_norm"), tensors[0].dtype()) : Tensor();
    auto [clipped, norm] = clip_by_global_norm(tensors, number("clip_norm"), use_norm);
    return {clipped, norm};
  }
  if (function == "clip_by_value")
    return {clip_by_value(tensors, number("clip_value_min"), number("clip_value_max")), Tensor()};
  if (function == "clip_by_average_norm") return {clip_by_average_norm(tensors, number("clip_norm")), Tensor()};
  REQUIRE(function == "clip_by_norm");
  if (!arguments.contains("axes")) return {clip_by_norm(tensors, number("clip_norm")), Tensor()};
  auto axes = arguments.at("axes").get<std::vector<Index>>();
  return {{clip_by_norm(tensors.at(0), number("clip_norm"), axes)}, Tensor()};
}

const std::vector<Tensor> some{numbers({2, 3}, 1), Tensor(), numbers({4}, 2)};

}  // namespace

TEST_CASE("clipping gives TensorFlow's values and gradients") {
  int count = 0;
  for (const auto& test : golden_cases("clipping.json")) {
    if (test.at("function") == "ExponentialMovingAverage") continue;
    CAPTURE(test.at("name").get<std::string>());
    ++count;
    const double rtol = test.at("tolerance").at("rtol"), atol = test.at("tolerance").at("atol");
    auto compare = [&](const std::vector<Tensor>& got, const std::vector<Tensor>& want) {
      REQUIRE(got.size() == want.size());
      for (std::size_t k = 0; k < got.size(); ++k) {
        REQUIRE(got[k].defined() == want[k].defined());
        if (got[k]) CHECK(allclose(got[k], want[k], rtol, atol, true));
      }
    };
    const auto tensors = golden_list(test.at("tensors"));
    GradientTape tape;
    for (const Tensor& x : tensors)
      if (x) tape.watch(x);
    auto [clipped, norm] = clip(test, tensors);
    if (test.contains("clipped")) compare(clipped, golden_list(test.at("clipped")));
    if (test.contains("global_norm")) compare({norm}, {golden_tensor(test.at("global_norm"))});

    if (!test.contains("cotangents")) continue;
    std::vector<Nest> targets, weights;
    const auto cotangents = golden_list(test.at("cotangents"));
    std::size_t next = 0;
    for (const Tensor& x : clipped.empty() ? std::vector<Tensor>{norm} : clipped)
      if (x) {
        targets.emplace_back(x);
        weights.emplace_back(cotangents.at(next++));
      }
    std::vector<Tensor> sources, expected;
    const auto gradients = golden_list(test.at("gradients"));
    for (std::size_t k = 0; k < tensors.size(); ++k)
      if (tensors[k]) {
        sources.push_back(tensors[k]);
        expected.push_back(gradients.at(k));
      }
    compare(tape.gradient(Nest::tuple(targets), sources, {.output_gradients = Nest::tuple(weights)}), expected);
  }
  CHECK(count > 0);
}

TEST_CASE("after clipping by global norm the norm is the limit, and directions are the same") {
  const double before = global_norm(some).item<double>();
  CHECK(before ==
        doctest::Approx(std::hypot(global_norm({some[0]}).item<double>(), global_norm({some[2]}).item<double>())));
  auto [clipped, norm] = clip_by_global_norm(some, before / 3);
  CHECK(norm.item<double>() == before);
  CHECK(global_norm(clipped).item<double>() == doctest::Approx(before / 3).epsilon(1e-14));
  CHECK(allclose(clipped[0] * 3.0, some[0], 1e-14, 0));
  CHECK_FALSE(clipped[1].defined());
  CHECK(allclose(clipped[2] * 3.0, some[2], 1e-14, 0));
}

TEST_CASE("gradients within the limit keep their bits, also at the limit and where there is nothing") {
  const double norm = global_norm(some).item<double>();
  for (double clip_norm : {norm, norm * 1.001, 1e300}) {
    auto clipped = clip_by_global_norm(some, clip_norm).tensors;
    for (std::size_t k : {0u, 2u}) CHECK(bit_equal(clipped[k], some[k]));
  }
  auto nothing = clip_by_global_norm({zeros({3}), zeros({0})}, 0).tensors;
  CHECK(bit_equal(nothing[0], zeros({3})));
  CHECK(bit_equal(clip_by_norm(zeros({3}), 0), zeros({3})));
}

TEST_CASE("clipping by global norm works in place on what nobody else holds, and copies the rest") {
  std::vector<Tensor> gradients{numbers({2, 3}, 1), numbers({4}, 2)};
  const auto* first = gradients[0].raw();
  const auto* second = gradients[1].raw();
  Tensor held = gradients[1];
  auto clipped = clip_by_global_norm(std::move(gradients), 0.5).tensors;
  CHECK(clipped[0].raw() == first);
  CHECK(clipped[1].raw() != second);
  CHECK(bit_equal(held, numbers({4}, 2)));

  Tensor shared = numbers({4}, 3);
  auto twice = clip_by_global_norm({shared, shared}, 0.5).tensors;
  CHECK(bit_equal(twice[0], twice[1]));
  CHECK(bit_equal(shared, numbers({4}, 3)));
}

TEST_CASE("clipped tensors have the same bits whether a tape follows them or not") {
  GradientTape tape;
  for (std::size_t k : {0u, 2u}) tape.watch(some[k]);
  auto followed = clip_by_global_norm(some, 0.7).tensors;
  auto plain = clip_by_global_norm({some[0].clone(), Tensor(), some[2].clone()}, 0.7).tensors;
  for (std::size_t k : {0u, 2u}) CHECK(bit_equal(followed[k], plain[k]));
}

TEST_CASE("gradients flow through clipping, twice if asked") {
  const std::vector<Tensor> inputs{numbers({2, 3}, 1), numbers({4}, 2)};
  auto check = [&](auto f) {
    auto result = check_gradients(f, inputs);
    CHECK_MESSAGE(result, result.to_string());
  };
  for (double clip_norm : {0.8, 50.0})
    check([=](const std::vector<Tensor>& x) {
      auto [clipped, norm] = clip_by_global_norm(x, clip_norm);
      return Nest::tuple({clipped[0], clipped[1], norm});
    });
  check([](const std::vector<Tensor>& x) {
    return Nest::tuple({clip_by_norm(x[0], 0.6, {-1}), clip_by_average_norm(x[1], 0.1)});
  });
  check([](const std::vector<Tensor>& x) {
    GradientTape tape;
    for (const Tensor& t : x) tape.watch(t);
    auto clipped = clip_by_global_norm(x, 0.8).tensors;
    return Nest::tuple({tape.gradient(clipped[0] * clipped[0], x[0])});
  });
  GradientTape tape;
  Tensor zero = zeros({3}, float64);
  tape.watch(zero);
  CHECK(array_equal(tape.gradient(clip_by_global_norm({zero}, 1).tensors[0], zero), ones({3}, float64)));
}

TEST_CASE("clipping says what it was given wrongly") {
  CHECK_THROWS_WITH_AS(global_norm({}), "global_norm: expected at least one tensor that is not None", ValueError);
  CHECK_THROWS_AS(clip_by_global_norm({Tensor(), Tensor()}, 1), ValueError);
  CHECK_THROWS_AS(global_norm({Tensor{1.f}, Tensor{1.0}}), TypeError);
  CHECK_THROWS_WITH_AS(global_norm({Tensor{1}}), "global_norm: expected float32 or float64, got int32", TypeError);
  CHECK_THROWS_WITH_AS(clip_by_global_norm(some, -1),
                       "clip_by_global_norm: clip_norm is -1, expected a finite number that is not negative",
                       ValueError);
  CHECK_THROWS_AS(clip_by_global_norm(some, NAN), ValueError);
  CHECK_THROWS_AS(clip_by_global_norm(some, INFINITY), ValueError);
  CHECK_THROWS_WITH_AS(clip_by_global_norm(some, 1, Tensor{1.0}), doctest::Contains("use_norm has shape (1,)"),
                       ValueError);
  CHECK_THROWS_WITH_AS(clip_by_global_norm(some, 1, Tensor(1.f)), doctest::Contains("use_norm is float32"), TypeError);
  CHECK_THROWS_AS(clip_by_norm(Tensor{1, 2}, 1), TypeError);
  CHECK_THROWS_AS(clip_by_norm(Tensor{1.0, 2.0}, -1), ValueError);
  CHECK_THROWS_AS(clip_by_norm(Tensor{1.0, 2.0}, 1, {1}), IndexError);
  CHECK_THROWS_AS(clip_by_average_norm(Tensor{1.0, 2.0}, NAN), ValueError);
  CHECK_THROWS_AS(clip_by_norm(Tensor(), 1), ValueError);
}
