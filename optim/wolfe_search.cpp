#include "unroll/optim/wolfe_search.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace unroll::detail {
namespace {

constexpr double sufficient_decrease = 1e-4, curvature = 0.9;

// The minimum of the cubic through both points, kept away from the ends of the interval.
double interpolate(const LinePoint& a, const LinePoint& b) {
  double low = std::min(a.distance, b.distance), high = std::max(a.distance, b.distance), margin = 0.1 * (high - low);
  double d1 = a.slope + b.slope - 3 * (a.value - b.value) / (a.distance - b.distance);
  double d2 = std::sqrt(d1 * d1 - a.slope * b.slope) * (b.distance > a.distance ? 1 : -1);
  double best = b.distance - (b.distance - a.distance) * (b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2);
  return std::isfinite(best) ? std::clamp(best, low + margin, high - margin) : (low + high) / 2;
}

class Search {
 public:
  Search(const LineFunction& f, const LinePoint& start, int evaluations)
      : f_(f), start_(start), best_(start), left_(evaluations) {}

  LinePoint run(double distance) {
    LinePoint before = start_;
    while (left_ > 0) {
      LinePoint now = evaluate(distance);
      if (!decreases(now) || (before.distance > 0 && now.value >= before.value)) return zoom(before, now);
      if (is_flat(now)) return now;
      if (now.slope >= 0) return zoom(now, before);
      before = now;
      distance *= 2;
    }
    return best_;
  }

 private:
  LinePoint evaluate(double distance) {
    --left_;
    LinePoint point = f_(distance);
    if (point.value < best_.value) best_ = point;
    return point;
  }
  bool decreases(const LinePoint& p) const {
    return p.value <= start_.value + sufficient_decrease * p.distance * start_.slope;
  }
  bool is_flat(const LinePoint& p) const { return std::abs(p.slope) <= curvature * std::abs(start_.slope); }

  // `low` is the better end of an interval that holds a good point.
  LinePoint zoom(LinePoint low, LinePoint high) {
    while (left_ > 0 && std::abs(high.distance - low.distance) > 1e-16 * std::max(high.distance, low.distance)) {
      bool known = std::isfinite(high.value) && std::isfinite(high.slope);
      LinePoint now = evaluate(known ? interpolate(low, high) : (low.distance + high.distance) / 2);
      if (!decreases(now) || now.value >= low.value) {
        high = now;
        continue;
      }
      if (is_flat(now)) return now;
      if (now.slope * (high.distance - low.distance) >= 0) high = low;
      low = now;
    }
    return best_;
  }

  const LineFunction& f_;
  const LinePoint start_;
  LinePoint best_;
  int left_;
};

}  // namespace

LinePoint wolfe_search(const LineFunction& f, const LinePoint& start, double first_distance, int evaluations) {
  return Search(f, start, evaluations).run(first_distance);
}

}  // namespace unroll::detail
