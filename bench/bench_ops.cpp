// Single ops, on small tensors (what a call costs) and on those of a character model: alone, recorded on a tape, and
// with the gradients of all their inputs.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <iostream>
#include <unroll/unroll.hpp>

#include "measure.hpp"

using namespace unroll;

namespace {

struct Case {
  std::string name, sizes;
  std::vector<Tensor> inputs;  // those of floating dtype get gradients
  std::function<Tensor(const std::vector<Tensor>&)> run;
};

using Inputs = const std::vector<Tensor>&;

std::vector<Case> cases() {
  RandomGenerator r(1);
  std::vector<Case> all;
  auto add = [&](const std::string& name, std::vector<Tensor> inputs, std::function<Tensor(Inputs)> run) {
    std::string sizes;
    for (const Tensor& x : inputs) sizes += (sizes.empty() ? "" : " ") + to_string(x.shape());
    all.push_back({name, sizes, std::move(inputs), std::move(run)});
  };
  auto shapes = [&](std::initializer_list<Shape> of, auto f) {
    for (const Shape& s : of) f(s);
  };
  shapes({{4, 4}, {16, 128}, {1024, 128}}, [&](const Shape& s) {
    add("add", {r.normal(s), r.normal(s)}, [](Inputs x) { return x[0] + x[1]; });
    add("multiply", {r.normal(s), r.normal(s)}, [](Inputs x) { return x[0] * x[1]; });
    add("tanh", {r.normal(s)}, [](Inputs x) { return tanh(x[0]); });
    add("concat", {r.normal(s), r.normal(s)}, [](Inputs x) { return concat(x[0], x[1], 1); });
    add("slice", {r.normal(s)}, [](Inputs x) { return slice(x[0], {0, 1}, {-1, 2}); });
    add("reduce_sum", {r.normal(s)}, [](Inputs x) { return reduce_sum(x[0], {1}); });
    add("dropout", {r.normal(s)}, [](Inputs x) { return dropout(x[0], 0.3, {.seed = 7}); });
    add("softmax", {r.normal(s)}, [](Inputs x) { return softmax(x[0]); });
  });
  shapes({{16, 128}, {1024, 128}}, [&](const Shape& s) {
    Shape labels = s.without(-1);
    add("matmul", {r.normal(s), r.normal({128, 80})}, [](Inputs x) { return matmul(x[0], x[1]); });
    add("bias_add", {r.normal(s), r.normal({128})}, [](Inputs x) { return bias_add(x[0], x[1]); });
    add("embedding_lookup", {r.normal({80, 64}), r.integers(labels, 0, 80, int32)},
        [](Inputs x) { return embedding_lookup(x[0], x[1]); });
    add("sparse_softmax_xent", {r.normal(s), r.integers(labels, 0, 128, int32)},
        [](Inputs x) { return sparse_softmax_cross_entropy_with_logits(x[1], x[0]); });
  });
  return all;
}

template <class F>
double microseconds(const bench::Timing& timing, int calls, F f) {
  bench::Times times = bench::measure(timing, [&] {
    for (int k = 0; k < calls; ++k) f();
  });
  return times.minimum * 1e3 / calls;
}

void run(const std::vector<std::string>& names, bench::Timing timing) {
  bench::Json machine = bench::machine(timing);
  if (!timing.json) {
    std::cout << machine.dump() << std::endl;
    std::printf("%-22s%-24s%10s%10s%10s\n", "us a call", "", "alone", "recorded", "gradients");
  }
  timing.seconds /= 3;
  for (const Case& c : cases()) {
    if (!names.empty() && std::find(names.begin(), names.end(), c.name) == names.end()) continue;
    const int calls = static_cast<int>(1 + 4096 / std::max<Index>(1, c.inputs[0].size() / 16));
    std::vector<Tensor> sources;
    for (const Tensor& x : c.inputs)
      if (is_floating(x.dtype())) sources.push_back(x);
    double alone = microseconds(timing, calls, [&] { c.run(c.inputs); });
    double recorded = microseconds(timing, 1,
                                   [&] {
                                     GradientTape tape;
                                     for (const Tensor& x : sources) tape.watch(x);
                                     for (int k = 0; k < calls; ++k) c.run(c.inputs);
                                   }) /
                      calls;
    double gradients = microseconds(timing, calls, [&] {
      GradientTape tape;
      for (const Tensor& x : sources) tape.watch(x);
      tape.gradient(c.run(c.inputs), sources);
    });
    if (timing.json) {
      bench::Json line = {{"op", c.name},
                          {"sizes", c.sizes},
                          {"us_alone", alone},
                          {"us_recorded", recorded},
                          {"us_gradients", gradients}};
      line.update(machine);
      std::cout << line.dump() << std::endl;
    } else {
      std::printf("%-22s%-24s%10.2f%10.2f%10.2f\n", c.name.c_str(), c.sizes.c_str(), alone, recorded, gradients);
      std::fflush(stdout);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Times ops alone, recorded, and with gradients.");
  std::vector<std::string> names;
  bench::Timing timing;
  timing.seconds = 0.3;
  app.add_option("ops", names, "ops to time; default: all");
  timing.add_to(app);
  return bench::run_program(app, argc, argv, timing, [&] { run(names, timing); });
}
