#pragma once
// The walk back over a range of records. For tape.cpp and vjp.cpp only.
#include <unordered_map>

#include "unroll/autograd/log.hpp"
#include "unroll/autograd/tape.hpp"
#include "unroll/autograd/trace.hpp"

namespace unroll {

template <class F>
void GradientTape::for_each_record(std::size_t last, F&& f) const {
  auto skip = skipped_.begin();
  for (std::size_t k = first_record_; k < last; ++k) {
    while (skip != skipped_.end() && k >= skip->second) ++skip;
    if (skip == skipped_.end() || k < skip->first) f(log_->records()[k]);
  }
}

namespace detail {

class Backward {
 public:
  Backward(Log& log, const GradientTape& tape);
  ~Backward();

  /// Marks what lies between `sources` and the end of the range.
  void mark_needed(const std::vector<std::uint32_t>& sources);
  void run();
  /// The gathered gradient of a node; null if there is none.
  Tensor& gradient(std::uint32_t node);
  bool needed(std::uint32_t node);
  void add(std::uint32_t node, Tensor gradient);
  /// The tensor that gathers the gradient of `node`, if there is one yet and it may be written to.
  Tensor* accumulator(std::uint32_t node);
  /// Whether what the backward pass computes is itself recorded, by an outer tape or a trace.
  bool recorded() const { return log_.recording() || Trace::active(); }
  Tensor transposed_weight(const Tensor& matrix);

 private:
  struct Outer {  // nodes from before the range: sources of an inner tape that an outer one made
    Tensor gradient;
    bool needed = false;
  };

  Log& log_;
  const GradientTape& tape_;
  std::size_t first_record_, last_record_;
  std::uint32_t first_node_, last_node_;
  std::vector<Tensor> gradients_;
  std::vector<std::uint8_t> needed_;
  std::unordered_map<std::uint32_t, Outer> outer_;
  std::vector<std::pair<const TensorImpl*, Tensor>> transposed_;
};

}  // namespace detail
}  // namespace unroll
