#pragma once
// Checks of what schedules are given.
#include <cmath>
#include <cstdint>

#include "unroll/core/errors.hpp"

namespace unroll::detail {

inline void check_not_negative(std::string_view who, std::string_view what, double value) {
  if (!(value >= 0) || !std::isfinite(value))
    raise<ValueError>(who, what, " is ", value, ", expected a finite number that is not negative");
}

inline void check_positive(std::string_view who, std::string_view what, std::int64_t steps) {
  if (steps < 1) raise<ValueError>(who, what, " is ", steps, ", expected at least 1");
}

}  // namespace unroll::detail
