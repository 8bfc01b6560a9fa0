#include "unroll/rnn/step_function.hpp"

#include <cmath>
#include <limits>

#include "unroll/rnn/compile/compiled_cell.hpp"

namespace unroll {
namespace {
constexpr std::string_view who = "compile_step";
}

namespace detail {

class StepMemory {
 public:
  virtual ~StepMemory() = default;
};

namespace {
template <class T>
struct MemoryOf final : StepMemory {
  MemoryOf(const compile::Plan& plan, const compile::StepWeights<T>& weights, const compile::LeafWidths& widths,
           Index batch)
      : memory(plan, weights, widths, batch) {}
  compile::StepMemory<T> memory;
};
}  // namespace

class StepProgram {
 public:
  StepProgram(RNNCell& cell, Index batch, DType dtype) : cell_(&cell), batch_(batch), dtype_(dtype) {
    layout_.assign(Lengths(who, {}, batch, 1), batch, batch, {1});
    compile::CellCall call = this->call();
    try {
      traced([&] {
        compile::StepTrace seen(call, false);
        if (!seen.masks.empty()) raise<RuntimeError>(cell.class_name(), "it drops at random");
        if (batch == 1 && !compile::same_for_one_row(call, seen))
          raise<RuntimeError>(cell.class_name(), "it does something else for one row than for several");
        passes_.hoist = false;
        compiled_ = std::make_unique<compile::CompiledCell>(call, seen, passes_);
        if (!compiled_->not_lowered().empty()) raise<RuntimeError>(cell.class_name(), compiled_->not_lowered());
        pack(seen);
      });
    } catch (const Error& reason) {
      raise<RuntimeError>(who, "the cell cannot be compiled: ", reason.what());
    }
    outputs_ = cell.output_size();
    inputs_.for_each([&](const TensorSpec& x) { widths_.inputs.push_back(x.shape.slice(1).size()); });
    outputs_.for_each([&](const Shape& size) { widths_.outputs.push_back(size.size()); });
    zero_ = cell.zero_state(batch, dtype);
  }

  void update_weights() {
    compile::CellCall call = this->call();
    traced([&] {
      compile::StepTrace seen(call, false);
      if (!compiled_->fits(call, seen, passes_))
        raise<RuntimeError>(who, "the cell does something else than when it was compiled");
      pack(seen);
    });
  }

  template <class T>
  void step(const T* inputs, StepMemory& memory, T* outputs) const noexcept {
    static_cast<MemoryOf<T>&>(memory).memory.step(inputs, outputs);
  }

  std::unique_ptr<StepMemory> memory() const {
    std::unique_ptr<StepMemory> memory;
    if (dtype_ == float32)
      memory = std::make_unique<MemoryOf<float>>(compiled_->plan(), float_, widths_, batch_);
    else
      memory = std::make_unique<MemoryOf<double>>(compiled_->plan(), double_, widths_, batch_);
    set_state(*memory, zero_);
    return memory;
  }

  void set_state(StepMemory& memory, const Nest& value) const {
    value.assert_same_structure(who, "the state", state_);
    std::vector<Tensor> tensors = value.flatten();
    std::vector<TensorSpec> expected = state_.flatten();
    for (std::size_t k = 0; k < tensors.size(); ++k)
      if (!tensors[k] || tensors[k].spec() != expected[k])
        raise<ValueError>(who, "tensor ", k, " of the state is ", tensors[k] ? tensors[k].spec() : TensorSpec{},
                          ", expected ", expected[k]);
    for (const compile::Copy& part : compiled_->plan().forward.states)
      dispatch_floating(who, dtype_, [&](auto zero) {
        using T = decltype(zero);
        static_cast<MemoryOf<T>&>(memory).memory.write_state(part, tensors[part.leaf].data<T>() + part.first,
                                                             part.leaf_width);
      });
  }

  Nest get_state(const StepMemory& memory) const {
    std::vector<Tensor> tensors;
    state_.for_each([&](const TensorSpec& spec) { tensors.emplace_back(spec); });
    for (const compile::Copy& part : compiled_->plan().forward.states)
      dispatch_floating(who, dtype_, [&](auto zero) {
        using T = decltype(zero);
        static_cast<const MemoryOf<T>&>(memory).memory.read_state(
            part, tensors[part.leaf].mutable_data<T>() + part.first, part.leaf_width);
      });
    return state_.pack(tensors);
  }

  Index batch() const { return batch_; }
  DType dtype() const { return dtype_; }
  const SpecNest& inputs() const { return inputs_; }
  const SizeNest& outputs() const { return outputs_; }
  static Index total(const SpecNest& specs) {
    Index sum = 0;
    specs.for_each([&](const TensorSpec& spec) { sum += spec.shape.size(); });
    return sum;
  }

 private:
  // What a cell has kept of a trace is of no use after it.
  template <class F>
  void traced(F trace_cell) {
    try {
      trace_cell();
    } catch (...) {
      cell_->begin_sequence();
      throw;
    }
    cell_->begin_sequence();
  }

  compile::CellCall call() {
    inputs_ = cell_->built_for().map([&](const TensorSpec& x) { return TensorSpec{x.shape.with(0, batch_), dtype_}; });
    state_ = cell_->state_size().map([&](const Shape& size) { return TensorSpec{size.insert(0, batch_), dtype_}; });
    // One row proves nothing: an axis of 1 may be the batch or not.
    Index rows = std::max<Index>(batch_, 2);
    auto with_rows = [&](const TensorSpec& x) { return TensorSpec{x.shape.with(0, rows), x.dtype}; };
    return {*cell_, inputs_.map(with_rows), state_.map(with_rows), dtype_, false, {}, {}};
  }

  void pack(const compile::StepTrace& seen) {
    std::vector<Tensor> leaves;
    for (Trace::Id id : compiled_->step().leaves) leaves.push_back(seen.trace.values()[id].tensor);
    if (dtype_ == float32)
      float_ = compiled_->step_weights<float>(leaves, layout_);
    else
      double_ = compiled_->step_weights<double>(leaves, layout_);
  }

  RNNCell* cell_;
  Index batch_;
  DType dtype_;
  compile::RowLayout layout_;
  SpecNest inputs_, state_;
  SizeNest outputs_;
  compile::LeafWidths widths_;
  compile::Passes passes_;
  Nest zero_;
  std::unique_ptr<compile::CompiledCell> compiled_;
  compile::StepWeights<float> float_{};
  compile::StepWeights<double> double_{};
};

}  // namespace detail

StepState::StepState(std::unique_ptr<detail::StepMemory> memory) : memory_(std::move(memory)) {}
StepState::StepState(StepState&&) noexcept = default;
StepState& StepState::operator=(StepState&&) noexcept = default;
StepState::~StepState() = default;

StepFunction::StepFunction(std::unique_ptr<detail::StepProgram> program) : program_(std::move(program)) {}
StepFunction::StepFunction(StepFunction&&) noexcept = default;
StepFunction& StepFunction::operator=(StepFunction&&) noexcept = default;
StepFunction::~StepFunction() = default;

void StepFunction::operator()(const float* inputs, StepState& state, float* outputs) const noexcept {
  if (dtype() == float32)
    program_->step(inputs, *state.memory_, outputs);
  else
    std::fill_n(outputs, output_size(), std::numeric_limits<float>::quiet_NaN());
}

void StepFunction::operator()(const double* inputs, StepState& state, double* outputs) const noexcept {
  if (dtype() == float64)
    program_->step(inputs, *state.memory_, outputs);
  else
    std::fill_n(outputs, output_size(), std::numeric_limits<double>::quiet_NaN());
}

void StepFunction::operator()(const Tensor& input, StepState& state, Tensor& output) const {
  constexpr std::string_view name = "StepFunction";
  if (!program_->inputs().is_leaf() || !program_->outputs().is_leaf())
    raise<TypeError>(name, "inputs or outputs are structures: pass arrays");
  if (input.spec() != program_->inputs().leaf())
    raise<ValueError>(name, "the input is ", input.spec(), ", expected ", program_->inputs().leaf());
  TensorSpec expected{program_->outputs().leaf().insert(0, program_->batch()), dtype()};
  if (output.spec() != expected) raise<ValueError>(name, "the output is ", output.spec(), ", expected ", expected);
  dispatch_floating(name, dtype(), [&](auto zero) {
    using T = decltype(zero);
    program_->step(input.data<T>(), *state.memory_, output.mutable_data<T>());
  });
}

Index StepFunction::input_size() const { return program_->total(program_->inputs()); }
Index StepFunction::output_size() const {
  Index sum = 0;
  program_->outputs().for_each([&](const Shape& size) { sum += size.size(); });
  return sum * program_->batch();
}
DType StepFunction::dtype() const { return program_->dtype(); }
StepState StepFunction::zero_state() const { return StepState(program_->memory()); }
void StepFunction::set_state(StepState& state, const Nest& value) const { program_->set_state(*state.memory_, value); }
Nest StepFunction::get_state(const StepState& state) const { return program_->get_state(*state.memory_); }
void StepFunction::update_weights() { program_->update_weights(); }

StepFunction compile_step(RNNCell& cell, Index batch, DType dtype) {
  if (batch < 1) raise<ValueError>(who, "batch is ", batch, ", expected at least 1");
  if (!is_floating(dtype)) raise<TypeError>(who, "the dtype is ", dtype, ", expected float32 or float64");
  if (!cell.built())
    raise<ValueError>(who, "the ", cell.class_name(),
                      " is not built: call it, or build(), so that its input size is known");
  return StepFunction(std::make_unique<detail::StepProgram>(cell, batch, dtype));
}

}  // namespace unroll
