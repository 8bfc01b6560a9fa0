#include "unroll/autograd/trace.hpp"

#include <algorithm>
#include <atomic>

namespace unroll {
namespace {

thread_local Trace* current = nullptr;
std::atomic<std::uint64_t> last_symbol{0};
constexpr std::uint64_t symbols_of_a_trace = std::uint64_t{1} << 24;

bool is_number(const Trace::Value& v) {
  return v.source == Trace::Source::captured && !v.followed && v.spec.shape.rank() == 0;
}

}  // namespace

Trace::Trace()
    : outer_(std::exchange(current, this)),
      log_(&detail::thread_log()),
      first_symbol_(last_symbol.fetch_add(symbols_of_a_trace, std::memory_order_relaxed) + 1) {
  use_log_.emplace(own_log_);
}

Trace::~Trace() { finish(); }

void Trace::finish() {
  if (!active_) return;
  active_ = false;
  use_log_.reset();
  current = outer_;
}

void Trace::release_tensors() {
  for (Value& v : values_)
    if (!is_number(v)) v.tensor.reset();
}

Trace* Trace::active() { return current; }

Tensor Trace::input(const TensorSpec& spec) {
  auto number = static_cast<std::uint32_t>(values_.size());
  values_.push_back({spec, Source::input, {}, 0, true, number, 0});
  return Tensor::symbolic(spec, first_symbol_ + number);
}

bool Trace::is_symbolic(const Tensor& tensor) const {
  const detail::TensorImpl& impl = tensor.impl();
  return impl.symbol || impl.leaf.load(std::memory_order_relaxed) || log_->node(tensor);
}

Trace::Id Trace::id(const Tensor& tensor) {
  const detail::TensorImpl& impl = tensor.impl();
  if (impl.symbol) {
    if (impl.symbol < first_symbol_ || impl.symbol - first_symbol_ >= values_.size())
      raise<SymbolicTensorError>("Trace", "a tensor ", tensor.spec(),
                                 " of an earlier trace is used: the cell has kept it since another call");
    return static_cast<Id>(impl.symbol - first_symbol_);
  }
  std::uint32_t leaf = impl.leaf;
  for (std::size_t k = 0; k < values_.size(); ++k)
    if (values_[k].tensor && values_[k].tensor.is_same(tensor)) return static_cast<Id>(k);
  bool followed = leaf ? detail::leaf_is_trainable(leaf) : log_->node(tensor) != 0;
  values_.push_back({tensor.spec(), leaf ? Source::variable : Source::captured, tensor, leaf, followed,
                     static_cast<std::uint32_t>(values_.size()), 0});
  if (followed && !leaf && detail::thread_log().recording()) detail::thread_log().watch(tensor);
  return static_cast<Id>(values_.size() - 1);
}

bool Trace::add(MultiOp& op, const detail::OpType& type, Inputs inputs, std::span<Tensor> outputs) {
  bool symbolic = false;
  for (std::size_t k = 0; k < inputs.size(); ++k) symbolic |= is_symbolic(inputs[k]);
  symbolic |= op.lowering().kind == Lowering::Kind::dropout;  // another mask at every step
  if (!symbolic) return false;
  detail::Log& log = detail::thread_log();
  bool records = log.recording() && op.differentiable();
  {
    std::optional<detail::Log> none;
    std::optional<detail::UseLog> unrecorded;
    if (records) {
      none.emplace();
      unrecorded.emplace(*none);
    }
    if (op.decompose(inputs, outputs)) {
      unrecorded.reset();
      if (records) log.record(op, type, inputs, outputs);
      return true;
    }
  }
  CachedVector<TensorSpec> specs(outputs.size());
  op.infer(inputs, specs);
  Node node{&type,
            type.copy(op),
            static_cast<std::uint32_t>(operands_.size()),
            static_cast<std::uint32_t>(inputs.size()),
            0,
            static_cast<std::uint32_t>(outputs.size())};
  for (std::size_t k = 0; k < inputs.size(); ++k) operands_.push_back(id(inputs[k]));
  node.first_output = static_cast<Id>(values_.size());
  for (std::size_t k = 0; k < outputs.size(); ++k) {
    values_.push_back({specs[k],
                       Source::node,
                       {},
                       0,
                       true,
                       static_cast<std::uint32_t>(nodes_.size()),
                       static_cast<std::uint32_t>(k)});
    outputs[k] = Tensor::symbolic(specs[k], first_symbol_ + values_.size() - 1);
  }
  nodes_.push_back(std::move(node));
  if (records) log.record(op, type, inputs, outputs);
  return true;
}

void Trace::refuse(std::string_view reason) {
  if (refusal_.empty()) refusal_ = reason;
}

bool Trace::begins_with(const Trace& other) const {
  if (values_.size() < other.values_.size() || nodes_.size() < other.nodes_.size() ||
      operands_.size() < other.operands_.size() || refusal_ != other.refusal_ ||
      !std::equal(other.operands_.begin(), other.operands_.end(), operands_.begin()))
    return false;
  for (std::size_t k = 0; k < other.values_.size(); ++k) {
    const Value &a = values_[k], &b = other.values_[k];
    if (a.source != b.source || a.leaf != b.leaf || a.followed != b.followed || a.node != b.node ||
        a.index != b.index || a.spec != b.spec)
      return false;
    if (is_number(a) && !bit_equal(a.tensor, b.tensor)) return false;
  }
  for (std::size_t k = 0; k < other.nodes_.size(); ++k) {
    const Node &a = nodes_[k], &b = other.nodes_[k];
    if (a.type != b.type || a.output_count != b.output_count || !a.type->same(*a.op, *b.op)) return false;
  }
  return true;
}

bool Trace::same_but_for_sizes(const Trace& other) const {
  if (values_.size() != other.values_.size() || nodes_.size() != other.nodes_.size() || operands_ != other.operands_ ||
      refusal_ != other.refusal_)
    return false;
  for (std::size_t k = 0; k < values_.size(); ++k) {
    const Value &a = values_[k], &b = other.values_[k];
    if (a.source != b.source || a.leaf != b.leaf || a.node != b.node || a.index != b.index ||
        a.spec.dtype != b.spec.dtype)
      return false;
    if (is_number(a) != is_number(b) || (is_number(a) && !bit_equal(a.tensor, b.tensor))) return false;
  }
  for (std::size_t k = 0; k < nodes_.size(); ++k) {
    Lowering a = nodes_[k].op->lowering(), b = other.nodes_[k].op->lowering();
    if (nodes_[k].type != other.nodes_[k].type || a.op != b.op || a.transpose_a != b.transpose_a ||
        a.transpose_b != b.transpose_b || a.axis != b.axis || a.numbers != b.numbers)
      return false;
  }
  return true;
}

}  // namespace unroll
