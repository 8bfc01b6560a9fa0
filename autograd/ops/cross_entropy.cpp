#include "unroll/autograd/ops/cross_entropy.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "unroll/autograd/ops/activation.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/elementwise.hpp"
#include "unroll/autograd/ops/reduce.hpp"
#include "unroll/autograd/ops/reshape.hpp"
#include "unroll/autograd/ops/softmax.hpp"
#include "unroll/autograd/ops/transpose.hpp"
#include "unroll/core/creation.hpp"
#include "unroll/core/kernels/activation.hpp"
#include "unroll/core/kernels/arithmetic.hpp"
#include "unroll/core/kernels/reduction.hpp"
#include "unroll/core/kernels/softmax.hpp"
#include "unroll/core/thread_team.hpp"

namespace unroll {
namespace {

// What exp and its sum cost.
constexpr double ns_per_logit = 1.2;

// Labels and logits of one shape.
class AlikeOp : public Op {
 public:
  TensorSpec infer(Inputs x) const override {
    same_dtype(name(), x);
    floating(name(), x[1]);
    if (x[0].shape() != x[1].shape())
      raise<ValueError>(name(), "labels has shape ", x[0].shape(), ", logits has shape ", x[1].shape(),
                        "; expected equal shapes");
    return x[1].spec();
  }
  Saved saved() const override { return {Saved::all, Saved::none}; }
};

// Over the last axis.
struct SoftmaxCrossEntropy final : AlikeOp {
  std::string_view name() const override { return "softmax_cross_entropy_with_logits"; }
  TensorSpec infer(Inputs x) const override {
    TensorSpec spec = AlikeOp::infer(x);
    return {spec.shape.without(-1), spec.dtype};
  }
  void forward(Inputs x, Tensor& y) const override {
    dispatch_floating(name(), y.dtype(), [&](auto zero) {
      using T = decltype(zero);
      const T *labels = x[0].data<T>(), *logits = x[1].data<T>();
      Index n = x[1].shape(-1);
      T* loss = y.mutable_data<T>();
      parallel_rows(y.size(), static_cast<double>(n) * ns_per_logit, [&](Index first, Index last) {
        Tensor buffer(TensorSpec{{n}, y.dtype()});
        T* log_p = buffer.mutable_data<T>();
        for (Index row = first; row < last; ++row) {
          kernels::log_softmax_rows(logits + row * n, 1, n, log_p);
          loss[row] = -kernels::dot(labels + row * n, log_p, n);
        }
      });
    });
  }
  void vjp(Vjp& v) const override {
    Tensor g = expand_dims(v.gradient(), -1);
    if (v.needs(0)) v.add(0, -(g * log_softmax(v.input(1))));
    if (v.needs(1)) v.add(1, g * (softmax(v.input(1)) - v.input(0)));
  }
};

// Throws for a label that is no class, then calls f(row, label) for each row, on several threads if there are many.
template <class F>
void for_each_label(std::string_view who, const Tensor& labels, Index classes, F&& f) {
  auto all = [&]<class L>(const L* label) {
    for (Index row = 0; row < labels.size(); ++row)
      if (Index c = label[row]; c < 0 || c >= classes)
        raise<InvalidArgumentError>(who, "label ", c, " at position ", row, " is out of range, expected 0 .. ",
                                    classes - 1);
    parallel_rows(labels.size(), static_cast<double>(classes) * ns_per_logit, [&](Index first, Index last) {
      for (Index row = first; row < last; ++row) f(row, Index{label[row]});
    });
  };
  labels.dtype() == int32 ? all(labels.data<std::int32_t>()) : all(labels.data<std::int64_t>());
}

// (softmax(logits) - one_hot(labels)) * g of inputs labels, logits, g.
struct SparseSoftmaxGradient final : Op {
  std::string_view name() const override { return "sparse_softmax_cross_entropy_gradient"; }
  TensorSpec infer(Inputs x) const override { return x[1].spec(); }
  void forward(Inputs x, Tensor& y) const override {
    dispatch_floating(name(), y.dtype(), [&](auto zero) {
      using T = decltype(zero);
      const T *logits = x[1].data<T>(), *g = x[2].data<T>();
      T* out = y.mutable_data<T>();
      Index n = y.shape(-1);
      for_each_label(name(), x[0], n, [&](Index row, Index label) {
        T* d = out + row * n;
        kernels::softmax_rows(logits + row * n, 1, n, d);
        d[label] -= 1;
        kernels::multiply(d, 1, g + row, 0, d, n);
      });
    });
  }
  void vjp(Vjp& v) const override {
    const Tensor &labels = v.input(0), &logits = v.input(1), &g = v.input(2), &gg = v.gradient();
    if (v.needs(1)) {
      Tensor p = softmax(logits), weighted = p * gg * expand_dims(g, -1);
      v.add(1, weighted - p * reduce_sum(weighted, {-1}, true));
    }
    if (v.needs(2)) v.add(2, reduce_sum(gg * apply(SparseSoftmaxGradient{}, labels, logits, ones_like(g)), {-1}));
  }
  Saved saved() const override { return {Saved::all, Saved::none}; }
};

struct SparseSoftmaxCrossEntropy final : Op {
  std::string_view name() const override { return "sparse_softmax_cross_entropy_with_logits"; }
  TensorSpec infer(Inputs x) const override {
    const Tensor &labels = x[0], &logits = x[1];
    if (!is_integer(labels.dtype()))
      raise<TypeError>(name(), "labels are ", labels.dtype(), ", expected int32 or int64");
    floating(name(), logits);
    if (logits.rank() == 0) raise<ValueError>(name(), "logits has shape (), expected (..., classes)");
    Shape expected = logits.shape().without(-1);
    if (labels.shape() != expected)
      raise<ValueError>(name(), "labels has shape ", labels.shape(), ", logits has shape ", logits.shape(),
                        "; expected labels of shape ", expected);
    return {expected, logits.dtype()};
  }
  void forward(Inputs x, Tensor& y) const override {
    dispatch_floating(name(), y.dtype(), [&](auto zero) {
      using T = decltype(zero);
      const T* logits = x[1].data<T>();
      T* loss = y.mutable_data<T>();
      Index n = x[1].shape(-1);
      for_each_label(name(), x[0], n, [&](Index row, Index label) {
        T shift, log_sum = kernels::log_sum_exp(logits + row * n, n, &shift);
        loss[row] = log_sum - (logits[row * n + label] - shift);
      });
    });
  }
  void vjp(Vjp& v) const override {
    if (v.needs(1)) v.add(1, apply(SparseSoftmaxGradient{}, v.input(0), v.input(1), v.gradient()));
  }
  Saved saved() const override { return {Saved::all, Saved::none}; }
};

struct SigmoidCrossEntropy final : AlikeOp {
  std::string_view name() const override { return "sigmoid_cross_entropy_with_logits"; }
  void forward(Inputs in, Tensor& out) const override {
    // -z log s(x) - (1 - z) log(1 - s(x)) = max(x, 0) - x z + log(1 + exp(-|x|))
    dispatch_floating(name(), out.dtype(), [&](auto zero) {
      using T = decltype(zero);
      const T *z = in[0].data<T>(), *x = in[1].data<T>();
      T* y = out.mutable_data<T>();
      Index n = out.size();
      std::transform(x, x + n, y, [](T value) { return -std::abs(value); });
      kernels::softplus(y, y, n);
      for (Index i = 0; i < n; ++i) y[i] = ((x[i] > 0 ? x[i] : 0) - x[i] * z[i]) + y[i];
    });
  }
  void vjp(Vjp& v) const override {
    const Tensor &labels = v.input(0), &logits = v.input(1);
    if (v.needs(0)) v.add(0, -(v.gradient() * logits));
    if (v.needs(1)) v.add(1, v.gradient() * (sigmoid(logits) - labels));
  }
};

}  // namespace

Tensor softmax_cross_entropy_with_logits(const Tensor& labels, const Tensor& logits, int axis) {
  SoftmaxCrossEntropy op;
  axis = normalize_axis(op.name(), axis, logits.rank());
  if (axis == logits.rank() - 1 || labels.shape() != logits.shape()) return apply(op, labels, logits);
  std::vector<int> last(logits.rank());
  std::iota(last.begin(), last.end(), 0);
  std::rotate(last.begin() + axis, last.begin() + axis + 1, last.end());
  return apply(op, transpose(labels, last), transpose(logits, last));
}

Tensor sparse_softmax_cross_entropy_with_logits(const Tensor& labels, const Tensor& logits) {
  return apply(SparseSoftmaxCrossEntropy{}, labels, logits);
}

Tensor sigmoid_cross_entropy_with_logits(const Tensor& labels, const Tensor& logits) {
  return apply(SigmoidCrossEntropy{}, labels, logits);
}

Tensor weighted_cross_entropy_with_logits(const Tensor& labels, const Tensor& logits, const Tensor& pos_weight) {
  std::string_view who = "weighted_cross_entropy_with_logits";
  if (labels.shape() != logits.shape())
    raise<ValueError>(who, "labels has shape ", labels.shape(), ", logits has shape ", logits.shape(),
                      "; expected equal shapes");
  if (!broadcasts_to(pos_weight.shape(), logits.shape()))
    raise<ValueError>(who, "pos_weight has shape ", pos_weight.shape(), ", which does not broadcast to ",
                      logits.shape());
  // With s(x) the sigmoid: -z w log s(x) - (1 - z) log(1 - s(x)) = (1 - z) x + (1 + (w - 1) z) softplus(-x)
  return (1.0 - labels) * logits + (1.0 + (pos_weight - 1.0) * labels) * softplus(-logits);
}

Tensor weighted_cross_entropy_with_logits(const Tensor& labels, const Tensor& logits, double pos_weight) {
  return weighted_cross_entropy_with_logits(labels, logits,
                                            scalar_like("weighted_cross_entropy_with_logits", logits, pos_weight));
}

}  // namespace unroll
