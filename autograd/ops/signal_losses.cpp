#include "unroll/autograd/ops/signal_losses.hpp"

#include "unroll/autograd/op.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/concat.hpp"
#include "unroll/autograd/ops/math.hpp"
#include "unroll/autograd/ops/reduce.hpp"
#include "unroll/autograd/ops/slice.hpp"

namespace unroll {
namespace {

void check(std::string_view who, const Tensor& labels, const Tensor& predictions, const SignalLossOptions& options) {
  floating(who, predictions);
  if (labels.dtype() != predictions.dtype())
    raise<TypeError>(who, "labels are ", labels.dtype(), ", predictions are ", predictions.dtype());
  if (labels.shape() != predictions.shape())
    raise<ValueError>(who, "labels has shape ", labels.shape(), ", predictions has shape ", predictions.shape(),
                      "; expected equal shapes");
  if (options.time_axis < 0 || options.time_axis >= labels.rank())
    raise<ValueError>(who, "labels has shape ", labels.shape(), ", which has no time axis ", options.time_axis);
  if (labels.size() == 0) raise<ValueError>(who, "labels has shape ", labels.shape(), ", expected elements");
  if (!(options.epsilon >= 0)) raise<ValueError>(who, "epsilon is ", options.epsilon, ", expected at least 0");
}

Tensor emphasized(const Tensor& x, const SignalLossOptions& options) {
  const Index steps = x.shape(options.time_axis);
  if (options.pre_emphasis == 0 || steps < 2) return x;
  Tensor first = slice_axis(x, options.time_axis, 0, 1), later = slice_axis(x, options.time_axis, 1, steps);
  Tensor before = slice_axis(x, options.time_axis, 0, steps - 1);
  return concat(first, later - before * options.pre_emphasis, options.time_axis);
}

Tensor share_of(const Tensor& error, const Tensor& labels, double epsilon) {
  return reduce_mean(square(error)) / (reduce_mean(square(labels)) + epsilon);
}

}  // namespace

Tensor error_to_signal_ratio(const Tensor& labels, const Tensor& predictions, const SignalLossOptions& options) {
  check("error_to_signal_ratio", labels, predictions, options);
  return share_of(emphasized(labels - predictions, options), emphasized(labels, options), options.epsilon);
}

Tensor dc_loss(const Tensor& labels, const Tensor& predictions, const SignalLossOptions& options) {
  check("dc_loss", labels, predictions, options);
  Tensor error = reduce_mean(emphasized(labels - predictions, options), {options.time_axis});
  return share_of(error, emphasized(labels, options), options.epsilon);
}

}  // namespace unroll
