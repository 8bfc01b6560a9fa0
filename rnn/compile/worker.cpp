#include "unroll/rnn/compile/worker.hpp"

#include <algorithm>
#include <utility>

namespace unroll::compile {

template <class T>
Worker<T>::Worker(Executor<T>& executor, const SequenceCall& call, const Pass& pass,
                  const typename Executor<T>::Compiled& compiled, int index, Team& team, const WorkerStages& stages)
    : x_(executor),
      call_(call),
      pass_(pass),
      compiled_(compiled),
      plan_(executor.plan_),
      layout_(call.layout),
      index_(index),
      threads_(team.size()),
      stages_(stages),
      scratch_(static_cast<std::size_t>(stages.threads > 1 ? stages.number : index)),
      team_(team),
      lanes_(executor.lanes_),
      first_group_(layout_.groups() * index / threads_),
      last_group_(layout_.groups() * (index + 1) / threads_),
      places_(executor.places_),
      second_(executor.second_) {}

template <class T>
void Worker<T>::enter(const Era& era, Index steps) {
  TeamCosts team = x_.team_costs_;
  team.threads = threads_;
  columns_ = chunk_->parts == 1 && team.share_columns(compiled_.costs, era.rows);
  constexpr Index fewest = 8;
  prepares_ = !columns_ && steps >= fewest;
  is_prepared_ = {};
}

template <class T>
void Worker<T>::pack() {
  for (int k : compiled_.packings) x_.pack(call_.environment, k, index_, threads_);
}

template <class T>
auto Worker<T>::in_step(Ref ref, const StepRows& rows) const -> At {
  const Place& place = places_[ref.index];
  if (ref.kind == Ref::Kind::incoming) {
    const Place& half = flip_ ? second_[ref.index] : place;
    return {half.p + rows.first * lanes_, half.stride};
  }
  if (ref.kind == Ref::Kind::before) {
    if (gathered_) return {second_[ref.index].p + rows.first * lanes_, second_[ref.index].stride};
    return {place.p + (rows.row + rows.lead - rows.of_part) * lanes_, place.stride};
  }
  switch (plan_.buffers[ref.index].place) {
    case Buffer::Place::step:
      return {place.p + rows.first * lanes_, place.stride};
    case Buffer::Place::gradient: {
      const Place& half = flip_ ? place : second_[ref.index];
      return {half.p + rows.first * lanes_, half.stride};
    }
    case Buffer::Place::state:
      return {place.p + (rows.row + rows.lead) * lanes_, place.stride};
    default:
      return {place.p + rows.row * lanes_, place.stride};
  }
}

template <class T>
auto Worker<T>::in_chunk(Ref ref, Index row, Index lead) const -> At {
  const Place& place = places_[ref.index];
  return {place.p + (is_state(ref) ? row + lead : row) * lanes_, place.stride};
}

template <class T>
template <class Locate>
void Worker<T>::product(const Product& product, Index rows, Index part, Index parts, Locate&& locate,
                        PreparedStep<T>* into) {
  terms_.clear();
  moves_.clear();
  for (const Product::Factor& term : product.terms) {
    At a = locate(term.a);
    moves_.push_back(a.move);
    Index k = plan_.matrices[plan_.packings[term.packing][0]].k;
    terms_.push_back({a.p, a.stride, k, x_.packed_[term.packing]});
  }
  At out = locate(product.out);
  Index blocks = x_.blocks(product.width);
  bool joined = product.parts == 1 || x_.is_joined(product.width);
  // Biases of parts follow each other.
  const T* bias = product.bias < 0 ? nullptr : x_.biases_[product.bias];
  kernels::MatmulCall<T> call{terms_.data(),
                              static_cast<Index>(terms_.size()),
                              rows,
                              0,
                              joined ? product.parts * blocks : blocks,
                              out.p,
                              out.stride,
                              bias,
                              product.accumulate,
                              flip_,
                              product.width == 1};
  if (parts > 1) {
    Index panel = x_.matmul_.panel_blocks, panels = (call.last_block + panel - 1) / panel;
    call.first_block = panels * part / parts * panel;
    call.last_block = std::min(call.last_block, panels * (part + 1) / parts * panel);
  }
  for (int k = 0, products = joined ? 1 : product.parts;; ++k) {
    if (call.first_block < call.last_block)
      into ? into->add(x_.matmul_, call, moves_.data(), out.move) : x_.matmul_.multiply(call);
    if (k + 1 == products) break;
    call.c += blocks * out.stride;
    if (bias) call.bias += blocks * lanes_;
    for (auto& term : terms_) term.b += kernels::packed_size<T>(static_cast<int>(lanes_), term.k, product.width);
  }
}

template <class T>
template <class Locate>
void Worker<T>::program(int number, Index rows, Index part, Index parts, Locate&& locate, PreparedStep<T>* into) {
  const Program& program = pass_.programs[number];
  const auto& code = compiled_.programs[number];
  const auto& narrow = compiled_.narrow[number];
  if (parts > 1 && !compiled_.can_be_cut[static_cast<std::size_t>(number)]) {
    if (part > 0) return;
    parts = 1;
  }
  Index blocks = x_.blocks(program.width);
  Index first_block = 0, last_block = blocks;
  if (parts > 1) {
    first_block = blocks * part / parts;
    last_block = blocks * (part + 1) / parts;
  }
  Index tile_rows, tile_blocks = blocks;
  if (program.reduces) {
    tile_rows = std::min(x_.reduced_rows(program), rows);
  } else {
    Index pieces = (rows * lanes_ + tile_numbers - 1) / tile_numbers;
    tile_rows = pieces == 1 ? rows : (rows + pieces - 1) / pieces;
    if (blocks * tile_rows * lanes_ > tile_numbers)
      tile_blocks = std::clamp<Index>(tile_numbers / (tile_rows * lanes_), 1, blocks);
  }
  registers_.clear();
  moves_.clear();
  T* temporary = x_.temporaries_[scratch_].data();
  for (const Program::Register& r : program.registers) {
    bool wide = r.width > 1;
    moves_.push_back(0);
    switch (r.ref.kind) {
      case Ref::Kind::temporary:
        registers_.push_back({temporary, wide ? tile_rows * lanes_ : 0, lanes_});
        temporary += (wide ? tile_blocks : 1) * tile_rows * lanes_;
        break;
      case Ref::Kind::columns:
        registers_.push_back({x_.columns_[r.ref.index], wide ? lanes_ : 0, 0});
        break;
      case Ref::Kind::number:
        registers_.push_back({x_.numbers_[r.ref.index], 0, 0});
        break;
      default: {
        At at = locate(r.ref);
        registers_.push_back({at.p, wide ? at.stride : 0, lanes_});
        moves_.back() = at.move;
      }
    }
  }
  tile_ = registers_;
  std::size_t count = registers_.size();
  for (Index row = 0; row < rows; row += tile_rows) {
    Index n = std::min(tile_rows, rows - row);
    for (Index block = first_block; block < last_block; block += tile_blocks) {
      Index m = std::min(tile_blocks, last_block - block);
      for (std::size_t k = 0; k < count; ++k)
        if (program.registers[k].ref.kind != Ref::Kind::temporary)
          tile_[k].p = registers_[k].p + block * registers_[k].block_stride + row * registers_[k].row_stride;
      std::size_t first = into ? into->add(tile_, moves_.data()) : 0;
      for (std::size_t k = 0; k < code.size(); ++k) {
        Index wide = narrow[k] ? 1 : m;
        into ? into->add(code[k], first, wide, n, program.width)
             : code[k].function(code[k], tile_.data(), wide, n, program.width);
      }
    }
  }
}

template <class T>
template <class Locate>
void Worker<T>::run(const Kernel& kernel, Index rows, Index part, Index parts, Locate&& locate, PreparedStep<T>* into) {
  if (kernel.kind == Kernel::Kind::product)
    product(pass_.products[kernel.index], rows, part, parts, locate, into);
  else
    program(kernel.index, rows, part, parts, locate, into);
}

template <class T>
void Worker<T>::run_step(const std::vector<Kernel>& kernels, const Era& era, Index t) {
  fetch();
  if (!prepares_ || gathered_) return find_step(kernels, era, t, nullptr);
  PreparedStep<T>& step = x_.prepared_[scratch_][flip_];
  if (!std::exchange(is_prepared_[flip_], true)) {
    step.clear();
    find_step(kernels, era, t, &step);
  }
  step.run();
}

template <class T>
void Worker<T>::find_step(const std::vector<Kernel>& kernels, const Era& era, Index t, PreparedStep<T>* into) {
  auto run_part = [&](const RowPart& part, int first_group, int last_group) {
    Index first = era.groups[first_group];
    StepRows rows{era.places[first_group], era.groups[last_group] - first,
                  part.row(era, t) + first - era.groups[part.first_group], part.lead, part.rows_of(era)};
    if (rows.count == 0) return;
    StepRows later = rows;
    later.row += (&pass_ == &plan_.backward ? -2 : 2) * rows.of_part;
    Index number = columns_ ? index_ : 0, cuts = columns_ ? threads_ : 1;
    auto locate = [&](Ref ref) {
      At at = in_step(ref, rows);
      if (into) at.move = in_step(ref, later).p - at.p;
      return at;
    };
    for (const Kernel& kernel : kernels) {
      run(kernel, rows.count, number, cuts, locate, into);
      if (columns_) team_.barrier();
    }
  };
  columns_ ? run_part(layout_.parts(*chunk_)[0], 0, layout_.groups()) : for_each_part(run_part);
}

template <class T>
bool Worker<T>::reads_before(const Kernel& kernel) const {
  auto before = [](const auto& list, auto&& ref) {
    return std::any_of(list.begin(), list.end(), [&](const auto& item) { return ref(item).kind == Ref::Kind::before; });
  };
  if (kernel.kind == Kernel::Kind::product)
    return before(pass_.products[kernel.index].terms, [](const auto& term) { return term.a; });
  return before(pass_.programs[kernel.index].registers, [](const auto& r) { return r.ref; });
}

template <class T>
template <class F>
void Worker<T>::for_each_run(const RowPart& part, int first_group, int last_group, std::size_t e, Index begin,
                             Index end, F&& f) const {
  const Era& era = layout_.eras()[e];
  Index rows = era.groups[last_group] - era.groups[first_group], of_part = part.rows_of(era);
  Index row = part.row(era, begin) + era.groups[first_group] - era.groups[part.first_group];
  if (begin == era.begin && begin > chunk_->begin) {
    // The rows that are still alive lie apart in the step before.
    const Era& last = layout_.eras()[e - 1];
    for (int g = first_group; g < last_group; ++g) {
      Index count = era.groups[g + 1] - era.groups[g];
      if (count > 0) f(state_row(*chunk_, last, begin - 1, g), row + era.groups[g] - era.groups[first_group], count);
    }
    ++begin;
    row += of_part;
  }
  if (rows == 0) return;
  Index steps = rows == of_part ? end - begin : 1;  // that lie in one piece
  for (; begin < end; begin += steps, row += of_part) f(row + part.lead - of_part, row, steps * rows);
}

template <class T>
void Worker<T>::run_chunk(const std::vector<Kernel>& kernels) {
  bool sums = false;
  for (const Kernel& kernel : kernels) {
    if (kernel.kind == Kernel::Kind::sum) {
      if (!sums_apart(kernel.index) && !std::exchange(sums, true)) team_.barrier();
      sum(kernel.index);
    } else {
      run_rows(kernel);
    }
  }
  sums ? team_.barrier() : meet();
}

template <class T>
void Worker<T>::run_rows(const Kernel& kernel) {
  for_each_part(my_rows(), [&](const RowPart& part, Rows rows) {
    auto run_from = [&](Index before, Index first, Index count) {
      auto locate = [&](Ref ref) {
        if (ref.kind != Ref::Kind::before) return in_chunk(ref, first, part.lead);
        return At{places_[ref.index].p + before * lanes_, places_[ref.index].stride};
      };
      run(kernel, count, 0, 1, locate, nullptr);
    };
    if (!reads_before(kernel)) return run_from(0, rows.first, rows.count());
    for_each_era([&](std::size_t e, Index begin, Index end) {
      for_each_run(part, part.first_group, part.last_group, e, begin, end, [&](Index before, Index first, Index count) {
        Index cut = std::max(first, rows.first), last = std::min(first + count, rows.last);
        if (cut < last) run_from(before + cut - first, cut, last - cut);
      });
    });
  });
}

template <class T>
void Worker<T>::sum(int number) {
  int halves = x_.halves(pass_.sums[number], layout_);
  if (sums_apart(number)) return sum_groups(number, index_, halves, 0, 1);
  for (int half = 0; half < halves; ++half) sum_groups(number, half, halves, index_, threads_);
}

// Step by step.
template <class T>
void Worker<T>::sum_groups(int number, int half, int halves, int worker, int workers) {
  const Sum& sum = pass_.sums[number];
  bool a_before = sum.a && sum.a->kind == Ref::Kind::before, b_before = sum.b.kind == Ref::Kind::before;
  bool a_state = sum.a && is_state(*sum.a), b_state = is_state(sum.b);
  std::span<const RowPart> parts = layout_.parts(*chunk_);
  int first_group = layout_.groups() * half / halves, last_group = layout_.groups() * (half + 1) / halves;
  runs_.clear();
  if (parts.size() == 1 && halves == 1 && !a_before && !b_before)
    runs_.push_back({a_state ? chunk_->lead : 0, b_state ? chunk_->lead : 0, chunk_->rows});
  else
    for_each_era([&](std::size_t e, Index begin, Index end) {
      for (Index t = begin, next; t < end; t = next) {
        next = static_cast<int>(parts.size()) == halves ? end : t + 1;
        for (const RowPart& part : parts) {
          int lo = std::max(part.first_group, first_group), hi = std::min(part.last_group, last_group);
          if (lo >= hi) continue;
          for_each_run(part, lo, hi, e, t, next, [&](Index before, Index first, Index count) {
            auto row = [&](bool of_before, bool of_state) {
              if (of_before) return before;
              return of_state ? first + part.lead : first;
            };
            runs_.push_back({row(a_before, a_state), row(b_before, b_state), count});
          });
        }
      }
    });
  Index blocks = sum.parts * x_.blocks(sum.b_width), first = 0, last = blocks, first_m = 0, last_m = sum.a_width;
  if (blocks >= 4 * workers || !sum.a || sum.by_column) {
    first = blocks * worker / workers;
    last = blocks * (worker + 1) / workers;
  } else {
    first_m = sum.a_width * worker / workers;
    last_m = sum.a_width * (worker + 1) / workers;
  }
  if (first == last || first_m == last_m) return;
  const Place none{};
  const Place& a = sum.a ? places_[sum.a->index] : none;
  const Place& b = places_[sum.b.index];
  kernels::OuterCall<T> call{a.p,
                             a.stride,
                             first_m,
                             last_m,
                             b.p,
                             b.stride,
                             first,
                             last,
                             runs_.data(),
                             static_cast<Index>(runs_.size()),
                             x_.sums_[number] + half * x_.size_of(sum),
                             x_.stride(blocks),
                             !first_chunk_};
  if (sum.by_column) return x_.matmul_.sum_row_products(call);
  (sum.a ? x_.matmul_.multiply_rows : x_.matmul_.sum_rows)(call);
}

template class Worker<float>;
template class Worker<double>;

}  // namespace unroll::compile
