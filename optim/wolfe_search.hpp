#pragma once
// Line search for the strong Wolfe conditions.
#include <functional>

namespace unroll::detail {

/// A function of the distance along a direction, with its derivative.
struct LinePoint {
  double distance = 0, value = 0, slope = 0;
};
using LineFunction = std::function<LinePoint(double distance)>;

/// From `start` at distance 0, whose slope is negative, a point that satisfies the strong Wolfe conditions with c1 =
/// 1e-4 and c2 = 0.9 (Nocedal and Wright 2006, algorithms 3.5 and 3.6, cubic interpolation), or the best one found in
/// `evaluations` calls of f; at worst `start` itself.
LinePoint wolfe_search(const LineFunction& f, const LinePoint& start, double first_distance, int evaluations);

}  // namespace unroll::detail
