#include "unroll/rnn/compile/step_memory.hpp"

#include <algorithm>
#include <cstring>

#include "unroll/core/kernels/blocked.hpp"
#include "unroll/rnn/compile/flush_denormals.hpp"

namespace unroll::compile {

template <class T>
StepMemory<T>::StepMemory(const Plan& plan, const StepWeights<T>& weights, const LeafWidths& widths, Index batch)
    : plan_(plan), weights_(weights), batch_(batch), stride_((batch | 1) * weights.lanes) {
  for (const Program& program : plan.forward.programs) joins_.push_back(find_joins(plan, plan.forward, program));
  allocate();
  // Leaves follow each other, each as (batch, width).
  auto starts = [&](const std::vector<Index>& of_leaves) {
    std::vector<Index> first{0};
    for (Index width : of_leaves) first.push_back(first.back() + batch_ * width);
    return first;
  };
  std::vector<Index> inputs = starts(widths.inputs), outputs = starts(widths.outputs);
  for (const Copy& copy : plan.forward.in)
    in_.push_back({at(copy.ref, 0), inputs[copy.leaf] + copy.first, copy.width, copy.leaf_width});
  for (int parity : {0, 1}) {
    for (const Copy& copy : plan.forward.out)
      out_[parity].push_back({at(copy.ref, parity), outputs[copy.leaf] + copy.first, copy.width, copy.leaf_width});
    prepare(parity);
  }
}

// All memory at once, all 0. The results of a join lie side by side, also those that are buffers.
template <class T>
void StepMemory<T>::allocate() {
  const std::vector<Program>& programs = plan_.forward.programs;
  Index temporaries = 0;
  for (const Program& program : programs)
    temporaries = std::max(temporaries, program.temporaries * blocks(program.width) * stride_);
  T* base = nullptr;
  Index size = 0;
  auto take = [&](Index count) {
    T* p = base ? base + size : nullptr;
    size += count;
    return p;
  };
  for (int round : {0, 1}) {
    if (round) {
      base = memory_.resize(size);
      std::fill_n(base, size, T{0});
    }
    size = 0;
    places_.clear();
    other_.clear();
    joined_.assign(programs.size(), {});
    for (const Buffer& b : plan_.buffers) {
      places_.push_back({take(blocks(b.width) * stride_), stride_});
      other_.push_back(places_.back());
      if (b.place == Buffer::Place::state) other_.back().p = take(blocks(b.width) * stride_);
    }
    temporaries_ = take(temporaries);
    for (std::size_t k = 0; k < programs.size(); ++k)
      for (const Join& join : joins_[k]) {
        joined_[k].push_back(take(0));
        for (std::size_t i : join) {
          T* p = take(blocks(programs[k].width) * stride_);
          Ref out = programs[k].registers[programs[k].instructions[i].out].ref;
          if (out.kind == Ref::Kind::buffer) places_[out.index].p = other_[out.index].p = p;
        }
      }
  }
}

// A step of parity 0 reads states from other_ and writes them to places_.
template <class T>
auto StepMemory<T>::at(Ref ref, int parity) const -> Place {
  bool swapped = parity == 1;
  if (ref.kind == Ref::Kind::before) swapped = !swapped;
  return (swapped ? other_ : places_)[ref.index];
}

template <class T>
void StepMemory<T>::prepare(int parity) {
  for (const auto& stage : plan_.forward.stages)
    for (const Kernel& kernel : stage) {
      if (kernel.kind == Kernel::Kind::product)
        add_product(plan_.forward.products[kernel.index], parity);
      else
        add_program(kernel.index, parity);
    }
}

template <class T>
void StepMemory<T>::add_product(const Product& product, int parity) {
  std::vector<kernels::MatmulTerm<T>> terms;
  for (const Product::Factor& term : product.terms) {
    Place a = at(term.a, parity);
    terms.push_back({a.p, a.stride, plan_.matrices[plan_.packings[term.packing][0]].k, weights_.packed[term.packing]});
  }
  Place out = at(product.out, parity);
  Index of_part = blocks(product.width);
  bool joined =
      product.parts == 1 || product.width <= weights_.widest_joined || of_part % weights_.matmul.panel_blocks == 0;
  for (int part = 0; part < (joined ? 1 : product.parts); ++part) {
    const T* bias = product.bias < 0 ? nullptr : weights_.biases[product.bias + part];
    steps_[parity].add(
        weights_.matmul,
        {terms.data(), static_cast<Index>(terms.size()), batch_, 0, joined ? product.parts * of_part : of_part,
         out.p + part * of_part * out.stride, out.stride, bias, product.accumulate, parity == 1, product.width == 1},
        nullptr, 0);
    for (auto& term : terms) term.b += kernels::packed_size<T>(weights_.lanes, term.k, product.width);
  }
}

template <class T>
void StepMemory<T>::add_program(int number, int parity) {
  const Program& program = plan_.forward.programs[number];
  const Index lanes = weights_.lanes, wide = blocks(program.width);
  auto& code = codes_.emplace_back(weights_.programs[number]);
  std::vector<kernels::TileOperand<T>> registers;
  T* temporary = temporaries_;
  for (const Program::Register& r : program.registers) {
    switch (r.ref.kind) {
      case Ref::Kind::temporary:
        registers.push_back({temporary, r.width > 1 ? stride_ : 0, lanes});
        temporary += (r.width > 1 ? wide : 1) * stride_;
        break;
      case Ref::Kind::columns:
        registers.push_back({weights_.columns[r.ref.index], r.width > 1 ? lanes : 0, 0});
        break;
      case Ref::Kind::number:
        registers.push_back({weights_.numbers[r.ref.index], 0, 0});
        break;
      default:
        Place place = at(r.ref, parity);
        registers.push_back({place.p, r.width > 1 ? place.stride : 0, lanes});
    }
  }
  // How many instructions a call stands for; 0 if it is in another's. Results of joins have registers of their own.
  std::vector<Index> parts(code.size(), 1);
  std::vector<std::uint16_t> own(code.size(), 0);
  for (std::size_t j = 0; j < joins_[number].size(); ++j) {
    const Join& join = joins_[number][j];
    T* p = joined_[number][j];
    for (std::size_t i : join) {
      own[i] = static_cast<std::uint16_t>(registers.size());
      registers.push_back({p, stride_, lanes});
      p += wide * stride_;
      parts[i] = 0;
    }
    std::size_t first = *std::min_element(join.begin(), join.end());
    parts[first] = static_cast<Index>(join.size());
    std::swap(code[first].in[0], code[join[0]].in[0]);
  }
  std::vector<std::uint16_t> now(registers.size());
  for (std::size_t k = 0; k < now.size(); ++k) now[k] = static_cast<std::uint16_t>(k);
  for (std::size_t k = 0; k < code.size(); ++k) {
    kernels::TileInstruction<T>& i = code[k];
    for (std::uint16_t& in : i.in) in = now[in];
    now[i.out] = own[k] ? own[k] : i.out;
    i.out = now[i.out];
  }
  for (std::size_t j = 0; j < joins_[number].size(); ++j) {
    const Join& join = joins_[number][j];
    code[*std::min_element(join.begin(), join.end())].out = own[join[0]];
  }
  // One row: its blocks follow each other, and are taken for rows of one block, which is one run for the kernels.
  bool narrow = std::count(weights_.narrow[number].begin(), weights_.narrow[number].end(), true) > 0;
  bool as_rows = batch_ == 1 && !program.reduces && !narrow;
  if (as_rows)
    for (auto& r : registers) {
      r.row_stride = r.block_stride;
      r.block_stride = 0;
    }
  std::size_t first = steps_[parity].add(registers, nullptr);
  for (std::size_t k = 0; k < code.size(); ++k) {
    if (parts[k] == 0) continue;
    Index count = parts[k] * (weights_.narrow[number][k] ? 1 : wide);
    steps_[parity].add(code[k], first, as_rows ? 1 : count, as_rows ? count : batch_, program.width);
  }
}

template <class T>
void StepMemory<T>::load(const Move& m, const T* from) const noexcept {
  if (m.width == 1)
    for (Index r = 0; r < batch_; ++r) std::fill_n(m.place.p + r * weights_.lanes, weights_.lanes, from[r * m.row]);
  else if (batch_ == 1)  // blocks follow each other
    std::memcpy(m.place.p, from, static_cast<std::size_t>(m.width) * sizeof(T));
  else
    kernels::to_blocks<T>(from, m.row, nullptr, batch_, m.width, weights_.lanes, m.place.p, m.place.stride);
}

template <class T>
void StepMemory<T>::store(const Move& m, T* to) const noexcept {
  if (batch_ == 1)
    std::memcpy(to, m.place.p, static_cast<std::size_t>(m.width) * sizeof(T));
  else
    kernels::from_blocks<T>(m.place.p, m.place.stride, batch_, m.width, weights_.lanes, to, m.row, nullptr);
}

template <class T>
void StepMemory<T>::step(const T* inputs, T* outputs) noexcept {
  FlushDenormals flush;
  for (const Move& m : in_) load(m, inputs + m.leaf);
  steps_[parity_].run();
  for (const Move& m : out_[parity_]) store(m, outputs + m.leaf);
  parity_ ^= 1;
}

// The next step, of parity p, reads what the one before, of parity 1 - p, wrote.
template <class T>
void StepMemory<T>::write_state(const Copy& part, const T* from, Index row) {
  load({at(part.ref, 1 - parity_), 0, part.width, row}, from);
}

template <class T>
void StepMemory<T>::read_state(const Copy& part, T* to, Index row) const {
  store({at(part.ref, 1 - parity_), 0, part.width, row}, to);
}

template class StepMemory<float>;
template class StepMemory<double>;

}  // namespace unroll::compile
