#include "unroll/optim/clipping.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "unroll/autograd/log.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/comparison.hpp"
#include "unroll/autograd/ops/math.hpp"
#include "unroll/autograd/ops/reduce.hpp"
#include "unroll/autograd/vjp.hpp"
#include "unroll/core/creation.hpp"
#include "unroll/core/kernels/accumulate.hpp"
#include "unroll/core/kernels/reduction.hpp"
#include "unroll/core/thread_team.hpp"

namespace unroll {
namespace {

// Larger than 0 in every dtype, so that nothing is divided by 0.
constexpr double tiny = std::numeric_limits<float>::min();

// In pieces of a fixed size, so that the sum does not depend on who adds them up.
template <class T>
T sum_of_squares(const T* x, Index n) {
  constexpr Index piece = 1 << 16;
  if (n <= piece) return kernels::sum_of_squares(x, n);
  const Index pieces = (n - 1) / piece + 1;
  Tensor buffer(TensorSpec{{pieces}, dtype_of<T>()});
  T* sums = buffer.mutable_data<T>();
  parallel_for(0, n, piece, [&](Index first, Index last) {
    sums[first / piece] = kernels::sum_of_squares(x + first, last - first);
  });
  return kernels::sum(sums, pieces);
}

struct GlobalNorm final : Op {
  std::string_view name() const override { return "global_norm"; }
  using Op::infer;
  TensorSpec infer(Inputs x) const override {
    same_dtype(name(), x);
    floating(name(), x[0]);
    return {{}, x[0].dtype()};
  }
  using Op::forward;
  void forward(Inputs x, Tensor& y) const override {
    dispatch_floating(name(), y.dtype(), [&](auto zero) {
      using T = decltype(zero);
      T sum = 0;
      for (std::size_t k = 0; k < x.size(); ++k) sum += sum_of_squares(x[k].data<T>(), x[k].size());
      *y.mutable_data<T>() = std::sqrt(sum);
    });
  }
  void vjp(Vjp& v) const override {
    Tensor scale = v.gradient() / maximum(v.output(), full({}, tiny, v.output().dtype()));
    for (std::size_t k = 0; k < v.input_count(); ++k)
      if (v.needs(k)) v.add(k, scale * v.input(k));
  }
};

void check_clip_norm(std::string_view who, double clip_norm) {
  if (!(clip_norm >= 0) || !std::isfinite(clip_norm))
    raise<ValueError>(who, "clip_norm is ", clip_norm, ", expected a finite number that is not negative");
}

// max(norm, clip_norm), but never 0.
Tensor limit(const Tensor& norm, double clip_norm) {
  return maximum(norm, full({}, std::max(clip_norm, tiny), norm.dtype()));
}

// sqrt(reduce_sum(x^2)), with a gradient of 0 where it is 0.
Tensor norm_over(const Tensor& x, IndexList axes) {
  Tensor sum = reduce_sum(square(x), axes, true);
  Tensor positive = greater(sum, 0.0);
  return where(positive, sqrt(where(positive, sum, ones_like(sum))), sum);
}

bool is_followed(const Tensor& x) {
  detail::Log& log = detail::thread_log();
  return log.recording() && log.node(x) != 0;
}

template <class F>
std::vector<Tensor> for_each(const std::vector<Tensor>& tensors, F&& clip) {
  std::vector<Tensor> result;
  for (const Tensor& x : tensors) result.push_back(x ? clip(x) : Tensor());
  return result;
}

}  // namespace

Tensor global_norm(const std::vector<Tensor>& tensors) {
  auto is_given = [](const Tensor& x) { return x.defined(); };
  if (!tensors.empty() && std::all_of(tensors.begin(), tensors.end(), is_given)) return apply_to(GlobalNorm{}, tensors);
  std::vector<Tensor> given;
  std::copy_if(tensors.begin(), tensors.end(), std::back_inserter(given), is_given);
  if (given.empty()) raise<ValueError>("global_norm", "expected at least one tensor that is not None");
  return apply_to(GlobalNorm{}, given);
}

ClippedByGlobalNorm clip_by_global_norm(std::vector<Tensor> tensors, double clip_norm, const Tensor& use_norm) {
  constexpr std::string_view who = "clip_by_global_norm";
  check_clip_norm(who, clip_norm);
  Tensor norm = use_norm ? use_norm : global_norm(tensors);
  floating(who, norm);
  if (norm.rank() != 0) raise<ValueError>(who, "use_norm has shape ", norm.shape(), ", expected ()");
  for (const Tensor& x : tensors)
    if (x && x.dtype() != norm.dtype())
      raise<TypeError>(who, "use_norm is ", norm.dtype(), ", the tensors are ", x.dtype());

  // norm - norm is NaN if the norm is not finite.
  Tensor scale = full({}, clip_norm, norm.dtype()) / limit(norm, clip_norm) + (norm - norm);
  const bool scale_is_followed = is_followed(scale);
  const bool unchanged = scale.item<double>() == 1;
  for (Tensor& x : tensors) {
    if (!x) continue;
    if (scale_is_followed || is_followed(x)) {
      x = x * scale;
    } else if (!unchanged) {
      dispatch_floating(who, x.dtype(), [&](auto zero) {
        using T = decltype(zero);
        const T factor = scale.item<T>();
        T* values = x.mutable_data<T>();
        parallel_for(0, x.size(), 1 << 16,
                     [&](Index first, Index last) { kernels::scale(values + first, factor, last - first); });
      });
    }
  }
  return {std::move(tensors), std::move(norm)};
}

Tensor clip_by_norm(const Tensor& x, double clip_norm, IndexList axes) {
  constexpr std::string_view who = "clip_by_norm";
  check_clip_norm(who, clip_norm);
  floating(who, x);
  return x * clip_norm / limit(norm_over(x, axes), clip_norm);
}

Tensor clip_by_average_norm(const Tensor& x, double clip_norm) {
  constexpr std::string_view who = "clip_by_average_norm";
  check_clip_norm(who, clip_norm);
  floating(who, x);
  return x * clip_norm / limit(norm_over(x, {}) / static_cast<double>(x.size()), clip_norm);
}

std::vector<Tensor> clip_by_norm(const std::vector<Tensor>& tensors, double clip_norm) {
  return for_each(tensors, [&](const Tensor& x) { return clip_by_norm(x, clip_norm); });
}
std::vector<Tensor> clip_by_average_norm(const std::vector<Tensor>& tensors, double clip_norm) {
  return for_each(tensors, [&](const Tensor& x) { return clip_by_average_norm(x, clip_norm); });
}
std::vector<Tensor> clip_by_value(const std::vector<Tensor>& tensors, double min, double max) {
  return for_each(tensors, [&](const Tensor& x) { return clip_by_value(x, min, max); });
}

}  // namespace unroll
