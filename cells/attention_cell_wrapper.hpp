#pragma once
#include "unroll/cells/cell_wrapper.hpp"
#include "unroll/cells/dense.hpp"

namespace unroll {

struct AttentionCellWrapperOptions {
  std::optional<Index> attn_size = {};      // of the attention vector and of the output; the cell's output size
  std::optional<Index> attn_vec_size = {};  // of the hidden features that scores are made of; attn_size
  std::optional<Index> input_size = {};     // of what the cell is given; the depth of the inputs
  bool state_is_tuple = true;               // false: the state is one tensor, all of it side by side
  std::string name = {};
};

/// A cell that attends to its own last outputs (tf.contrib.rnn.AttentionCellWrapper; Bahdanau et al. 2014,
/// arXiv:1409.0473). Its state is (the cell's state, attns (batch, attn_size), window (batch, attn_length attn_size)),
/// the window holding the outputs a_1 .. a_n of the last attn_length steps, oldest first:
///
///     output, state = cell([x, attns] kernel + bias, state)
///     s_i    = sum(attn_v * tanh(a_i attn_w + [flat new state] attention/kernel + attention/bias))
///     attns' = sum_i softmax(s)_i a_i
///     output = [output, attns'] attn_output_projection/kernel + attn_output_projection/bias
///     window' = a_2 .. a_n, output
///
/// Variables: kernel, bias; those of the cell; attention/attn_w (1, 1, attn_size, attn_vec_size), attention/attn_v,
/// attention/kernel, attention/bias; attn_output_projection/kernel, attn_output_projection/bias; all in the scope
/// attention_cell_wrapper. The cell's output is one matrix. Throws TypeError if the cell is null, ValueError unless
/// attn_length is above 0, or if `state_is_tuple` is false and the cell's state is no single tensor.
class AttentionCellWrapper : public CellWrapper {
 public:
  AttentionCellWrapper(std::shared_ptr<RNNCell> cell, Index attn_length, AttentionCellWrapperOptions options = {});
  template <std::derived_from<RNNCell> Cell>
  AttentionCellWrapper(Cell cell, Index attn_length, AttentionCellWrapperOptions options = {})
      : AttentionCellWrapper(shared_cell(std::move(cell)), attn_length, std::move(options)) {}

  std::string class_name() const override { return "AttentionCellWrapper"; }
  SizeNest state_size() const override;
  SizeNest output_size() const override { return attn_size_; }
  Nest zero_state(Index batch_size, DType dtype) const override;
  Config config() const override;
  std::vector<Module*> submodules() override { return {wrapped_cell().get(), &attention_, &projection_}; }

 protected:
  std::string default_name() const override { return "attention_cell_wrapper"; }

 private:
  // Scores, and the weighted sum of the window (batch, length, size).
  class Attention : public Module {
   public:
    Attention(Index attn_size, Index vec_size);
    std::string class_name() const override { return "Attention"; }
    Tensor operator()(const Tensor& query, const Tensor& window);

   private:
    void create(const SpecNest& inputs) override;

    Index attn_size_, vec_size_;
    Variable attn_w_, attn_v_, kernel_, bias_;
  };

  void create(const SpecNest& inputs) override;
  StepResult call(const Nest& inputs, const Nest& state) override;
  Index cell_state_width() const;

  Index attn_length_, attn_size_, input_size_ = 0, depth_ = 0;
  AttentionCellWrapperOptions options_;
  Variable kernel_, bias_;
  Attention attention_;
  Dense projection_;
};

}  // namespace unroll
