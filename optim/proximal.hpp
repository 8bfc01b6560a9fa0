#pragma once
// The step that the proximal optimisers share.
#include <cmath>

namespace unroll::detail {

/// The x' that minimises (x' - x)^2 / 2 + rate * (l1 |x'| + l2 x'^2 / 2).
template <class T>
T proximal(T x, T rate, T l1, T l2) {
  T size = std::abs(x) - rate * l1;
  return size > 0 ? std::copysign(size, x) / (1 + rate * l2) : 0;
}

}  // namespace unroll::detail
