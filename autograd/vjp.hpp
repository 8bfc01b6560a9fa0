#pragma once
// Vjp: what an op's gradient sees of the recorded call, and where it puts the gradients of the inputs.
#include "unroll/autograd/op.hpp"

namespace unroll {

namespace detail {
struct Record;
class Backward;
}  // namespace detail

/// One recorded call during the walk back ("vector-Jacobian product").
class Vjp {
 public:
  Vjp(detail::Backward& backward, const detail::Record& record) : backward_(backward), record_(record) {}

  std::size_t input_count() const;
  std::size_t output_count() const;
  /// Saved input or output. Throws RuntimeError if Op::saved() did not ask for it.
  const Tensor& input(std::size_t k) const;
  const Tensor& output(std::size_t k = 0) const;
  TensorSpec input_spec(std::size_t k) const;
  TensorSpec output_spec(std::size_t k = 0) const;
  Shape input_shape(std::size_t k) const { return input_spec(k).shape; }

  /// Gradient of the target with respect to output k; zeros if nothing depends on that output.
  const Tensor& gradient(std::size_t k = 0);
  bool has_gradient(std::size_t k) const;
  /// Whether the gradient of input k is wanted. Computing others is wasted, not wrong.
  bool needs(std::size_t k) const;

  /// Removes what has been gathered for input k, by this call and by later ones, so that the caller can go on adding to
  /// it; null if there is nothing. It comes back by `add`.
  Tensor take(std::size_t k);
  /// The node of input k; see log.hpp.
  std::uint32_t node(std::size_t k) const;
  /// Adds to the gradient of input k. Throws ValueError unless `gradient` has that input's shape, TypeError unless it
  /// has its dtype.
  void add(std::size_t k, Tensor gradient);
  /// The same for an input that was broadcast: sums over the stretched dimensions first.
  void add_broadcast(std::size_t k, const Tensor& gradient);
  /// The same for a contribution that need not exist as a tensor of its own: `in_place(sum)` adds it to the tensor that
  /// gathers the gradient, `whole()` computes it with ops. The second is used for the first contribution, and when this
  /// backward pass is itself being recorded.
  template <class InPlace, class Whole>
  void add_into(std::size_t k, InPlace&& in_place, Whole&& whole) {
    if (!needs(k)) return;
    if (Tensor* sum = accumulator(k))
      in_place(*sum);
    else
      add(k, whole());
  }

  /// The transpose of input k, a matrix, if it is a variable: computed once in a backward pass however many calls used
  /// it. Null otherwise.
  Tensor transposed_weight(std::size_t k);

 private:
  Tensor* accumulator(std::size_t k);

  detail::Backward& backward_;
  const detail::Record& record_;
};

}  // namespace unroll
