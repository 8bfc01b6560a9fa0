#include "unroll/rnn/compile/step_memory.hpp"

#include <algorithm>

#include "unroll/core/kernels/blocked.hpp"

namespace unroll::compile {

template <class T>
StepMemory<T>::StepMemory(const Plan& plan, const StepWeights<T>& weights, Index batch)
    : plan_(plan), weights_(weights), batch_(batch) {
  Index stride = (batch | 1) * weights.lanes, size = 0;
  for (const Buffer& b : plan.buffers) size += blocks(b.width) * stride * (b.place == Buffer::Place::state ? 2 : 1);
  T* p = memory_.resize(size);
  std::fill_n(p, size, T{0});
  for (const Buffer& b : plan.buffers) {
    Index count = blocks(b.width) * stride;
    places_.push_back({p, stride});
    p += count;
    other_.push_back(places_.back());
    if (b.place != Buffer::Place::state) continue;
    other_.back().p = p;
    p += count;
  }
  Index temporaries = 0;
  for (const Program& program : plan.forward.programs)
    temporaries = std::max(temporaries, program.temporaries * blocks(program.width) * stride);
  temporaries_.resize(temporaries);

  // Leaves follow each other, each as (batch, width).
  auto starts = [&](const std::vector<Copy>& copies) {
    std::vector<Index> widths, first;
    for (const Copy& copy : copies) {
      widths.resize(std::max(widths.size(), static_cast<std::size_t>(copy.leaf) + 1));
      widths[copy.leaf] = copy.leaf_width;
    }
    Index at = 0;
    for (Index width : widths) {
      first.push_back(at);
      at += batch_ * width;
    }
    return first;
  };
  std::vector<Index> inputs = starts(plan.forward.in), outputs = starts(plan.forward.out);
  for (const Copy& copy : plan.forward.in)
    in_.push_back({at(copy.ref, 0), inputs[copy.leaf] + copy.first, copy.width, copy.leaf_width});
  for (int parity : {0, 1}) {
    for (const Copy& copy : plan.forward.out)
      out_[parity].push_back({at(copy.ref, parity), outputs[copy.leaf] + copy.first, copy.width, copy.leaf_width});
    prepare(parity);
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
  for (Operation& operation : operations_[parity]) operation.product.terms = operation.terms.data();
}

template <class T>
void StepMemory<T>::add_product(const Product& product, int parity) {
  Operation operation{};
  for (const Product::Factor& term : product.terms) {
    Place a = at(term.a, parity);
    operation.terms.push_back(
        {a.p, a.stride, plan_.matrices[plan_.packings[term.packing][0]].k, weights_.packed[term.packing]});
  }
  Place out = at(product.out, parity);
  Index of_part = blocks(product.width);
  bool joined =
      product.parts == 1 || product.width <= weights_.widest_joined || of_part % weights_.matmul.panel_blocks == 0;
  for (int part = 0; part < (joined ? 1 : product.parts); ++part) {
    const T* bias = product.bias < 0 ? nullptr : weights_.biases[product.bias + part];
    operation.product = {nullptr,
                         static_cast<Index>(operation.terms.size()),
                         batch_,
                         0,
                         joined ? product.parts * of_part : of_part,
                         out.p + part * of_part * out.stride,
                         out.stride,
                         bias,
                         product.accumulate,
                         false};
    operations_[parity].push_back(operation);
    for (auto& term : operation.terms) term.b += kernels::packed_size<T>(weights_.lanes, term.k, product.width);
  }
}

template <class T>
void StepMemory<T>::add_program(int number, int parity) {
  const Program& program = plan_.forward.programs[number];
  const Index lanes = weights_.lanes, wide = blocks(program.width), stride = (batch_ | 1) * lanes;
  auto& registers = registers_.emplace_back();
  T* temporary = temporaries_.data();
  for (const Program::Register& r : program.registers) {
    switch (r.ref.kind) {
      case Ref::Kind::temporary:
        registers.push_back({temporary, r.width > 1 ? stride : 0, lanes});
        temporary += (r.width > 1 ? wide : 1) * stride;
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
  // One row: its blocks follow each other, and are taken for rows of one block, which is one run for the kernels.
  bool as_rows = batch_ == 1 && !program.reduces;
  if (as_rows)
    for (auto& r : registers) {
      r.row_stride = r.block_stride;
      r.block_stride = 0;
    }
  for (std::size_t k = 0; k < program.instructions.size(); ++k) {
    Operation operation{};
    operation.instruction = &weights_.programs[number][k];
    operation.registers = registers.data();
    Index count = weights_.narrow[number][k] ? 1 : wide;
    operation.blocks = as_rows ? 1 : count;
    operation.rows = as_rows ? count : batch_;
    operation.columns = program.width;
    operations_[parity].push_back(operation);
  }
}

template <class T>
void StepMemory<T>::step(const T* inputs, T* outputs) noexcept {
  const int lanes = weights_.lanes;
  for (const Move& m : in_) {
    const T* from = inputs + m.leaf;
    if (m.width == 1)
      for (Index r = 0; r < batch_; ++r) std::fill_n(m.place.p + r * lanes, lanes, from[r * m.row]);
    else
      kernels::to_blocks<T>(from, m.row, nullptr, batch_, m.width, lanes, m.place.p, m.place.stride);
  }
  for (const Operation& o : operations_[parity_]) {
    if (o.instruction)
      o.instruction->function(*o.instruction, o.registers, o.blocks, o.rows, o.columns);
    else
      weights_.matmul.multiply(o.product);
  }
  for (const Move& m : out_[parity_])
    kernels::from_blocks<T>(m.place.p, m.place.stride, batch_, m.width, lanes, outputs + m.leaf, m.row, nullptr);
  parity_ ^= 1;
}

// The next step, of parity p, reads what the one before, of parity 1 - p, wrote.
template <class T>
void StepMemory<T>::write_state(const Copy& part, const T* from, Index row) {
  Place place = at(part.ref, 1 - parity_);
  if (part.width == 1)
    for (Index r = 0; r < batch_; ++r) std::fill_n(place.p + r * weights_.lanes, weights_.lanes, from[r * row]);
  else
    kernels::to_blocks<T>(from, row, nullptr, batch_, part.width, weights_.lanes, place.p, place.stride);
}

template <class T>
void StepMemory<T>::read_state(const Copy& part, T* to, Index row) const {
  Place place = at(part.ref, 1 - parity_);
  kernels::from_blocks<T>(place.p, place.stride, batch_, part.width, weights_.lanes, to, row, nullptr);
}

template class StepMemory<float>;
template class StepMemory<double>;

}  // namespace unroll::compile
