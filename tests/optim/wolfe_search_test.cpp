#include "unroll/optim/wolfe_search.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

using unroll::detail::LineFunction;
using unroll::detail::LinePoint;
using unroll::detail::wolfe_search;

namespace {

constexpr double c1 = 1e-4, c2 = 0.9;

LinePoint quartic(double x) { return {x, std::pow(x - 2, 4) + x, 4 * std::pow(x - 2, 3) + 1}; }
// Minima at about 0.95, 3.02, 5.09, 7.16 and on, the third the lowest.
LinePoint waves(double x) {
  return {x, 0.05 * (x - 5) * (x - 5) + std::sin(3 * x + 2), 0.1 * (x - 5) + 3 * std::cos(3 * x + 2)};
}
LinePoint parabola(double x, double minimum) { return {x, (x - minimum) * (x - minimum), 2 * (x - minimum)}; }
// Not a number from 1 on; the minimum is at 0.9.
LinePoint barrier(double x) { return {x, -x - 0.1 * std::log(1 - x), -1 + 0.1 / (1 - x)}; }
// Infinite from about 710 on; the minimum is at log 2.
LinePoint exponential(double x) { return {x, std::exp(x) - 2 * x, std::exp(x) - 2}; }
// Moré and Thuente 1994, (5.1) and (5.2).
LinePoint rational(double x) { return {x, -x / (x * x + 2), (x * x - 2) / ((x * x + 2) * (x * x + 2))}; }
LinePoint flat_start(double x) {
  const double y = x + 0.004;
  return {x, std::pow(y, 5) - 2 * std::pow(y, 4), 5 * std::pow(y, 4) - 8 * std::pow(y, 3)};
}

struct Case {
  std::string what;
  LineFunction f;
  std::vector<double> first_distances;
};

// The point that comes back: one of at most `most` that were asked for, or the start.
LinePoint search(const LineFunction& f, double first_distance, int most) {
  std::vector<LinePoint> asked;
  const LineFunction counted = [&](double distance) {
    asked.push_back(f(distance));
    return asked.back();
  };
  const LinePoint start = f(0), found = wolfe_search(counted, start, first_distance, most);
  CHECK(asked.size() <= static_cast<std::size_t>(most));
  REQUIRE_FALSE(asked.empty());
  CHECK(asked.front().distance == first_distance);
  const LinePoint again = f(found.distance);
  CHECK(std::any_of(asked.begin(), asked.end(), [&](const LinePoint& p) { return p.distance == found.distance; }) !=
        (found.distance == 0));
  CHECK(found.value == again.value);
  CHECK(found.slope == again.slope);
  return found;
}

void check_wolfe(const LinePoint& start, const LinePoint& found) {
  REQUIRE(start.slope < 0);
  CHECK(found.distance > 0);
  CHECK(found.value <= start.value + c1 * found.distance * start.slope);
  CHECK(std::abs(found.slope) <= c2 * std::abs(start.slope));
}

}  // namespace

TEST_CASE("the step of a line search satisfies both strong Wolfe conditions, wherever the search begins") {
  const std::vector<double> anywhere{1e-4, 0.01, 0.3, 1, 2.5, 4, 10, 100, 1e4};
  const std::vector<Case> cases{
      {"convex", quartic, anywhere},
      {"several minima", waves, anywhere},
      {"first step far too short", [](double x) { return parabola(x, 1e4); }, {1e-3, 1}},
      {"first step far too long", [](double x) { return parabola(x, 1e-3); }, {1e4, 1}},
      {"not defined at the first step", barrier, {1, 1.5, 50, 1e4}},
      {"infinite at the first step", exponential, {1e3, 1e5}},
      {"rational", rational, anywhere},
      {"nearly flat at the start", flat_start, anywhere},
  };
  for (const Case& tried : cases)
    for (double first : tried.first_distances) {
      CAPTURE(tried.what);
      CAPTURE(first);
      check_wolfe(tried.f(0), search(tried.f, first, 60));
    }
}

TEST_CASE("a first step that is good already is taken as it is") {
  CHECK(search(quartic, 1.5, 60).distance == 1.5);
  CHECK(search(waves, 0.8, 60).distance == 0.8);
}

TEST_CASE("a line search that runs out of evaluations gives the best point so far, never a worse one than the start") {
  const LineFunction far = [](double x) { return parabola(x, 1e4); }, near = [](double x) { return parabola(x, 1e-9); };
  CHECK(search(far, 1, 3).distance == 4);
  const LinePoint none = search(near, 1e4, 2);
  CHECK(none.distance == 0);
  CHECK(none.value == near(0).value);
}
