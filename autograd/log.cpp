#include "unroll/autograd/log.hpp"

#include <algorithm>
#include <atomic>
#include <utility>

namespace unroll::detail {
namespace {
std::atomic<std::uint64_t> last_log_id{0};
std::atomic<std::uint32_t> last_leaf{0};
}  // namespace

namespace {
Log*& current_log() {
  thread_local Log own;
  thread_local Log* current = &own;
  return current;
}
}  // namespace

Log& thread_log() { return *current_log(); }

UseLog::UseLog(Log& log) : before_(std::exchange(current_log(), &log)) {}
UseLog::~UseLog() { current_log() = before_; }

std::uint32_t new_leaf(bool trainable) { return (++last_leaf << 1) | (trainable ? 1 : 0); }

void* Arena::allocate(std::size_t bytes, std::size_t alignment) {
  for (;; ++chunk_, used_ = 0) {
    if (chunk_ == chunks_.size()) {
      sizes_.push_back(std::max(chunk_bytes, bytes + alignment));
      chunks_.push_back(std::make_unique_for_overwrite<std::byte[]>(sizes_.back()));
    }
    void* at = chunks_[chunk_].get() + used_;
    std::size_t left = sizes_[chunk_] - used_;
    if (std::align(alignment, bytes, at, left)) {
      used_ = sizes_[chunk_] - left + bytes;
      return at;
    }
  }
}

TensorSpec Record::spec(std::size_t k) const {
  const Index* at = specs + k * spec_size;
  return {Shape(std::span(at + 1, static_cast<std::size_t>(*at & 15))), static_cast<DType>(*at >> 4)};
}

static void write_spec(const TensorSpec& spec, Index* to) {
  *to = static_cast<Index>(spec.dtype) * 16 + spec.shape.rank();
  std::copy(spec.shape.begin(), spec.shape.end(), to + 1);
}

std::uint32_t Log::node(const Tensor& tensor) {
  const TensorImpl& impl = tensor.impl();
  if (impl.position.log == id_ && impl.position.node) return impl.position.node;
  if (std::uint32_t leaf = impl.leaf.load(std::memory_order_relaxed)) {
    std::uint32_t number = leaf >> 1;
    if (number < leaf_nodes_.size() && leaf_nodes_[number]) return leaf_nodes_[number];
    return leaf_is_trainable(leaf) && !tapes_.empty() ? watch(tensor) : 0;
  }
  if (!watched_.empty())
    if (auto found = watched_.find(&impl); found != watched_.end()) return found->second.second;
  return 0;
}

std::uint32_t Log::watch(const Tensor& tensor) {
  const TensorImpl& impl = tensor.impl();
  if (impl.position.log == id_ && impl.position.node) return impl.position.node;
  if (std::uint32_t number = impl.leaf >> 1) {
    if (number >= leaf_nodes_.size()) leaf_nodes_.resize(number + 1);
    if (!leaf_nodes_[number]) {
      leaf_nodes_[number] = next_node_++;
      leaves_.push_back(number);
    }
    return leaf_nodes_[number];
  }
  auto [entry, is_new] = watched_.try_emplace(&impl, tensor, next_node_);
  if (is_new) ++next_node_;
  return entry->second.second;
}

void Log::record(MultiOp& op, const OpType& type, Inputs inputs, std::span<Tensor> outputs) {
  std::size_t n = inputs.size(), m = outputs.size();
  std::uint32_t any = 0;
  for (std::size_t k = 0; k < n; ++k) any |= node(inputs[k]);
  if (!any) return;

  Record r{};
  r.inputs = arena_.allocate<std::uint32_t>(n);
  for (std::size_t k = 0; k < n; ++k) r.inputs[k] = node(inputs[k]);
  r.input_count = static_cast<std::uint32_t>(n);
  r.output_count = static_cast<std::uint32_t>(m);
  r.first_output = next_node_;
  auto tensor = [&](std::size_t k) -> const Tensor& { return k < n ? inputs[k] : outputs[k - n]; };
  int rank = 0;
  for (std::size_t k = 0; k < n + m; ++k) rank = std::max(rank, tensor(k).rank());
  r.spec_size = 1 + static_cast<std::uint32_t>(rank);
  Saved saved = op.saved();
  r.saved = arena_.allocate<Tensor>(n + m);
  Index* spec = r.specs = arena_.allocate<Index>((n + m) * r.spec_size);
  for (std::size_t k = 0; k < n + m; ++k) {
    const Tensor& t = tensor(k);
    std::uint32_t bit = std::uint32_t{1} << std::min<std::size_t>(k < n ? k : k - n, 31);
    new (r.saved + k) Tensor((k < n ? saved.inputs : saved.outputs) & bit ? t : Tensor());
    write_spec(t.spec(), spec);
    spec += r.spec_size;
  }
  r.op = type.move(arena_.allocate(type.size, type.alignment), op);
  records_.push_back(r);
  for (Tensor& out : outputs) follow(out);
}

void Log::record(MultiOp& op, const OpType& type, std::span<const Input> inputs, std::span<Tensor> outputs) {
  std::size_t n = inputs.size(), m = outputs.size();
  Record r{};
  r.inputs = arena_.allocate<std::uint32_t>(n);
  for (std::size_t k = 0; k < n; ++k) r.inputs[k] = inputs[k].node;
  r.input_count = static_cast<std::uint32_t>(n);
  r.output_count = static_cast<std::uint32_t>(m);
  r.first_output = next_node_;
  auto spec = [&](std::size_t k) { return k < n ? inputs[k].spec : outputs[k - n].spec(); };
  int rank = 0;
  for (std::size_t k = 0; k < n + m; ++k) rank = std::max(rank, spec(k).shape.rank());
  r.spec_size = 1 + static_cast<std::uint32_t>(rank);
  r.saved = arena_.allocate<Tensor>(n + m);
  r.specs = arena_.allocate<Index>((n + m) * r.spec_size);
  for (std::size_t k = 0; k < n + m; ++k) {
    new (r.saved + k) Tensor();
    write_spec(spec(k), r.specs + k * r.spec_size);
  }
  r.op = type.move(arena_.allocate(type.size, type.alignment), op);
  records_.push_back(r);
  for (Tensor& out : outputs) follow(out);
}

std::uint32_t Log::follow(Tensor& fresh) {
  fresh.impl().position = {id_, next_node_};
  return next_node_++;
}

bool Log::is_leaf(std::uint32_t node) const {
  auto is_node = [&](std::uint32_t leaf) { return leaf_nodes_[leaf] == node; };
  auto is_watched = [&](const auto& entry) { return entry.second.second == node; };
  return std::any_of(leaves_.begin(), leaves_.end(), is_node) ||
         std::any_of(watched_.begin(), watched_.end(), is_watched);
}

void Log::open(GradientTape* tape) {
  if (tapes_.empty()) id_ = ++last_log_id;
  tapes_.push_back(tape);
  start_recording();
}

void Log::close(GradientTape* tape) {
  std::erase(tapes_, tape);
  if (tapes_.empty()) clear();
}

bool Log::is_open(const GradientTape* tape) const {
  return std::find(tapes_.begin(), tapes_.end(), tape) != tapes_.end();
}

void Log::forget(std::size_t first_record) {
  for (std::size_t k = records_.size(); k-- > first_record;) {
    Record& r = records_[k];
    for (std::size_t i = 0; i < std::size_t{r.input_count} + r.output_count; ++i) r.saved[i].~Tensor();
    r.op->~MultiOp();
  }
  records_.resize(first_record);
}

void Log::rewind(const Mark& mark) {
  forget(mark.records);
  arena_.rewind(mark.arena);
}

void Log::clear() {
  forget(0);
  arena_.clear();
  for (std::uint32_t number : leaves_) leaf_nodes_[number] = 0;
  leaves_.clear();
  watched_.clear();
  next_node_ = 1;
  id_ = ++last_log_id;
}

}  // namespace unroll::detail
