// Nanoseconds per element of the kernels on float runs of 64, 2048 and 65536 elements, and per call on 16:
//   bench_kernels [NAME...]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "unroll/core/kernels/accumulate.hpp"
#include "unroll/core/kernels/activation.hpp"
#include "unroll/core/kernels/arithmetic.hpp"
#include "unroll/core/kernels/reduction.hpp"
#include "unroll/core/kernels/softmax.hpp"
#include "unroll/core/kernels/transcendental.hpp"
#include "unroll/core/kernels/unary_arithmetic.hpp"

namespace {

using namespace unroll::kernels;
using Clock = std::chrono::steady_clock;

struct Buffers {
  std::vector<float> a, b, y;
};

struct Kernel {
  std::string name;
  std::function<void(Buffers&, Index)> run;
};

Kernel unary(const char* name, void (*kernel)(const float*, float*, Index)) {
  return {name, [kernel](Buffers& m, Index n) { kernel(m.a.data(), m.y.data(), n); }};
}

Kernel binary(const char* name, void (*kernel)(const float*, Index, const float*, Index, float*, Index)) {
  return {name, [kernel](Buffers& m, Index n) { kernel(m.a.data(), 1, m.b.data(), 1, m.y.data(), n); }};
}

Kernel reduction(const char* name, float (*kernel)(const float*, Index)) {
  return {name, [kernel](Buffers& m, Index n) { m.y[0] = kernel(m.a.data(), n); }};
}

/// Rows of 64 columns, or one short row.
Kernel rows(const char* name, void (*kernel)(const float*, Index, Index, float*)) {
  return {name, [kernel](Buffers& m, Index n) {
            const Index columns = std::min<Index>(n, 64);
            kernel(m.a.data(), n / columns, columns, m.y.data());
          }};
}

std::vector<Kernel> all() {
  return {
      binary("add", add),
      binary("multiply", multiply),
      binary("divide", divide),
      binary("maximum", maximum),
      binary("squared_difference", squared_difference),
      binary("power", power),
      unary("square", square),
      unary("sqrt", sqrt),
      unary("rsqrt", rsqrt),
      unary("tanh", tanh),
      unary("sigmoid", sigmoid),
      unary("relu", relu),
      unary("softplus", softplus),
      binary("sigmoid_gradient", sigmoid_gradient),
      binary("tanh_gradient", tanh_gradient),
      unary("exp", exp),
      unary("expm1", expm1),
      unary("log", log),
      unary("log1p", log1p),
      unary("sin", sin),
      {"add_to", [](Buffers& m, Index n) { add_to(m.y.data(), m.a.data(), n); }},
      {"scale_add_to", [](Buffers& m, Index n) { scale_add_to(m.y.data(), 0.25f, m.a.data(), n); }},
      {"fill", [](Buffers& m, Index n) { fill(m.y.data(), 1.0f, n); }},
      rows("add_rows_to", add_rows_to),
      reduction("sum", sum),
      {"dot", [](Buffers& m, Index n) { m.y[0] = dot(m.a.data(), m.b.data(), n); }},
      reduction("max", max),
      rows("softmax_rows", softmax_rows),
      rows("log_softmax_rows", log_softmax_rows),
  };
}

/// Nanoseconds of one call: the least over some batches of calls.
double time_call(const Kernel& kernel, Buffers& buffers, Index n) {
  const Index calls = 1 + 20000 / n;
  double best = 1e30;
  for (int repetition = 0; repetition < 100; ++repetition) {
    std::fill(buffers.y.begin(), buffers.y.end(), 0.5f);
    const auto start = Clock::now();
    for (Index i = 0; i < calls; ++i) kernel.run(buffers, n);
    best = std::min(best, std::chrono::duration<double, std::nano>(Clock::now() - start).count() / double(calls));
  }
  return best;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> names(argv + 1, argv + argc);
  constexpr Index lengths[] = {64, 2048, 65536};
  Buffers buffers;
  for (Index i = 0; i < lengths[2]; ++i) {
    buffers.a.push_back(0.001f + float(i * 7919 % 10007) / 2000);
    buffers.b.push_back(3 - float(i * 104729 % 10009) / 2000);
    buffers.y.push_back(0);
  }
  std::printf("%-20s%10s%10s%10s%12s\n", "ns per element", "64", "2048", "65536", "call of 16");
  for (const Kernel& kernel : all()) {
    if (!names.empty() && std::find(names.begin(), names.end(), kernel.name) == names.end()) continue;
    std::printf("%-20s", kernel.name.c_str());
    for (Index n : lengths) std::printf("%10.3f", time_call(kernel, buffers, n) / double(n));
    std::printf("%12.1f\n", time_call(kernel, buffers, 16));
  }
}
