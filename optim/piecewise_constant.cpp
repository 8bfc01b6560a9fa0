#include "unroll/optim/piecewise_constant.hpp"

#include <algorithm>

#include "unroll/optim/schedule_check.hpp"

namespace unroll {

Schedule piecewise_constant(std::vector<std::int64_t> boundaries, std::vector<double> values) {
  constexpr std::string_view who = "piecewise_constant";
  if (values.size() != boundaries.size() + 1)
    raise<ValueError>(who, values.size(), " values given for ", boundaries.size(), " boundaries, expected one more");
  if (auto place = std::adjacent_find(boundaries.begin(), boundaries.end(), std::greater_equal<>());
      place != boundaries.end())
    raise<ValueError>(who, "the boundary ", place[0], " is followed by ", place[1], ", expected a larger one");
  for (double value : values) detail::check_not_negative(who, "a value", value);
  return [boundaries = std::move(boundaries), values = std::move(values)](std::int64_t step) {
    auto place = std::lower_bound(boundaries.begin(), boundaries.end(), step);
    return values[static_cast<std::size_t>(place - boundaries.begin())];
  };
}

}  // namespace unroll
