#include <doctest/doctest.h>

#include <cmath>

#include "unroll/core/errors.hpp"
#include "unroll/optim/cosine_decay.hpp"
#include "unroll/optim/exponential_decay.hpp"
#include "unroll/optim/one_cycle.hpp"
#include "unroll/optim/piecewise_constant.hpp"
#include "unroll/optim/polynomial_decay.hpp"
#include "unroll/optim/warm_up.hpp"

using namespace unroll;

TEST_CASE("exponential, natural and inverse time decay, smooth and in stairs") {
  const DecayOptions smooth{.learning_rate = 8, .decay_steps = 4, .decay_rate = 0.25};
  DecayOptions stairs = smooth;
  stairs.staircase = true;
  CHECK(exponential_decay(smooth)(2) == 4);
  CHECK(exponential_decay(stairs)(3) == 8);
  CHECK(exponential_decay(stairs)(4) == 2);
  CHECK(natural_exp_decay(smooth)(8) == doctest::Approx(8 * std::exp(-0.5)).epsilon(1e-15));
  CHECK(inverse_time_decay(smooth)(8) == doctest::Approx(8 / 1.5).epsilon(1e-15));
  CHECK(inverse_time_decay(stairs)(7) == 8 / 1.25);
}

TEST_CASE("piecewise constant: a boundary belongs to what is before it") {
  auto rate = piecewise_constant({3, 5}, {4, 2, 1});
  CHECK(rate(0) == 4);
  CHECK(rate(3) == 4);
  CHECK(rate(4) == 2);
  CHECK(rate(5) == 2);
  CHECK(rate(6) == 1);
}

TEST_CASE("polynomial decay ends, or begins anew over more steps") {
  PolynomialDecayOptions options{.learning_rate = 5, .decay_steps = 4, .end_learning_rate = 1};
  CHECK(polynomial_decay(options)(1) == 4);
  CHECK(polynomial_decay(options)(9) == 1);
  options.cycle = true;
  CHECK(polynomial_decay(options)(4) == 1);
  CHECK(polynomial_decay(options)(6) == 2);
  options.power = 2;
  CHECK(polynomial_decay(options)(2) == 2);
}

TEST_CASE("cosine decay, with restarts and with a linear factor") {
  CHECK(cosine_decay({.learning_rate = 4, .decay_steps = 6, .alpha = 0.5})(3) == doctest::Approx(3).epsilon(1e-14));
  CHECK(cosine_decay({.learning_rate = 4, .decay_steps = 6})(7) == doctest::Approx(0));
  auto restarts = cosine_decay_restarts({.learning_rate = 4, .first_decay_steps = 2, .t_mul = 2, .m_mul = 0.5});
  CHECK(restarts(0) == 4);
  CHECK(restarts(1) == doctest::Approx(2).epsilon(1e-14));
  CHECK(restarts(2) == doctest::Approx(2).epsilon(1e-14));  // half as high, twice as long
  CHECK(restarts(4) == doctest::Approx(1).epsilon(1e-14));
  CHECK(restarts(6) == doctest::Approx(1).epsilon(1e-14));
  auto even = cosine_decay_restarts({.learning_rate = 4, .first_decay_steps = 2, .t_mul = 1});
  CHECK(even(3) == doctest::Approx(2).epsilon(1e-14));
  auto linear = linear_cosine_decay({.learning_rate = 4, .decay_steps = 4, .beta = 0.25});
  CHECK(linear(0) == 5);
  CHECK(linear(2) == doctest::Approx(2).epsilon(1e-14));
  CHECK(linear(9) == doctest::Approx(1).epsilon(1e-14));
}

TEST_CASE("a warm-up rises to the first value of what comes after it") {
  auto rate = warm_up(3, exponential_decay({.learning_rate = 8, .decay_steps = 1, .decay_rate = 0.5}));
  CHECK(rate(0) == 2);
  CHECK(rate(2) == 6);
  CHECK(rate(3) == 8);
  CHECK(rate(4) == 4);
  CHECK(warm_up(0, 5)(0) == 5);
}

TEST_CASE("one cycle rises, falls, and stays at the end") {
  auto rate = one_cycle({.max_learning_rate = 8, .total_steps = 10, .div_factor = 4, .final_div_factor = 2});
  CHECK(rate(0) == 2);
  CHECK(rate(1) == doctest::Approx(5).epsilon(1e-14));
  CHECK(rate(2) == 8);
  CHECK(rate(9) == doctest::Approx(1).epsilon(1e-14));
  CHECK(rate(100) == doctest::Approx(1).epsilon(1e-14));
  for (int step = 2; step < 9; ++step) CHECK(rate(step + 1) < rate(step));
  CHECK(one_cycle({.max_learning_rate = 8, .total_steps = 1})(0) < 1);
}

TEST_CASE("schedules refuse impossible numbers") {
  CHECK_THROWS_WITH_AS(exponential_decay({}), doctest::Contains("exponential_decay: learning_rate is nan"), ValueError);
  CHECK_THROWS_WITH_AS(natural_exp_decay({.learning_rate = 1, .decay_rate = 1}),
                       doctest::Contains("decay_steps is 0, expected at least 1"), ValueError);
  CHECK_THROWS_WITH_AS(inverse_time_decay({.learning_rate = 1, .decay_steps = 1, .decay_rate = -1}),
                       doctest::Contains("decay_rate is -1"), ValueError);
  CHECK_THROWS_WITH_AS(piecewise_constant({3, 3}, {1, 2, 3}), doctest::Contains("boundary 3 is followed by 3"),
                       ValueError);
  CHECK_THROWS_WITH_AS(piecewise_constant({3}, {1}), doctest::Contains("1 values given for 1 boundaries"), ValueError);
  CHECK_THROWS_AS(piecewise_constant({3}, {1, -1}), ValueError);
  CHECK_THROWS_AS(polynomial_decay({.learning_rate = 1}), ValueError);
  CHECK_THROWS_AS(polynomial_decay({.learning_rate = 1, .decay_steps = 1, .power = -1}), ValueError);
  CHECK_THROWS_AS(cosine_decay({.learning_rate = 1, .decay_steps = -1}), ValueError);
  CHECK_THROWS_WITH_AS(cosine_decay_restarts({.learning_rate = 1, .first_decay_steps = 1, .t_mul = 0.5}),
                       doctest::Contains("t_mul is 0.5, expected at least 1"), ValueError);
  CHECK_THROWS_AS(linear_cosine_decay({.learning_rate = 1, .decay_steps = 1, .alpha = NAN}), ValueError);
  CHECK_THROWS_WITH_AS(warm_up(-1, 1), doctest::Contains("warm_up_steps is -1"), ValueError);
  CHECK_THROWS_WITH_AS(one_cycle({.max_learning_rate = 1, .total_steps = 1, .rising = 2}),
                       doctest::Contains("rising is 2"), ValueError);
  CHECK_THROWS_AS(one_cycle({.max_learning_rate = 1, .total_steps = 1, .div_factor = 0}), ValueError);
  CHECK_THROWS_AS(one_cycle({.max_learning_rate = 1, .total_steps = 1, .final_div_factor = 0}), ValueError);
}
