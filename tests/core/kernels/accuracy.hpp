// Errors in ulp over the whole range of float and over grids of double, on every instruction set.
#pragma once

#include "core/kernels/support.hpp"

namespace kernel_tests {

/// The worst distance of kernel(x) from exact(x) for x = every 1999th of all float bit patterns, from `skip` on.
template <class Exact>
void check_all_floats(Unary<float> kernel, double limit, Exact exact) {
  constexpr std::uint64_t step = 1999, chunk = 1 << 14;
  std::vector<float> x(chunk), y(chunk);
  std::vector<double> reference(chunk);
  double worst = 0;
  float worst_x = 0;
  for (std::uint64_t bits = 0; bits < (std::uint64_t(1) << 32); bits += step * chunk) {
    for (std::uint64_t i = 0; i < chunk; ++i) {
      x[i] = std::bit_cast<float>(std::uint32_t(bits + i * step));  // wraps around at the end
      reference[i] = exact(double(x[i]));
    }
    for_each_target([&] {
      kernel(x.data(), y.data(), Index(chunk));
      for (std::uint64_t i = 0; i < chunk; ++i) {
        if (y[i] == float(reference[i])) continue;
        const double distance = ulp_distance(y[i], reference[i]);
        if (distance > worst) worst = distance, worst_x = x[i];
      }
    });
  }
  INFO("worst ", worst, " ulp at ", worst_x);
  CHECK(worst < limit);
}

/// The same for double: a linear grid over [-range, range] and a geometric one from the smallest denormal up to the
/// largest number.
template <class Exact>
void check_double_grid(Unary<double> kernel, double limit, double range, Exact exact) {
  std::vector<double> x = special_values<double>();
  for (int i = -20000; i <= 20000; ++i) x.push_back(i * (range / 20000) * 0.99993);
  for (int exponent = -1074; exponent <= 1023; ++exponent) {
    for (double mantissa : {1.0, 1.37, -1.0, -1.81}) x.push_back(std::ldexp(mantissa, exponent));
  }
  std::vector<long double> reference;
  for (double value : x) reference.push_back(exact(static_cast<long double>(value)));
  std::vector<double> y(x.size());
  for_each_target([&] {
    kernel(x.data(), y.data(), Index(x.size()));
    double worst = 0, worst_x = 0;
    for (size_t i = 0; i < x.size(); ++i) {
      const double distance = ulp_distance(y[i], reference[i]);
      if (distance > worst) worst = distance, worst_x = x[i];
    }
    INFO("worst ", worst, " ulp at ", worst_x);
    CHECK(worst < limit);
  });
}

}  // namespace kernel_tests
