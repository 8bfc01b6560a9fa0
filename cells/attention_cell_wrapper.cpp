#include "unroll/cells/attention_cell_wrapper.hpp"

#include "unroll/autograd/ops/activation.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/concat.hpp"
#include "unroll/autograd/ops/matmul.hpp"
#include "unroll/autograd/ops/reduce.hpp"
#include "unroll/autograd/ops/reshape.hpp"
#include "unroll/autograd/ops/slice.hpp"
#include "unroll/autograd/ops/softmax.hpp"
#include "unroll/cells/check.hpp"

namespace unroll {
namespace {

constexpr std::string_view who = "AttentionCellWrapper";

Index default_size(const RNNCell& cell, std::optional<Index> given) {
  return checked_units(who, "attn_size", given ? *given : cell.output_size().leaf()[0]);
}

}  // namespace

AttentionCellWrapper::AttentionCellWrapper(std::shared_ptr<RNNCell> cell, Index attn_length,
                                           AttentionCellWrapperOptions options)
    : CellWrapper(who, std::move(cell), options.name),
      attn_length_(attn_length),
      attn_size_(default_size(*wrapped_cell(), options.attn_size)),
      options_(std::move(options)),
      attention_(attn_size_, checked_units(who, "attn_vec_size", options_.attn_vec_size.value_or(attn_size_))),
      projection_(attn_size_, {.name = "attn_output_projection"}) {
  if (attn_length <= 0) raise<ValueError>(who, "attn_length should be greater than zero, it is ", attn_length);
  if (!options_.state_is_tuple && !wrapped_cell()->state_size().is_leaf())
    raise<ValueError>(who, "without state_is_tuple the cell's state must be one matrix, it is ",
                      wrapped_cell()->state_size());
}

Index AttentionCellWrapper::cell_state_width() const {
  Index width = 0;
  wrapped_cell()->state_size().for_each([&](const Shape& size) { width += size.size(); });
  return width;
}

SizeNest AttentionCellWrapper::state_size() const {
  if (!options_.state_is_tuple) return cell_state_width() + attn_size_ * (attn_length_ + 1);
  return SizeNest::tuple({wrapped_cell()->state_size(), attn_size_, attn_size_ * attn_length_});
}

Nest AttentionCellWrapper::zero_state(Index batch_size, DType dtype) const {
  return RNNCell::zero_state(batch_size, dtype);  // NOLINT(bugprone-parent-virtual-call): not the wrapped cell's
}

Config AttentionCellWrapper::config() const {
  return {{"attn_length", attn_length_},
          {"attn_size", attn_size_},
          {"attn_vec_size", or_null(options_.attn_vec_size)},
          {"input_size", or_null(options_.input_size)},
          {"state_is_tuple", options_.state_is_tuple}};
}

void AttentionCellWrapper::create(const SpecNest& inputs) {
  depth_ = input_depth(*this, inputs);
  input_size_ = options_.input_size.value_or(depth_);
  kernel_ = add_variable("kernel", {depth_ + attn_size_, input_size_});
  bias_ = add_variable("bias", {input_size_}, zeros_initializer());
  auto matrix = [&](Index width) { return TensorSpec{{inputs.leaf().shape[0], width}, dtype()}; };
  CellWrapper::create(matrix(input_size_));
  attention_.build(matrix(cell_state_width()));
  projection_.build(matrix(wrapped_cell()->output_size().leaf()[0] + attn_size_));
}

StepResult AttentionCellWrapper::call(const Nest& inputs, const Nest& state) {
  const Tensor& x = matrix_input(*this, inputs, depth_, dtype());
  Index batch = x.shape(0), window_width = attn_size_ * attn_length_;
  Nest parts = state;
  if (options_.state_is_tuple) {
    if (state.size() != 3)
      raise<ValueError>(who, "the state has the structure ", state.structure(),
                        ", expected (cell state, attention, window)");
  } else {
    const Tensor& joined = matrix_state(*this, state, batch, state_size().leaf()[0], dtype());
    std::vector<Tensor> split_parts = split(joined, {cell_state_width(), attn_size_, window_width}, 1);
    parts = Nest::tuple({split_parts[0], split_parts[1], split_parts[2]});
  }
  const Tensor& attns = matrix_state(*this, parts[1], batch, attn_size_, dtype());
  Tensor window =
      reshape(matrix_state(*this, parts[2], batch, window_width, dtype()), {batch, attn_length_, attn_size_});

  auto [output, next] = (*wrapped_cell())(bias_add(matmul(concat(x, attns, 1), kernel_), bias_), parts[0]);
  Tensor query = concat(next.flatten(), 1);
  Tensor next_attns = attention_(query, window);
  Tensor projected = projection_(concat(output, next_attns, 1));
  Tensor kept = slice(window, {0, 1, 0}, {-1, -1, -1});
  Tensor next_window = reshape(concat(kept, expand_dims(projected, 1), 1), {batch, window_width});
  if (options_.state_is_tuple) return {projected, Nest::tuple({next, next_attns, next_window})};
  return {projected, concat({next.leaf(), next_attns, next_window}, 1)};
}

AttentionCellWrapper::Attention::Attention(Index attn_size, Index vec_size)
    : Module("attention"), attn_size_(attn_size), vec_size_(vec_size) {}

void AttentionCellWrapper::Attention::create(const SpecNest& inputs) {
  attn_w_ = add_variable("attn_w", {1, 1, attn_size_, vec_size_});
  attn_v_ = add_variable("attn_v", {vec_size_});
  kernel_ = add_variable("kernel", {inputs.leaf().shape[1], vec_size_});
  bias_ = add_variable("bias", {vec_size_}, zeros_initializer());
}

Tensor AttentionCellWrapper::Attention::operator()(const Tensor& query, const Tensor& window) {
  Index batch = window.shape(0), length = window.shape(1);
  Tensor rows = reshape(window, {batch * length, attn_size_});
  Tensor features = reshape(matmul(rows, reshape(attn_w_, {attn_size_, vec_size_})), {batch, length, vec_size_});
  Tensor of_query = expand_dims(bias_add(matmul(query, kernel_), bias_), 1);
  Tensor weights = softmax(reduce_sum(tanh(features + of_query) * attn_v_.value(), {2}));
  return reduce_sum(expand_dims(weights, 2) * window, {1});
}

}  // namespace unroll
