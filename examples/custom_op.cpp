// An op of your own: a triangle wave, with its gradient, used in training and checked against differences.
#include <cmath>
#include <iostream>
#include <unroll/unroll.hpp>

using namespace unroll;

// y = |x - 2 round(x / 2)|: a wave of period 2 between 0 and 1.
struct TriangleWave final : Op {
  std::string_view name() const override { return "triangle_wave"; }
  TensorSpec infer(Inputs x) const override {
    floating(name(), x[0]);
    return x[0].spec();
  }
  void forward(Inputs x, Tensor& y) const override {
    dispatch_floating(name(), y.dtype(), [&](auto zero) {
      using T = decltype(zero);
      const T* in = x[0].data<T>();
      T* out = y.mutable_data<T>();
      for (Index k = 0; k < y.size(); ++k) out[k] = std::abs(in[k] - 2 * std::round(in[k] / 2));
    });
  }
  void vjp(Vjp& v) const override {
    // The slope is +1 where the wave rises: where it stands higher a little further on.
    const Tensor& x = v.input(0);
    Tensor rises = greater(apply(TriangleWave{}, x + 1e-3), v.output());
    v.add(0, where(rises, v.gradient(), -v.gradient()));
  }
};

Tensor triangle_wave(const Tensor& x) { return apply(TriangleWave{}, x); }

int main() {
  auto check = check_gradients([](const std::vector<Tensor>& x) { return triangle_wave(x[0]); },
                               {random_uniform({50}, {.minval = -3, .maxval = 3, .seed = 1}, float64)});
  std::cout << "gradient " << (check ? "agrees" : "DISAGREES") << " with differences at " << check.checked
            << " points\n";

  // Which frequency made this wave?
  Variable frequency(Tensor{1.0f}, "frequency");
  Tensor t = linspace(0, 2, 101), wave = triangle_wave(t * 1.25);
  GradientDescent descent({.learning_rate = 0.05});
  for (int step = 0; step < 200; ++step) {
    GradientTape tape;
    descent.minimize(tape, mean_squared_error(wave, triangle_wave(t * frequency)));
    if (step % 20 == 0) std::cout << "step " << step << "  frequency " << frequency.value().item<double>() << '\n';
  }
  double found = frequency.value().item<double>();
  std::cout << "frequency " << std::round(found * 1000) / 1000 << " (target 1.25)\n";
  return check && std::abs(found - 1.25) < 1e-2 ? 0 : 1;
}
