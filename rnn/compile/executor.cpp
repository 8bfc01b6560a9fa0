#include "unroll/rnn/compile/executor.hpp"

#include <algorithm>
#include <bit>

#include "unroll/core/kernels/blocked.hpp"
#include "unroll/rnn/compile/backward_worker.hpp"
#include "unroll/rnn/compile/forward_worker.hpp"

namespace unroll::compile {
namespace {

// The width of blocks: a compromise of wide instructions and few padded columns. It is the order in which rows are
// summed; then it must not hang on whether there is a backward pass, or on what that makes the forward one keep: only
// products and reductions count.
template <class T>
int choose_lanes(const Plan& plan) {
  constexpr double instruction = 7, reduction = 20;  // on a number, in multiply-adds; a reduction with all around it
  std::vector<const Matrix*> matrices;
  const Pass &forward = plan.forward, &backward = plan.backward;
  bool sums_rows = std::any_of(forward.programs.begin(), forward.programs.end(),
                               [](const Program& program) { return program.reduces; });
  if (sums_rows) {
    for (const Product& product : forward.products)
      for (const Product::Factor& term : product.terms)
        for (int m : plan.packings[term.packing]) matrices.push_back(&plan.matrices[m]);
  } else {
    for (const Matrix& m : plan.matrices) matrices.push_back(&m);
  }
  int best = 0;
  double least = 0;
  for (int lanes : kernels::block_lanes<T>()) {
    auto padded = [&](Index width) { return static_cast<double>((width + lanes - 1) / lanes * lanes); };
    double cost = 0;
    for (const Matrix* m : matrices) cost += static_cast<double>(m->k) * padded(m->n);
    cost /= kernels::matmul_kernels<T>(lanes).speed;
    for (const Pass* pass : {&forward, &backward}) {
      if (pass == &backward && (sums_rows || !plan.has_backward)) continue;
      for (const Program& program : pass->programs)
        for (const Program::Instruction& i : program.instructions)
          if (!sums_rows || kernels::is_reduction(i.op))
            cost += (sums_rows ? reduction : instruction) * i.parts * padded(program.width);
    }
    if (best == 0 || cost < least) {
      best = lanes;
      least = cost;
    }
  }
  return best;
}

// No result is shared by all columns.
bool can_be_cut(const Program& program) {
  if (program.reduces) return false;
  for (const Program::Instruction& i : program.instructions) {
    const Program::Register& out = program.registers[i.out];
    if (out.width == 1 && out.ref.kind != Ref::Kind::temporary) return false;
  }
  return true;
}

}  // namespace

template <class T>
Executor<T>::Executor(const Plan& plan)
    : plan_(plan),
      lanes_(choose_lanes<T>(plan)),
      lanes_shift_(std::countr_zero(static_cast<unsigned>(lanes_))),
      matmul_(kernels::matmul_kernels<T>(lanes_)) {
  forward_ = compile(plan.forward);
  if (plan.has_backward) backward_ = compile(plan.backward);
}

template <class T>
auto Executor<T>::compile(const Pass& pass) const -> Compiled {
  Compiled c;
  for (const Program& program : pass.programs) {
    auto& code = c.programs.emplace_back();
    auto& narrow = c.narrow.emplace_back();
    c.can_be_cut.push_back(can_be_cut(program));
    for (const Program::Instruction& i : program.instructions) {
      code.push_back({kernels::tile_function<T>(i.op, lanes_), i.out, {}, i.parts});
      std::copy(i.in.begin(), i.in.end(), code.back().in);
      narrow.push_back(program.registers[i.out].width == 1 && !kernels::is_reduction(i.op));
    }
  }
  for (const Product& product : pass.products)
    for (const Product::Factor& term : product.terms) c.packings.push_back(term.packing);
  std::sort(c.packings.begin(), c.packings.end());
  c.packings.erase(std::unique(c.packings.begin(), c.packings.end()), c.packings.end());
  PassCosts& costs = c.costs;
  for (std::size_t stage = 0; stage < pass.stages.size(); ++stage)
    for (const Kernel& kernel : pass.stages[stage]) {
      double one = cost(plan_, pass, kernel);
      if (stage % 2 == 0) {
        costs.between += one;
        continue;
      }
      ++costs.loop_kernels;
      if (kernel.kind == Kernel::Kind::program) {
        costs.loop_programs += one;
        costs.cuts_loops = costs.cuts_loops && c.can_be_cut[static_cast<std::size_t>(kernel.index)];
      } else {
        costs.loop_products += one;
      }
    }
  return c;
}

template <class T>
TeamCosts Executor<T>::team_costs(int threads) const {
  return TeamCosts::of(threads, lanes_, static_cast<int>(sizeof(T)));
}

// Larger steps wait for memory, not for other workers' rows, and their sums are faster over rows in one piece.
template <class T>
Parting Executor<T>::parting(int threads, const RowLayout& layout) const {
  constexpr double large = 300000;
  if (threads == 1 || forward_.costs.loop_products >= large || backward_.costs.loop_products >= large) return {};
  const TeamCosts team = team_costs(threads);
  if (!team.are_faster(forward_.costs, layout) || (plan_.has_backward && !team.are_faster(backward_.costs, layout)))
    return {};
  Index rows = 2 * threads;
  while (team.share_columns(forward_.costs, rows) || team.share_columns(backward_.costs, rows)) ++rows;
  return {threads, rows};
}

template <class T>
Index Executor<T>::kept_size(const Chunk& chunk) const {
  Index size = 0;
  for (const Buffer& b : plan_.buffers)
    if (is_kept(b)) size += blocks(b.width) * stride(rows_of(b, chunk));
  return size;
}

template <class T>
Index Executor<T>::state_size(const Chunk& chunk) const {
  Index size = 0;
  for (const Copy& copy : plan_.forward.states) size += blocks(copy.width) * chunk.lead * lanes_;
  return size;
}

// Memory for all buffers that are not kept, and what does not change in time.
template <class T>
void Executor<T>::prepare(const SequenceCall& call, const Pass& pass, bool keeps, int slots) {
  const RowLayout& layout = call.layout;
  Index step_stride = stride(layout.most_rows()), chunk_stride = stride(layout.largest_chunk()),
        state_stride = stride(layout.largest_chunk() + layout.most_rows()), size = 0;
  places_.assign(plan_.buffers.size(), {});
  second_.assign(plan_.buffers.size(), {});
  for (int round : {0, 1}) {
    T* p = round ? buffer_memory_.resize(size * slots) : nullptr;
    for (std::size_t k = 0; k < plan_.buffers.size(); ++k) {
      const Buffer& b = plan_.buffers[k];
      auto take = [&](CachedVector<Place>& places, Index block_stride) {
        Index count = blocks(b.width) * block_stride;
        if (round) {
          places[k] = {p, block_stride};
          p += count;
        } else {
          size += count;
        }
      };
      switch (b.place) {
        case Buffer::Place::step:
          take(places_, step_stride);
          break;
        case Buffer::Place::chunk:
          take(places_, chunk_stride);
          break;
        case Buffer::Place::kept:
          if (!keeps) take(places_, chunk_stride);
          break;
        case Buffer::Place::state:
          if (!keeps || !is_kept(b)) take(places_, state_stride);
          take(second_, step_stride);
          break;
        case Buffer::Place::gradient:
          take(places_, step_stride);
          take(second_, step_stride);
          break;
      }
    }
  }

  slot_size_ = size;

  Index packed = 0;
  const Compiled& compiled = &pass == &plan_.forward ? forward_ : backward_;
  for (int k : compiled.packings) packed += packed_size(plan_.packings[k]);
  T* p = packed_memory_.resize(packed);
  packed_.assign(plan_.packings.size(), nullptr);
  for (int k : compiled.packings) {
    packed_[k] = p;
    p += packed_size(plan_.packings[k]);
  }
  fill_vectors(call.environment);

  Index largest = 0;
  for (const Program& program : pass.programs) {
    Index tile = program.reduces ? blocks(program.width) * reduced_rows(program) * lanes_
                                 : std::max<Index>(2 * tile_numbers, lanes_);
    largest = std::max(largest, tile * program.temporaries);
  }
  temporaries_.resize(std::max(temporaries_.size(), static_cast<std::size_t>(call.threads)));
  row_index_.resize(std::max(row_index_.size(), static_cast<std::size_t>(call.threads)));
  mask_rows_.resize(row_index_.size());
  prepared_.resize(row_index_.size());
  Index mask = 0;
  for (const Copy& copy : pass.masks) mask = std::max(mask, copy.width);
  for (int k = 0; k < call.threads; ++k) {
    temporaries_[k].resize(largest);
    mask_rows_[k].resize(layout.largest_chunk() * mask);  // for all rows: it may turn out to be the only thread
    row_index_[k].resize(static_cast<std::size_t>(layout.largest_chunk() + layout.most_rows()));
  }
}

template <class T>
void Executor<T>::fill_vectors(const Environment& environment) {
  Index size = static_cast<Index>(plan_.numbers.size()) * lanes_;
  for (const ColumnVector& c : plan_.columns) size += blocks(c.width) * lanes_;
  for (const Bias& b : plan_.biases) size += blocks(b.width) * lanes_;
  T* p = vector_memory_.resize(size);
  auto take = [&](Index width) {
    T* at = p;
    Index count = blocks(width) * lanes_;
    std::fill_n(at, count, T{0});
    p += count;
    return at;
  };
  numbers_.clear();
  columns_.clear();
  biases_.clear();
  for (double number : plan_.numbers) std::fill_n(numbers_.emplace_back(take(1)), lanes_, static_cast<T>(number));
  for (const ColumnVector& c : plan_.columns) {
    T* to = columns_.emplace_back(take(c.width));
    const Tensor& tensor = environment[c.tensor];
    if (!tensor) continue;
    const T* from = tensor.data<T>() + c.first;
    if (c.single)
      std::fill_n(to, lanes_, *from);
    else
      std::copy_n(from, c.width, to);
  }
  for (const Bias& b : plan_.biases) {
    T* to = biases_.emplace_back(take(b.width));
    Index count = b.width == 1 ? lanes_ : b.width;
    for (int k : b.columns)
      for (Index j = 0; j < count; ++j) to[j] += columns_[k][plan_.columns[k].single ? 0 : j];
    for (int k : b.numbers)
      for (Index j = 0; j < count; ++j) to[j] += numbers_[k][0];
  }
}

template <class T>
Index Executor<T>::packed_size(const std::vector<int>& packing) const {
  const Matrix& m = plan_.matrices[packing[0]];
  auto count = static_cast<Index>(packing.size());
  if (m.n == 1) return blocks(m.k) * lanes_;
  if (is_joined(m.n)) return kernels::packed_size<T>(lanes_, m.k, count * blocks(m.n) * lanes_);
  return count * kernels::packed_size<T>(lanes_, m.k, m.n);
}

// One of `parts` equal parts of a packing.
template <class T>
void Executor<T>::pack(const Environment& environment, int index, Index part, Index parts) {
  const std::vector<int>& packing = plan_.packings[index];
  const Matrix& first = plan_.matrices[packing[0]];
  auto count = static_cast<Index>(packing.size());
  T* to = packed_[index];
  bool one_column = first.n == 1;
  bool shares_panels = count > 1 && is_joined(first.n) && blocks(first.n) % matmul_.panel_blocks != 0;
  if ((one_column || shares_panels) && part != 0) return;  // small
  if (one_column) {
    const T* from = environment[first.tensor].data<T>() + first.first;
    for (Index i = 0; i < first.k; ++i) to[i] = from[i * first.row_stride];
    return;
  }
  if (shares_panels) {
    for (Index g = 0; g < count; ++g) pack_blocks(environment, plan_.matrices[packing[g]], g, to);
    return;
  }
  for (Index g = 0; g < count; ++g)
    pack_matrix(environment, plan_.matrices[packing[g]], part, parts,
                to + g * kernels::packed_size<T>(lanes_, first.k, first.n));
}

// A small matrix, the number-th of those whose blocks share panels.
template <class T>
void Executor<T>::pack_blocks(const Environment& environment, const Matrix& m, Index number, T* to) {
  const T* from = environment[m.tensor].data<T>() + m.first;
  const Index panel = matmul_.panel_blocks;
  for (Index b = 0; b < blocks(m.n); ++b) {
    Index block = number * blocks(m.n) + b, columns = std::min<Index>(lanes_, m.n - b * lanes_);
    T* at = to + (block / panel * m.k * panel + block % panel) * lanes_;
    for (Index i = 0; i < m.k; ++i, at += panel * lanes_) {
      const T* row = from + i * m.row_stride + b * lanes_ * m.column_stride;
      if (m.column_stride == 1)
        std::copy_n(row, columns, at);
      else
        for (Index j = 0; j < columns; ++j) at[j] = row[j * m.column_stride];
      std::fill_n(at + columns, lanes_ - columns, T{0});
    }
  }
}

template <class T>
void Executor<T>::pack_matrix(const Environment& environment, const Matrix& m, Index part, Index parts, T* to) {
  const T* from = environment[m.tensor].data<T>() + m.first;
  Index all = blocks(m.n), panel = matmul_.panel_blocks, panels = (all + panel - 1) / panel;
  Index first = panels * part / parts * panel, last = std::min(all, panels * (part + 1) / parts * panel);
  if (first < last) kernels::pack<T>(lanes_, from, m.row_stride, m.column_stride, m.k, m.n, first, last, to);
}

template <class T>
void Executor<T>::list_steps(memory::Store* store, Index chunks) {
  steps_.clear();
  for (Index c = 0; !store && c < chunks; ++c) steps_.push_back({.chunk = c});
  if (!store || !store->holds_all()) return;
  for (memory::Step step; store->next(step);) steps_.push_back(step);
}

template <class T>
void Executor<T>::forward(const ForwardCall& call) {
  team_costs_ = team_costs(call.threads);
  Wavefront wavefront =
      find_wavefront(plan_, plan_.forward, call.layout, team_costs_, !call.store || call.store->holds_all());
  prepare(call, plan_.forward, call.store && call.store->keeps_all(), wavefront.threads());
  list_steps(call.store, static_cast<Index>(call.layout.chunks().size()));
  bool together = wavefront.threads() > 1 || team_costs_.are_faster(forward_.costs, call.layout);
  parallel_if_faster(together ? call.threads : 1, [&](int index, Team& team) {
    if (wavefront.fits(team.size()))
      ForwardWorker<T>::run(wavefront, *this, call, index, team);
    else
      ForwardWorker<T>(*this, call, index, team).run();
  });
}

template <class T>
StepWeights<T> Executor<T>::step_weights(const Environment& environment, const RowLayout& layout) {
  prepare({layout, true, false, 1, 1, environment, {}, {}}, plan_.forward, false);
  for (int k : forward_.packings) pack(environment, k, 0, 1);
  return {lanes_, matmul_, forward_.programs, forward_.narrow, packed_, biases_, columns_, numbers_, widest_joined};
}

template <class T>
void Executor<T>::backward(const BackwardCall& call, Executor* replay) {
  team_costs_ = team_costs(call.threads);
  Wavefront wavefront = find_wavefront(plan_, plan_.backward, call.layout, team_costs_, call.store.holds_all());
  prepare(call, plan_.backward, true, wavefront.threads());
  Index size = 0;
  for (const Sum& s : plan_.backward.sums) size += size_of(s) * halves(s, call.layout);
  T* p = sum_memory_.resize(size);
  sums_.clear();
  for (const Sum& s : plan_.backward.sums) {
    sums_.push_back(p);
    p += size_of(s) * halves(s, call.layout);
  }
  list_steps(&call.store, static_cast<Index>(call.layout.chunks().size()));
  int threads = wavefront.threads() > 1 || team_costs_.are_faster(backward_.costs, call.layout) ? call.threads : 1;
  if (!replay)
    return parallel_if_faster(threads, [&](int index, Team& team) {
      if (wavefront.fits(team.size()))
        BackwardWorker<T>::run(wavefront, *this, call, index, team);
      else
        BackwardWorker<T>(*this, call, index, team).run(nullptr);
    });
  ForwardCall again{static_cast<const SequenceCall&>(call), call.states, {}, {}, &call.store, true};
  replay->team_costs_ = replay->team_costs(call.threads);
  replay->prepare(again, plan_.forward, false);
  parallel_if_faster(threads, [&](int index, Team& team) {
    ForwardWorker<T> forward(*replay, again, index, team);
    BackwardWorker<T>(*this, call, index, team).run(&forward);
  });
}

template class Executor<float>;
template class Executor<double>;

}  // namespace unroll::compile
