#include "unroll/autograd/ops/losses.hpp"

#include <numbers>

#include "unroll/autograd/op.hpp"
#include "unroll/autograd/ops/activation.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/cast.hpp"
#include "unroll/autograd/ops/comparison.hpp"
#include "unroll/autograd/ops/cross_entropy.hpp"
#include "unroll/autograd/ops/math.hpp"
#include "unroll/autograd/ops/reduce.hpp"
#include "unroll/autograd/ops/selection.hpp"
#include "unroll/core/creation.hpp"

namespace unroll {
namespace {

void check(std::string_view who, const Tensor& labels, const Tensor& predictions, std::string_view what) {
  if (labels.dtype() != predictions.dtype())
    raise<TypeError>(who, "labels are ", labels.dtype(), ", ", what, " are ", predictions.dtype(),
                     "; expected one dtype");
  floating(who, predictions);
  if (labels.shape() != predictions.shape())
    raise<ValueError>(who, "labels has shape ", labels.shape(), ", ", what, " has shape ", predictions.shape(),
                      "; expected equal shapes");
}

// 0 where b is 0, and then without a gradient.
Tensor divide_no_nan(const Tensor& a, const Tensor& b) {
  Tensor is_zero = equal(b, 0);
  return where(is_zero, zeros_like(b), a / where(is_zero, ones_like(b), b));
}

// `even` is the share of each class where nothing is known.
Tensor smoothed(std::string_view who, const Tensor& labels, double smoothing, double even) {
  if (smoothing < 0 || smoothing > 1) raise<ValueError>(who, "label_smoothing is ", smoothing, ", expected 0 .. 1");
  return smoothing == 0 ? labels : labels * (1 - smoothing) + smoothing * even;
}

}  // namespace

Tensor compute_weighted_loss(const Tensor& losses, const LossOptions& options) {
  std::string_view who = "compute_weighted_loss";
  floating(who, losses);
  Reduction reduction = options.reduction;
  Tensor weighted = losses, weights;
  if (options.weights) {
    const Shape &of = options.weights.shape(), &shape = losses.shape();
    if (of.rank() != 0 && (of.rank() != shape.rank() || !broadcasts_to(of, shape)))
      raise<ValueError>(who, "weights has shape ", of, ", the losses have ", shape,
                        "; expected rank 0, or the same rank and dimensions that are equal or 1");
    weights = cast(options.weights, losses.dtype());
    weighted = losses * weights;
  }
  if (reduction == Reduction::none) return weighted;
  Tensor sum = reduce_sum(weighted);
  if (reduction == Reduction::sum) return sum;
  if (reduction == Reduction::sum_over_batch_size || !weights)
    return sum / static_cast<double>(std::max<Index>(losses.size(), 1));
  double repeats = weights.size() ? static_cast<double>(losses.size()) / static_cast<double>(weights.size()) : 0;
  if (reduction == Reduction::mean) return divide_no_nan(sum, reduce_sum(weights) * repeats);
  Tensor present = reduce_sum(cast(not_equal(weights, 0), losses.dtype())) * repeats;
  return divide_no_nan(sum, present);
}

Tensor mean_squared_error(const Tensor& labels, const Tensor& predictions, const LossOptions& options) {
  check("mean_squared_error", labels, predictions, "predictions");
  return compute_weighted_loss(squared_difference(predictions, labels), options);
}

Tensor absolute_difference(const Tensor& labels, const Tensor& predictions, const LossOptions& options) {
  check("absolute_difference", labels, predictions, "predictions");
  return compute_weighted_loss(abs(predictions - labels), options);
}

Tensor huber_loss(const Tensor& labels, const Tensor& predictions, double delta, const LossOptions& options) {
  check("huber_loss", labels, predictions, "predictions");
  Tensor error = abs(predictions - labels);
  Tensor quadratic = minimum(error, full({}, delta, error.dtype()));
  return compute_weighted_loss(0.5 * square(quadratic) + delta * (error - quadratic), options);
}

Tensor log_loss(const Tensor& labels, const Tensor& predictions, double epsilon, const LossOptions& options) {
  check("log_loss", labels, predictions, "predictions");
  return compute_weighted_loss(
      -(labels * log(predictions + epsilon)) - (1.0 - labels) * log(1.0 - predictions + epsilon), options);
}

Tensor hinge_loss(const Tensor& labels, const Tensor& logits, const LossOptions& options) {
  check("hinge_loss", labels, logits, "logits");
  return compute_weighted_loss(relu(1.0 - (2.0 * labels - 1.0) * logits), options);
}

Tensor log_cosh(const Tensor& labels, const Tensor& predictions, const LossOptions& options) {
  check("log_cosh", labels, predictions, "predictions");
  Tensor error = abs(predictions - labels);
  return compute_weighted_loss(error + softplus(-2.0 * error) - std::numbers::ln2, options);
}

Tensor softmax_cross_entropy(const Tensor& onehot_labels, const Tensor& logits, double label_smoothing,
                             const LossOptions& options) {
  std::string_view who = "softmax_cross_entropy";
  check(who, onehot_labels, logits, "logits");
  if (logits.rank() == 0) raise<ValueError>(who, "logits has shape (), expected (..., classes)");
  double classes = static_cast<double>(logits.shape(-1));
  Tensor labels = smoothed(who, stop_gradient(onehot_labels), label_smoothing, 1 / classes);
  return compute_weighted_loss(softmax_cross_entropy_with_logits(labels, logits), options);
}

Tensor sigmoid_cross_entropy(const Tensor& multi_class_labels, const Tensor& logits, double label_smoothing,
                             const LossOptions& options) {
  std::string_view who = "sigmoid_cross_entropy";
  check(who, multi_class_labels, logits, "logits");
  Tensor labels = smoothed(who, multi_class_labels, label_smoothing, 0.5);
  return compute_weighted_loss(sigmoid_cross_entropy_with_logits(labels, logits), options);
}

Tensor sigmoid_focal_cross_entropy(const Tensor& multi_class_labels, const Tensor& logits,
                                   const FocalLossOptions& focal, const LossOptions& options) {
  std::string_view who = "sigmoid_focal_cross_entropy";
  check(who, multi_class_labels, logits, "logits");
  if (!(focal.gamma >= 0)) raise<ValueError>(who, "gamma is ", focal.gamma, ", expected at least 0");
  const Tensor& y = multi_class_labels;
  Tensor p = sigmoid(logits);
  Tensor doubt = y * (1.0 - p) + (1.0 - y) * p;
  Tensor weight = y * focal.alpha + (1.0 - y) * (1 - focal.alpha);
  return compute_weighted_loss(weight * power(doubt, focal.gamma) * sigmoid_cross_entropy_with_logits(y, logits),
                               options);
}

Tensor l2_loss(const Tensor& x) { return reduce_sum(square(x)) * 0.5; }

}  // namespace unroll
