#include "unroll/autograd/ops/signal_losses.hpp"

#include <doctest/doctest.h>

#include "support/numbers.hpp"
#include "unroll/autograd/check_gradients.hpp"
#include "unroll/core/creation.hpp"

using namespace unroll;

TEST_CASE("the error to signal ratio is a share of energy") {
  const Tensor y{{3.0, 1.0, -1.0, 2.0}}, p{{3.0, 0.0, -1.0, 4.0}};
  CHECK(error_to_signal_ratio(y, p, {.epsilon = 0}).item<double>() == doctest::Approx(5.0 / 15).epsilon(1e-15));
  CHECK(error_to_signal_ratio(y, p, {.epsilon = 1.25}).item<double>() == doctest::Approx(1.25 / 5).epsilon(1e-15));
  CHECK(error_to_signal_ratio(y, y).item<double>() == 0);
}

TEST_CASE("pre-emphasis filters along time, from silence on") {
  // Errors 0, 1, 0, -2 become 0, 1, -0.5, -2; labels 3, 1, -1, 2 become 3, -0.5, -1.5, 2.5.
  const Tensor y{{3.0}, {1.0}, {-1.0}, {2.0}}, p{{3.0}, {0.0}, {-1.0}, {4.0}};
  const SignalLossOptions options{.pre_emphasis = 0.5, .time_axis = 0, .epsilon = 0};
  CHECK(error_to_signal_ratio(y, p, options).item<double>() == doctest::Approx(5.25 / 17.75).epsilon(1e-15));
  CHECK(dc_loss(y, p, options).item<double>() == doctest::Approx(1.5 * 1.5 / 16 / (17.75 / 4)).epsilon(1e-15));
}

TEST_CASE("the DC loss sees the mean over time of each row alone") {
  const Tensor y{{3.0, 1.0}, {-1.0, 2.0}}, p{{1.0, 3.0}, {0.0, 3.0}};
  CHECK(dc_loss(y, p, {.epsilon = 0}).item<double>() == doctest::Approx(0.5 / (15.0 / 4)).epsilon(1e-15));
}

TEST_CASE("gradients flow through both signals") {
  for (double pre_emphasis : {0.0, 0.85}) {
    const SignalLossOptions options{.pre_emphasis = pre_emphasis, .epsilon = 0.01};
    auto check = check_gradients(
        [&](const std::vector<Tensor>& x) {
          return Nest::tuple({error_to_signal_ratio(x[0], x[1], options), dc_loss(x[0], x[1], options)});
        },
        {numbers({2, 4, 3}, 1), numbers({2, 4, 3}, 2)});
    CHECK_MESSAGE(check, check.to_string());
  }
}

TEST_CASE("signal losses say what does not fit") {
  const Tensor a = zeros({2, 3}, float64);
  CHECK_THROWS_WITH_AS(error_to_signal_ratio(a, zeros({2, 4}, float64)), doctest::Contains("expected equal shapes"),
                       ValueError);
  CHECK_THROWS_AS(dc_loss(a, zeros({2, 3})), TypeError);
  CHECK_THROWS_WITH_AS(dc_loss(a, a, {.time_axis = 2}), doctest::Contains("no time axis 2"), ValueError);
  CHECK_THROWS_AS(error_to_signal_ratio(zeros({2, 0}), zeros({2, 0})), ValueError);
  CHECK_THROWS_AS(error_to_signal_ratio(a, a, {.epsilon = -1}), ValueError);
}
