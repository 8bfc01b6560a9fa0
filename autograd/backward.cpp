#include "unroll/autograd/backward.hpp"

#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/transpose.hpp"
#include "unroll/autograd/vjp.hpp"
#include "unroll/core/kernels/accumulate.hpp"

namespace unroll::detail {
namespace {
constexpr std::uint8_t is_between = 1, is_source = 2;
}

Backward::Backward(Log& log, const GradientTape& tape)
    : log_(log),
      tape_(tape),
      first_record_(tape.first_record_),
      last_record_(log.records().size()),
      first_node_(tape.first_node_),
      last_node_(log.next_node()) {
  gradients_.swap(log.gradients);
  needed_.swap(log.needed);
  transposed_.swap(log.transposed);
  gradients_.resize(last_node_ - first_node_);
  needed_.assign(last_node_ - first_node_, 0);
}

Backward::~Backward() {
  gradients_.clear();
  transposed_.clear();
  gradients_.swap(log_.gradients);
  needed_.swap(log_.needed);
  transposed_.swap(log_.transposed);
}

bool Backward::needed(std::uint32_t node) {
  if (node >= first_node_) return node < last_node_ && needed_[node - first_node_];
  if (node == 0 || outer_.empty()) return false;
  auto found = outer_.find(node);
  return found != outer_.end() && found->second.needed;
}

Tensor& Backward::gradient(std::uint32_t node) {
  return node >= first_node_ ? gradients_[node - first_node_] : outer_[node].gradient;
}

void Backward::mark_needed(const std::vector<std::uint32_t>& sources) {
  for (std::uint32_t node : sources) {
    if (node >= first_node_)
      needed_[node - first_node_] |= is_source;
    else if (node)
      outer_[node].needed = true;
  }
  tape_.for_each_record(last_record_, [&](const Record& r) {
    for (std::size_t i = 0; i < r.input_count; ++i)
      if (needed(r.inputs[i])) {
        for (std::size_t o = 0; o < r.output_count; ++o) needed_[r.first_output + o - first_node_] |= is_between;
        break;
      }
  });
}

void Backward::run() {
  for (std::size_t k = last_record_; k-- > first_record_;) {
    const Record r = log_.records()[k];  // a copy: the array may grow while this pass is recorded
    bool reached = false;
    for (std::size_t o = 0; o < r.output_count; ++o) {
      std::size_t at = r.first_output + o - first_node_;
      reached |= needed_[at] && gradients_[at].defined();
    }
    if (!reached) continue;
    Vjp vjp(*this, r);
    r.op->vjp(vjp);
    for (std::size_t at = r.first_output - first_node_, end = at + r.output_count; at < end; ++at)
      if (!(needed_[at] & is_source)) gradients_[at].reset();
  }
}

void Backward::add(std::uint32_t node, Tensor gradient) {
  Tensor& sum = this->gradient(node);
  if (!sum) {
    sum = std::move(gradient);
  } else if (recorded()) {
    sum = unroll::add(sum, gradient);
  } else if (sum.is_unique()) {
    dispatch_floating("gradient", sum.dtype(), [&](auto zero) {
      using T = decltype(zero);
      kernels::add_to(sum.mutable_data<T>(), gradient.data<T>(), sum.size());
    });
  } else {
    sum = unroll::add(sum, gradient);
  }
}

Tensor* Backward::accumulator(std::uint32_t node) {
  if (recorded()) return nullptr;
  Tensor& sum = gradient(node);
  if (!sum) return nullptr;
  if (!sum.is_unique()) sum = sum.clone();
  return &sum;
}

Tensor Backward::transposed_weight(const Tensor& matrix) {
  const TensorImpl* impl = &matrix.impl();
  if (!impl->leaf || recorded()) return {};
  for (auto& [known, result] : transposed_)
    if (known == impl) return result;
  return transposed_.emplace_back(impl, transpose(matrix)).second;
}

}  // namespace unroll::detail
