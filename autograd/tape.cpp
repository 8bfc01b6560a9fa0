#include "unroll/autograd/tape.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "unroll/autograd/backward.hpp"
#include "unroll/core/creation.hpp"

namespace unroll {
namespace {
constexpr std::string_view who = "GradientTape";

void check_floating(const Tensor& t, std::string_view what) {
  if (!is_floating(t.dtype()))
    raise<TypeError>(who, what, " is ", t.dtype(), "; only float32 and float64 have gradients");
}

// Lists of one gradient() call, in memory that the log keeps. A call inside another has its own.
struct Scratch : detail::GradientLists {
  detail::Log& log;
  explicit Scratch(detail::Log& l) : log(l) { std::swap<detail::GradientLists>(*this, log.lists); }
  ~Scratch() {
    targets.clear();
    weights.clear();
    nodes.clear();
    std::swap<detail::GradientLists>(*this, log.lists);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
};

}  // namespace

GradientTape::GradientTape(GradientTapeOptions options)
    : options_(options),
      log_(&detail::thread_log()),
      first_record_(log_->records().size()),
      first_node_(log_->next_node()) {
  log_->open(this);
}

GradientTape::~GradientTape() {
  if (log_ != &detail::thread_log() || !log_->is_open(this)) return;
  if (!paused_ && !ended_) log_->stop_recording();
  log_->close(this);
}

void GradientTape::check_usable() const {
  if (log_ != &detail::thread_log()) raise<RuntimeError>(who, "a tape can only be used on the thread that made it");
  if (ended_)
    raise<RuntimeError>(who, "the tape has ended: gradient() may be called once unless the tape is persistent");
}

void GradientTape::watch(const Tensor& tensor) {
  check_usable();
  check_floating(tensor, "the tensor to watch");
  watched_.push_back(log_->watch(tensor));
}

void GradientTape::watch(const Nest& tensors) {
  tensors.for_each([&](const Tensor& t) { watch(t); });
}

void GradientTape::pause() {
  check_usable();
  if (paused_++ > 0) return;
  skipped_.emplace_back(log_->records().size(), ~std::size_t{0});
  log_->stop_recording();
}

void GradientTape::resume() {
  if (--paused_ > 0) return;
  skipped_.back().second = log_->records().size();
  if (!ended_) log_->start_recording();
}

std::vector<Variable> GradientTape::watched_variables() const {
  check_usable();
  std::vector<std::uint8_t>& used = log_->needed;  // by node
  used.assign(log_->next_node(), 0);
  for (std::uint32_t node : watched_) used[node] = true;
  if (options_.watch_accessed_variables)
    for_each_record(log_->records().size(), [&](const detail::Record& r) {
      for (std::size_t i = 0; i < r.input_count; ++i) used[r.inputs[i]] = true;
    });
  std::vector<Variable> variables;
  for (std::uint32_t leaf : log_->leaves()) {
    std::uint32_t node = log_->leaf_node(leaf);
    if (!used[node]) continue;
    Variable variable = Variable::with_id(leaf);
    bool asked_for = std::find(watched_.begin(), watched_.end(), node) != watched_.end();
    if (variable.defined() && (asked_for || variable.trainable())) variables.push_back(variable);
  }
  std::sort(variables.begin(), variables.end(), [](const Variable& a, const Variable& b) { return a.id() < b.id(); });
  return variables;
}

std::size_t GradientTape::size() const {
  if (ended_) return 0;
  std::size_t count = 0;
  for (std::size_t k = first_record_; k < log_->records().size(); ++k)
    count += std::max<std::size_t>(1, log_->records()[k].op->steps().size());
  return count;
}

std::vector<TapeRecord> GradientTape::records() const {
  std::vector<TapeRecord> all;
  if (ended_) return all;
  for_each_record(log_->records().size(), [&](const detail::Record& r) {
    std::vector<TapeRecord> steps = r.op->steps();
    all.insert(all.end(), steps.begin(), steps.end());
    if (!steps.empty()) return;
    TapeRecord& call = all.emplace_back(TapeRecord{std::string(r.op->name())});
    for (const Tensor& t : std::span(r.saved, std::size_t{r.input_count} + r.output_count))
      if (t) call.bytes += static_cast<Index>(t.bytes());
  });
  return all;
}

// Source: Tensor or Variable.
template <class Source>
void GradientTape::compute(const Nest& target, const std::vector<Source>& sources, std::vector<Tensor>& results,
                           const GradientOptions& options) {
  check_usable();
  Scratch scratch(*log_);
  std::vector<Tensor>&targets = scratch.targets, &weights = scratch.weights;
  target.for_each([&](const Tensor& t) { targets.push_back(t); });
  weights.resize(targets.size());
  for (const Tensor& t : targets) check_floating(t, "the target");
  for (const Tensor& s : sources) check_floating(s, "a source");
  bool weighted = !options.output_gradients.is_leaf() || options.output_gradients.leaf().defined();
  if (weighted) {
    options.output_gradients.assert_same_structure(who, "output_gradients", target);
    weights.clear();
    options.output_gradients.for_each([&](const Tensor& w) { weights.push_back(w); });
    for (std::size_t k = 0; k < targets.size(); ++k)
      if (weights[k] && weights[k].spec() != targets[k].spec())
        raise<ValueError>(who, "output_gradients has a tensor ", weights[k].spec(), " for a target ",
                          targets[k].spec());
  }

  std::optional<Pause> pause;
  if (options_.persistent) {
    pause.emplace(*this);
  } else {
    if (!paused_) log_->stop_recording();
    ended_ = true;
  }
  std::vector<std::uint32_t>& nodes = scratch.nodes;
  for (const Tensor& s : sources) {
    std::uint32_t node = log_->node(s);
    std::uint32_t leaf = s.impl().leaf;
    bool followed = leaf ? options_.watch_accessed_variables && detail::leaf_is_trainable(leaf) : node >= first_node_;
    followed |= std::find(watched_.begin(), watched_.end(), node) != watched_.end();
    nodes.push_back(followed ? node : 0);
  }
  results.assign(sources.size(), {});
  {
    detail::Backward backward(*log_, *this);
    backward.mark_needed(nodes);
    for (std::size_t k = 0; k < targets.size(); ++k) {
      std::uint32_t node = log_->node(targets[k]);
      if (!backward.needed(node) || (weighted && !weights[k])) continue;
      backward.add(node, weighted ? weights[k] : ones(targets[k].shape(), targets[k].dtype()));
    }
    backward.run();
    for (std::size_t k = 0; k < sources.size(); ++k)
      if (backward.needed(nodes[k])) results[k] = backward.gradient(nodes[k]);
  }
  if (ended_) log_->close(this);
  if (options.unconnected_gradients == Unconnected::zero)
    for (std::size_t k = 0; k < sources.size(); ++k)
      if (!results[k]) results[k] = zeros(sources[k].shape(), sources[k].dtype());
}

Tensor GradientTape::gradient(const Nest& target, const Tensor& source, const GradientOptions& options) {
  return gradient(target, std::vector<Tensor>{source}, options)[0];
}

std::vector<Tensor> GradientTape::gradient(const Nest& target, const std::vector<Tensor>& sources,
                                           const GradientOptions& options) {
  std::vector<Tensor> gradients;
  compute(target, sources, gradients, options);
  return gradients;
}

std::vector<Tensor> GradientTape::gradient(const Nest& target, const std::vector<Variable>& sources,
                                           const GradientOptions& options) {
  std::vector<Tensor> gradients;
  compute(target, sources, gradients, options);
  return gradients;
}

void GradientTape::gradient(const Nest& target, const std::vector<Variable>& sources, std::vector<Tensor>& gradients,
                            const GradientOptions& options) {
  compute(target, sources, gradients, options);
}

Nest GradientTape::gradient(const Nest& target, const Nest& sources, const GradientOptions& options) {
  return sources.pack(gradient(target, sources.flatten(), options));
}

}  // namespace unroll
