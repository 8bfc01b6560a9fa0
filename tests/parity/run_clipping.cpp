// Clipping of gradients: values, norms, and gradients of gradients.
#include "runner.hpp"
#include "unroll/autograd/ops/selection.hpp"
#include "unroll/autograd/tape.hpp"
#include "unroll/optim/clipping.hpp"

namespace parity {
namespace {

using namespace unroll;

std::vector<Tensor> read_tensors(const Json& list) {
  std::vector<Tensor> tensors;
  for (const Json& json : list) tensors.push_back(json.is_null() ? Tensor() : read_tensor(json));
  return tensors;
}

// `call` maps the tensors of the case to clipped ones, and to the global norm if it gives one.
void run_clip(const Json& test, Differences& differences,
              const std::function<ClippedByGlobalNorm(const std::vector<Tensor>&)>& call) {
  std::vector<Tensor> tensors = read_tensors(test.at("tensors")), sources;
  GradientTape tape;
  for (const Tensor& t : tensors)
    if (t) {
      tape.watch(t);
      sources.push_back(t);
    }
  auto [clipped, norm] = call(tensors);
  if (has(test, "global_norm")) differences.compare("global_norm", norm, read_tensor(test.at("global_norm")), true);
  std::vector<Nest> targets;
  if (has(test, "clipped")) {
    std::vector<Tensor> want = read_tensors(test.at("clipped"));
    for (std::size_t k = 0; k < want.size(); ++k) {
      if (want[k] || clipped[k]) differences.compare("clipped " + std::to_string(k), clipped[k], want[k]);
      if (clipped[k]) targets.push_back(clipped[k]);
    }
  } else {
    targets.push_back(norm);
  }
  if (!differences.lines().empty() || !has(test, "gradients")) return;
  std::vector<Nest> weights;
  for (const Tensor& t : read_tensors(test.at("cotangents")))
    if (t) weights.push_back(t);
  std::vector<Tensor> got = tape.gradient(Nest::tuple(targets), sources, {.output_gradients = Nest::tuple(weights)});
  std::size_t next = 0;
  for (const Tensor& want : read_tensors(test.at("gradients")))
    if (want) differences.compare("gradient " + std::to_string(next), got[next], want), ++next;
}

const RegisterRunner clip_by_global_norm_runner("clip_by_global_norm", [](const Json& test, Differences& differences) {
  const Json& a = test.at("arguments");
  run_clip(test, differences, [&](const std::vector<Tensor>& tensors) {
    Tensor use_norm;
    if (has(a, "use_norm")) use_norm = Tensor(a.at("use_norm").get<double>());
    return clip_by_global_norm(tensors, a.at("clip_norm"), use_norm);
  });
});
const RegisterRunner global_norm_runner("global_norm", [](const Json& test, Differences& differences) {
  run_clip(test, differences, [](const std::vector<Tensor>& tensors) {
    return ClippedByGlobalNorm{{}, global_norm(tensors)};
  });
});

// Clips each tensor by itself.
void run_clip_one(const Json& test, Differences& differences, const std::function<Tensor(const Tensor&)>& clip) {
  run_clip(test, differences, [&](const std::vector<Tensor>& tensors) {
    ClippedByGlobalNorm result;
    for (const Tensor& t : tensors) result.tensors.push_back(clip(t));
    return result;
  });
}

const RegisterRunner clip_by_value_runner("clip_by_value", [](const Json& test, Differences& differences) {
  const Json& a = test.at("arguments");
  run_clip_one(test, differences,
               [&](const Tensor& x) { return clip_by_value(x, a.at("clip_value_min"), a.at("clip_value_max")); });
});
const RegisterRunner clip_by_norm_runner("clip_by_norm", [](const Json& test, Differences& differences) {
  const Json& a = test.at("arguments");
  run_clip_one(test, differences, [&](const Tensor& x) {
    return clip_by_norm(x, a.at("clip_norm"), get(a, "axes", std::vector<Index>()));
  });
});
const RegisterRunner clip_by_average_norm_runner("clip_by_average_norm", [](const Json& test,
                                                                            Differences& differences) {
  const Json& a = test.at("arguments");
  run_clip_one(test, differences, [&](const Tensor& x) { return clip_by_average_norm(x, a.at("clip_norm")); });
});

}  // namespace
}  // namespace parity
