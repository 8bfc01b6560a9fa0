#pragma once
// What an op is: its rule for shapes and dtypes, its forward computation and its gradient, in one place. The library's
// ops (autograd/ops/) and a user's own are written alike:
//
//     struct Cube final : Op {
//       std::string_view name() const override { return "cube"; }
//       TensorSpec infer(Inputs x) const override { return x[0].spec(); }
//       void forward(Inputs x, Tensor& y) const override { ... write y.mutable_data<float>() ... }
//       void vjp(Vjp& v) const override { v.add(0, v.gradient() * 3.0 * square(v.input(0))); }
//     };
//     Tensor cube(const Tensor& x) { return apply(Cube{}, x); }
#include <cstring>
#include <initializer_list>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "unroll/autograd/lowering.hpp"
#include "unroll/autograd/tape_record.hpp"
#include "unroll/core/cached_vector.hpp"
#include "unroll/core/tensor.hpp"

namespace unroll {

class Vjp;

/// The inputs of one call of an op.
class Inputs {
 public:
  Inputs(const Tensor* const* tensors, std::size_t count) : tensors_(tensors), count_(count) {}
  const Tensor& operator[](std::size_t k) const { return *tensors_[k]; }
  std::size_t size() const { return count_; }
  const Tensor* const* pointers() const { return tensors_; }

 private:
  const Tensor* const* tensors_;
  std::size_t count_;
};

/// Which inputs and outputs the gradient reads, as bits (bit k: the k-th). What is not saved is freed as soon as the
/// caller lets go of it.
struct Saved {
  static constexpr std::uint32_t none = 0, all = ~std::uint32_t{0};
  std::uint32_t inputs = all;
  std::uint32_t outputs = all;
};

/// An op with any number of results. An object holds the attributes of one call (axes, flags), never tensors, and is
/// moved onto the tape when the call is recorded. Two calls are taken for the same computation if their objects are
/// equal bit for bit; an op whose attributes lie elsewhere (in a vector) gives them by `auto attributes() const`, which
/// returns something that can be compared, such as std::tie(axis, sizes).
class MultiOp : public Cached {
 public:
  virtual ~MultiOp() = default;
  /// The name used in messages and shown on the tape: "matmul".
  virtual std::string_view name() const = 0;
  /// Shapes and dtypes of the results, one TensorSpec each. Looks at shapes and dtypes of the inputs only, and throws
  /// TypeError or ValueError if they do not fit.
  virtual void infer(Inputs inputs, std::span<TensorSpec> outputs) const = 0;
  /// Computes the results into tensors of those specs.
  virtual void forward(Inputs inputs, std::span<Tensor> outputs) const = 0;
  /// Where the result can be added to `sum`, a tensor of its spec, without being computed first: does so and returns
  /// true.
  virtual bool forward_add(Inputs, Tensor&) const { return false; }
  /// Of an op that draws random numbers: lets it draw from another stream.
  virtual void set_stream(std::uint64_t) {}
  /// If every result is a view of inputs, sets them and returns true; forward is not called then.
  virtual bool view(Inputs, std::span<Tensor>) const { return false; }
  /// Adds the gradients of the inputs: for each k with v.needs(k), v.add(k, ...) any number of times. Written in ops,
  /// so that it can be differentiated again. The default throws LookupError: no gradient is defined.
  virtual void vjp(Vjp& v) const;
  /// False for an op whose results do not depend smoothly on the inputs (argmax, comparisons): it is never recorded,
  /// and gradients stop there.
  virtual bool differentiable() const { return true; }
  virtual Saved saved() const { return {}; }
  /// What a tape shows instead of this call, if it stands for several steps. Asked for only when somebody looks.
  virtual std::vector<TapeRecord> steps() const { return {}; }
  /// What the op means to the compiler of cells (rnn/compile). The default: nothing is known, and a cell that uses the
  /// op runs eagerly.
  virtual Lowering lowering() const { return {}; }
  /// Where `outputs` can be computed with smaller ops, does so and returns true: a trace then holds those.
  virtual bool decompose(Inputs, std::span<Tensor>) const { return false; }
};

/// An op with one result, as most are.
class Op : public MultiOp {
 public:
  using MultiOp::forward;
  using MultiOp::infer;
  virtual TensorSpec infer(Inputs inputs) const = 0;
  virtual void forward(Inputs inputs, Tensor& output) const = 0;

  void infer(Inputs inputs, std::span<TensorSpec> outputs) const final { outputs[0] = infer(inputs); }
  void forward(Inputs inputs, std::span<Tensor> outputs) const final { forward(inputs, outputs[0]); }
};

/// An op whose result shares the input's elements.
class ViewOp : public MultiOp {
 public:
  using MultiOp::infer;
  virtual TensorSpec infer(Inputs inputs) const = 0;
  virtual Tensor view(Inputs inputs) const = 0;

  void infer(Inputs inputs, std::span<TensorSpec> outputs) const final { outputs[0] = infer(inputs); }
  void forward(Inputs, std::span<Tensor>) const final {}
  bool view(Inputs inputs, std::span<Tensor> outputs) const final {
    outputs[0] = view(inputs);
    return true;
  }
  Saved saved() const override { return {Saved::none, Saved::none}; }
};

namespace detail {

/// What is known of a class of ops.
struct OpType {
  std::size_t size, alignment;
  MultiOp* (*move)(void* to, MultiOp& from);
  std::unique_ptr<MultiOp> (*copy)(const MultiOp& from);
  bool (*same)(const MultiOp& a, const MultiOp& b);  // of two ops of this class
};

template <class O>
bool same_attributes(const MultiOp& a, const MultiOp& b) {
  const auto &x = static_cast<const O&>(a), &y = static_cast<const O&>(b);
  if constexpr (requires { x.attributes(); })
    return x.attributes() == y.attributes();
  else
    return sizeof(O) == sizeof(MultiOp) ||
           std::memcmp(static_cast<const void*>(&x), static_cast<const void*>(&y), sizeof(O)) == 0;
}

template <class O>
inline constexpr OpType op_type = {
    sizeof(O), alignof(O), [](void* to, MultiOp& from) -> MultiOp* { return ::new (to) O(static_cast<O&&>(from)); },
    [](const MultiOp& from) -> std::unique_ptr<MultiOp> { return std::make_unique<O>(static_cast<const O&>(from)); },
    &same_attributes<O>};

void run(MultiOp& op, const OpType& type, Inputs inputs, std::span<Tensor> outputs);

}  // namespace detail

/// Runs an op, and records it on the thread's tapes if an input is being followed.
template <class O, std::same_as<Tensor>... T>
Tensor apply(O op, const T&... inputs) {
  const Tensor* pointers[] = {&inputs..., nullptr};
  Tensor result;
  detail::run(op, detail::op_type<O>, Inputs(pointers, sizeof...(inputs)), {&result, 1});
  return result;
}

/// As apply, for inputs in an array.
template <class O>
Tensor apply_to(O op, std::span<const Tensor> inputs) {
  const Tensor* few[64];
  std::vector<const Tensor*> many(inputs.size() > std::size(few) ? inputs.size() : 0);
  const Tensor** pointers = many.empty() ? few : many.data();
  for (std::size_t k = 0; k < inputs.size(); ++k) pointers[k] = &inputs[k];
  Tensor result;
  detail::run(op, detail::op_type<O>, Inputs(pointers, inputs.size()), {&result, 1});
  return result;
}

/// As apply, for an op with as many results as there is room in `results`.
template <class O, std::same_as<Tensor>... T>
void apply_into(std::span<Tensor> results, O op, const T&... inputs) {
  const Tensor* pointers[] = {&inputs..., nullptr};
  detail::run(op, detail::op_type<O>, Inputs(pointers, sizeof...(inputs)), results);
}

/// As apply, for an op with `count` results.
template <class O, std::same_as<Tensor>... T>
std::vector<Tensor> apply_multi(O op, std::size_t count, const T&... inputs) {
  std::vector<Tensor> results(count);
  apply_into(results, std::move(op), inputs...);
  return results;
}

/// TypeError in the name of `who` unless all inputs have one dtype.
inline void same_dtype(std::string_view who, Inputs inputs) {
  for (std::size_t k = 1; k < inputs.size(); ++k)
    if (inputs[k].dtype() != inputs[0].dtype())
      raise<TypeError>(who, "all inputs must have one dtype, got ", name(inputs[0].dtype()), " and ",
                       name(inputs[k].dtype()));
}
/// TypeError in the name of `who` unless the tensor is float32 or float64.
inline void floating(std::string_view who, const Tensor& x) {
  if (!is_floating(x.dtype())) raise<TypeError>(who, "expected float32 or float64, got ", name(x.dtype()));
}

}  // namespace unroll
