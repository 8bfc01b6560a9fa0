#include "unroll/rnn/compile/step_interpreter.hpp"

#include <algorithm>

#include "unroll/core/creation.hpp"
#include "unroll/core/kernels/accumulate.hpp"

namespace unroll::compile {
namespace {

// Copies between the tensors of a sequence and those of a step.
class Rows {
 public:
  explicit Rows(const SequenceCall& call) : call_(call), batch_(call.layout.batch()), shortest_(call.time) {
    for (Index r = 0; r < batch_; ++r) shortest_ = std::min(shortest_, length(r));
  }

  Index shortest() const { return shortest_; }
  bool all_alive(Index t) const { return t < shortest_; }
  bool alive(Index r, Index t) const { return t < length(r); }
  /// f(first, count) for the runs of rows that have ended.
  template <class F>
  void for_each_ended(Index t, F&& f) const {
    for (Index r = 0; r < batch_ && !all_alive(t); ++r)
      if (!alive(r, t)) f(r);
  }

  /// Step t of a leaf: zeros in rows that have ended. A leaf that is null is all zeros.
  Tensor take(const Tensor& leaf, const TensorSpec& spec, Index t) const {
    std::size_t row = row_bytes(spec);
    if (leaf && in_place(t)) return Tensor::borrowed(spec, leaf.impl().data + place(0, t) * row);
    Tensor step(spec);
    std::byte* to = step.mutable_raw();
    if (!leaf || !all_alive(t)) std::memset(to, 0, step.bytes());
    for (Index r = 0; leaf && r < batch_; ++r)
      if (alive(r, t)) std::memcpy(to + r * row, leaf.raw() + place(r, t) * row, row);
    return step;
  }
  /// Writes the rows that are alive.
  void put(const Tensor& step, Tensor& leaf, Index t) const {
    std::size_t row = row_bytes(step.spec());
    std::byte* to = leaf.impl().data;
    if (in_place(t)) return void(std::memcpy(to + place(0, t) * row, step.raw(), step.bytes()));
    for (Index r = 0; r < batch_; ++r)
      if (alive(r, t)) std::memcpy(to + place(r, t) * row, step.raw() + r * row, row);
  }
  std::size_t row_bytes(const TensorSpec& spec) const {
    return static_cast<std::size_t>(spec.shape.size() / batch_) * size_of(spec.dtype);
  }

 private:
  Index length(Index r) const { return call_.layout.length(r); }
  bool in_place(Index t) const { return call_.time_major && !call_.reverse && all_alive(t); }
  Index place(Index r, Index t) const {
    Index step = call_.reverse ? length(r) - 1 - t : t;
    return call_.time_major ? step * batch_ + r : r * call_.time + step;
  }

  const SequenceCall& call_;
  Index batch_, shortest_;
};

// Scalars belong to no row and go on.
bool has_rows(const Tensor& x) { return x.rank() > 0; }

void fill_zeros(Tensor& x) {
  if (x) std::memset(x.impl().data, 0, x.bytes());
}

void add(Tensor& sum, const Tensor& x) {
  dispatch_floating("gradient", sum.dtype(), [&](auto zero) {
    using T = decltype(zero);
    kernels::add_to(sum.mutable_data<T>(), x.data<T>(), sum.size());
  });
}

}  // namespace

void run_node(const Trace& trace, std::uint32_t number, Environment& values) {
  const Trace::Node& n = trace.nodes()[number];
  CachedVector<const Tensor*> in;
  for (Trace::Id id : trace.inputs(n)) in.push_back(&values[id]);
  Inputs inputs(in.data(), in.size());
  std::span<Tensor> out(values.data() + n.first_output, n.output_count);
  if (n.op->view(inputs, out)) return;
  for (std::uint32_t k = 0; k < n.output_count; ++k) out[k] = Tensor(trace.values()[n.first_output + k].spec);
  n.op->forward(inputs, out);
}

StepInterpreter::StepInterpreter(const StepTrace& step, bool gradients)
    : step_(step), trace_(step.trace), code_(step, gradients) {
  for (std::size_t k = 0; k < trace_.values().size(); ++k) {
    const Trace::Value& v = trace_.values()[k];
    auto id = static_cast<Trace::Id>(k);
    bool leaf = std::find(step.leaves.begin(), step.leaves.end(), id) != step.leaves.end();
    if (v.source == Trace::Source::captured && !leaf) constants_.emplace_back(id, v.tensor);
  }
}

// Results that already have a tensor are written there.
void StepInterpreter::run(const StepOp& op, Environment& values, Index t, const SequenceCall& call,
                          std::span<Tensor> sums) const {
  const Trace::Node& n = trace_.nodes()[op.node];
  std::unique_ptr<MultiOp> drop;
  if (op.mask >= 0) {
    const SequenceMask& mask = call.masks[op.mask];
    drop = n.type->copy(*n.op);
    drop->set_stream(mask.words.stream + static_cast<std::uint64_t>(t) * mask.increment);
  }
  const MultiOp& what = drop ? *drop : *n.op;
  constexpr std::size_t few = 16;
  std::array<const Tensor*, few> in;
  CachedVector<const Tensor*> many(n.input_count > few ? n.input_count : 0);
  const Tensor** pointers = many.empty() ? in.data() : many.data();
  std::size_t k = 0;
  for (Trace::Id id : trace_.inputs(n)) pointers[k++] = &values[id];
  Inputs inputs(pointers, n.input_count);
  std::span<Tensor> out(values.data() + n.first_output, n.output_count);
  bool summed = false;
  if (op.sum >= 0) {
    Tensor at = borrowed(n.first_output, sums[op.sum].mutable_raw());
    summed = what.forward_add(inputs, at);
  }
  std::array<Tensor, few> views;
  bool viewed = !summed && n.output_count <= few && what.view(inputs, std::span(views).first(n.output_count));
  for (std::uint32_t o = 0; viewed && o < n.output_count; ++o) {
    if (out[o])
      std::memcpy(out[o].mutable_raw(), views[o].raw(), views[o].bytes());
    else
      out[o] = std::move(views[o]);
  }
  if (!summed && !viewed) {
    for (std::uint32_t o = 0; o < n.output_count; ++o)
      if (!out[o]) out[o] = Tensor(spec(n.first_output + o));
    what.forward(inputs, out);
    if (op.sum >= 0) {
      Tensor at = borrowed(n.first_output, sums[op.sum].mutable_raw());
      add(at, out[0]);
    }
  }
  for (Trace::Id id : op.last_reads) values[id].reset();
}

std::size_t StepInterpreter::state_size() const {
  std::size_t size = 0;
  for (Trace::Id id : step_.states)
    size += memory::aligned(static_cast<std::size_t>(spec(id).shape.size()) * size_of(spec(id).dtype));
  return size;
}

void StepInterpreter::load(Tensors& states, const void* from) const {
  const auto* at = static_cast<const std::byte*>(from);
  states.resize(step_.states.size());
  for (std::size_t k = 0; k < states.size(); ++k) {
    states[k] = Tensor(spec(step_.states[k]));
    std::memcpy(states[k].mutable_raw(), at, states[k].bytes());
    at += memory::aligned(states[k].bytes());
  }
}

void StepInterpreter::save(const Tensors& states, void* to) const {
  auto* at = static_cast<std::byte*>(to);
  for (const Tensor& s : states) {
    std::memcpy(at, s.raw(), s.bytes());
    at += memory::aligned(s.bytes());
  }
}

void StepInterpreter::forward(const ForwardCall& call, Environment values) const {
  for (std::uint32_t number : code_.before) run_node(trace_, number, values);
  if (call.layout.rows() < call.layout.batch() * call.time)
    for (Tensor& y : call.outputs) fill_zeros(y);
  Tensors states(call.states.begin(), call.states.end());
  for (const Tensor& s : states)
    if (Rows(call).shortest() < call.layout.steps() && has_rows(s) && s.shape(0) != call.layout.batch())
      raise<ValueError>("dynamic_rnn",
                        "with sequence_length, tensors of the state must be scalars or have one row for each of the ",
                        call.layout.batch(), " of the batch; one has shape ", s.shape());
  if (call.store) {
    for (memory::Step step; call.store->next(step);) take(call, step, states, values);
  } else {
    for (const Chunk& chunk : call.layout.chunks()) forward_chunk(call, chunk, nullptr, states, values);
  }
  for (std::size_t k = 0; k < states.size(); ++k)
    std::memcpy(call.final_states[k].mutable_raw(), states[k].raw(), states[k].bytes());
}

void StepInterpreter::take(const ForwardCall& call, const memory::Step& step, Tensors& states,
                           Environment& values) const {
  if (step.load)
    load(states, step.load);
  else if (step.chunk == 0)
    states.assign(call.states.begin(), call.states.end());
  if (step.save) save(states, step.save);
  forward_chunk(call, call.layout.chunks()[static_cast<std::size_t>(step.chunk)], static_cast<std::byte*>(step.kept),
                states, values);
}

void StepInterpreter::forward_chunk(const ForwardCall& call, const Chunk& chunk, std::byte* kept, Tensors& states,
                                    Environment& values) const {
  Rows rows(call);
  for (Index t = chunk.begin; t < chunk.end; ++t) {
    for (const StepOp& op : code_.forward) {
      const Trace::Node& n = trace_.nodes()[op.node];
      for (std::uint32_t o = 0; o < n.output_count; ++o) values[n.first_output + o].reset();
    }
    for (std::size_t k = 0; k < step_.inputs.size(); ++k)
      values[step_.inputs[k]] = rows.take(call.inputs[k], spec(step_.inputs[k]), t);
    for (std::size_t k = 0; k < states.size(); ++k) values[step_.states[k]] = states[k];
    for (const KeptValue& k : code_.kept) {
      if (!kept) break;
      Tensor place = borrowed(k.value, kept + k.offset);
      if (trace_.values()[k.value].source == Trace::Source::input)
        std::memcpy(place.mutable_raw(), values[k.value].raw(), place.bytes());
      else
        values[k.value] = std::move(place);
    }
    if (kept) kept += code_.kept_bytes;
    for (const StepOp& op : code_.forward) run(op, values, t, call, {});
    for (std::size_t k = 0; k < step_.outputs.size() && !call.replays; ++k)
      rows.put(values[step_.outputs[k]], call.outputs[k], t);
    for (std::size_t k = 0; k < states.size(); ++k) {
      Tensor before = std::exchange(states[k], values[step_.next_states[k]]);
      if (!has_rows(before)) continue;
      std::size_t row = rows.row_bytes(before.spec());
      rows.for_each_ended(
          t, [&](Index r) { std::memcpy(states[k].mutable_raw() + r * row, before.raw() + r * row, row); });
    }
  }
  // What is kept may give way to something else.
  for (Tensor& s : states)
    if (kept) s = s.clone();
}

CachedVector<Tensor> StepInterpreter::backward(const BackwardCall& call, Environment values) const {
  for (const auto& [id, tensor] : constants_) values[id] = tensor;
  for (std::uint32_t number : code_.before_backward) run_node(trace_, number, values);
  if (call.layout.rows() < call.layout.batch() * call.time)
    for (Tensor& dx : call.input_gradients) fill_zeros(dx);
  Tensors sums, gradients, states;
  for (std::size_t k = 0; k < step_.leaves.size(); ++k) {
    Tensor& sum = sums.emplace_back();
    if (step_.leaf_gradients[k]) fill_zeros(sum = Tensor(spec(step_.leaves[k])));
  }
  for (std::size_t k = 0; k < step_.states.size(); ++k) {
    TensorSpec of = spec(step_.states[k]);
    Tensor& g = gradients.emplace_back();
    if (is_floating(of.dtype)) g = call.final_gradients[k] ? call.final_gradients[k] : zeros(of.shape, of.dtype);
  }
  Environment replay_values;
  if (call.store.replays()) {
    replay_values = values;
    for (std::uint32_t number : code_.before) run_node(trace_, number, replay_values);
  }
  ForwardCall replay{static_cast<const SequenceCall&>(call), call.states, {}, {}, &call.store, true};
  for (memory::Step step; call.store.next(step);) {
    if (step.direction == memory::Step::Direction::forward)
      take(replay, step, states, replay_values);
    else
      backward_chunk(call, call.layout.chunks()[static_cast<std::size_t>(step.chunk)],
                     static_cast<const std::byte*>(step.kept), gradients, sums, values);
  }
  for (std::size_t k = 0; k < gradients.size(); ++k)
    if (call.state_gradients[k])
      std::memcpy(call.state_gradients[k].mutable_raw(), gradients[k].raw(), gradients[k].bytes());
  return sums;
}

void StepInterpreter::backward_chunk(const BackwardCall& call, const Chunk& chunk, const std::byte* kept,
                                     Tensors& states, Tensors& sums, Environment& values) const {
  Rows rows(call);
  kept += kept_size(chunk);
  for (Index t = chunk.end; t-- > chunk.begin;) {
    kept -= code_.kept_bytes;
    for (const StepOp& op : code_.backward) {
      const Trace::Node& n = trace_.nodes()[op.node];
      for (std::uint32_t o = 0; o < n.output_count; ++o) values[n.first_output + o].reset();
    }
    for (std::size_t k = 0; k < step_.inputs.size(); ++k)
      if (code_.reads_input[k]) values[step_.inputs[k]] = rows.take(call.inputs[k], spec(step_.inputs[k]), t);
    for (const KeptValue& k : code_.kept) values[k.value] = borrowed(k.value, const_cast<std::byte*>(kept + k.offset));
    for (std::size_t k = 0; k < step_.outputs.size(); ++k)
      if (is_floating(spec(step_.outputs[k]).dtype))
        values[step_.output_seeds[k]] = rows.take(call.output_gradients[k], spec(step_.outputs[k]), t);
    for (std::size_t k = 0; k < states.size(); ++k) {
      if (!states[k]) continue;
      Tensor& seed = values[step_.state_seeds[k]] = states[k];
      if (!has_rows(seed)) continue;
      std::size_t row = rows.row_bytes(seed.spec());
      rows.for_each_ended(t, [&](Index r) { std::memset(seed.mutable_raw() + r * row, 0, row); });
    }
    for (const StepOp& op : code_.backward) run(op, values, t, call, sums);
    for (const Contribution& c : code_.contributions) {
      Tensor at = borrowed(c.value, sums[c.leaf].mutable_raw());
      add(at, values[c.value]);
    }
    for (std::size_t k = 0; k < step_.inputs.size(); ++k)
      if (call.input_gradients[k]) rows.put(values[*step_.input_gradients[k]], call.input_gradients[k], t);
    for (std::size_t k = 0; k < states.size(); ++k) {
      if (!states[k]) continue;
      TensorSpec of = states[k].spec();
      const auto& id = step_.state_gradients[k];
      Tensor after = std::exchange(states[k], id ? values[*id] : zeros(of.shape, of.dtype));
      if (!has_rows(after)) continue;
      Index width = of.shape.size() / of.shape[0];
      dispatch_floating("gradient", of.dtype, [&](auto zero) {
        using T = decltype(zero);
        rows.for_each_ended(t, [&](Index r) {
          kernels::add_to(states[k].mutable_data<T>() + r * width, after.data<T>() + r * width, width);
        });
      });
    }
  }
}

}  // namespace unroll::compile
