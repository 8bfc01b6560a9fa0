#pragma once
// A diode clipper, the heart of many distortion pedals.
#include <algorithm>
#include <cmath>
#include <vector>

/// A resistor, then a capacitor and two diodes to ground: C dv/dt = (u - v) / R - 2 I sinh(v / V). Each step solves the
/// implicit Euler equation by Newton's method. `rate` is in Hz.
inline std::vector<float> diode_clipper(const std::vector<float>& in, double rate) {
  constexpr double gain = 5, resistance = 2200, capacity = 10e-9, leakage = 2.52e-9, thermal = 0.0453;
  const double dt = 1 / rate;
  std::vector<float> out = in;
  double v = 0;
  for (float& sample : out) {
    const double u = gain * static_cast<double>(sample), before = v;
    for (double change = 1; std::abs(change) > 1e-9; v -= change) {
      const double f = v - before - dt / capacity * ((u - v) / resistance - 2 * leakage * std::sinh(v / thermal));
      const double slope = 1 + dt / capacity * (1 / resistance + 2 * leakage / thermal * std::cosh(v / thermal));
      change = std::clamp(f / slope, -thermal, thermal);
    }
    sample = static_cast<float>(v);
  }
  return out;
}
