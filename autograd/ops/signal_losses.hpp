#pragma once
// Losses for audio and other signals, after Wright and Valimaki 2020, "Perceptual loss function for neural modelling of
// audio systems". Labels come first, as everywhere. Both have one shape, (batch, time, ...) unless `time_axis` says
// otherwise, and one floating dtype; else ValueError or TypeError. Both have a gradient.
#include "unroll/core/tensor.hpp"

namespace unroll {

struct SignalLossOptions {
  /// Both signals are filtered by y[t] = x[t] - pre_emphasis * x[t - 1] first, x[-1] being 0: 0.85 or 0.95 bring the
  /// high frequencies of a guitar to the fore. 0: as they are.
  double pre_emphasis = 0;
  int time_axis = 1;
  /// Added to the energy of the labels, so that silence does not divide by 0.
  double epsilon = 1e-5;
};

/// mean((labels - predictions)^2) / (mean(labels^2) + epsilon): the energy of the error as a share of the signal's.
Tensor error_to_signal_ratio(const Tensor& labels, const Tensor& predictions, const SignalLossOptions& options = {});

/// mean((mean over time(labels) - mean over time(predictions))^2) / (mean(labels^2) + epsilon): the share of an error
/// that does not change with time.
Tensor dc_loss(const Tensor& labels, const Tensor& predictions, const SignalLossOptions& options = {});

}  // namespace unroll
