#pragma once
// Cells as a user would write them, in small ops.
#include "cells.hpp"
#include "formula_cell.hpp"
#include "unroll/autograd/ops/activation.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/concat.hpp"
#include "unroll/autograd/ops/math.hpp"
#include "unroll/autograd/ops/matmul.hpp"
#include "unroll/autograd/ops/reduce.hpp"
#include "unroll/autograd/ops/selection.hpp"
#include "unroll/autograd/ops/slice.hpp"

namespace testing {

/// i = sigmoid([x, h] W + b), f = 1 - i
inline std::shared_ptr<unroll::RNNCell> coupled_gates_cell(unroll::Index n) {
  using namespace unroll;
  return std::make_shared<FormulaCell>(n, n, std::vector<Shape>{{0, n}, {n, n}, {n}, {0, n}},
                                       [](const Nest& x, const Nest& h, const std::vector<Variable>& p) -> StepResult {
                                         Tensor i = sigmoid(matmul(x, p[0]) + matmul(h, p[1]) + p[2]);
                                         Tensor next = i * tanh(matmul(x, p[3])) + (1.0 - i) * h;
                                         return {next, next};
                                       });
}

/// An LSTM whose recurrent input is m = (x W_m) * (h U_m) (Krause et al. 2016).
inline std::shared_ptr<unroll::RNNCell> multiplicative_lstm_cell(unroll::Index n) {
  using namespace unroll;
  return std::make_shared<FormulaCell>(
      SizeNest::tuple({n, n}), n, std::vector<Shape>{{0, n}, {n, n}, {0, 4 * n}, {n, 4 * n}, {4 * n}},
      [](const Nest& x, const Nest& state, const std::vector<Variable>& p) -> StepResult {
        Tensor m = matmul(x, p[0]) * matmul(state[1], p[1]);
        auto gates = split(bias_add(matmul(x, p[2]) + matmul(m, p[3]), p[4]), 4, 1);
        Tensor c = sigmoid(gates[1]) * state[0] + sigmoid(gates[0]) * tanh(gates[2]);
        Tensor h = tanh(c) * sigmoid(gates[3]);
        return {h, Nest::tuple({c, h})};
      });
}

/// An LSTM with layer normalisation of each gate and of the new c, in small ops.
inline std::shared_ptr<unroll::RNNCell> layer_norm_cell(unroll::Index n) {
  using namespace unroll;
  auto normalized = [](const Tensor& x, const Tensor& gain, const Tensor& shift) {
    Tensor centered = x - reduce_mean(x, {1}, true);
    return centered * rsqrt(reduce_mean(square(centered), {1}, true) + 1e-3) * gain + shift;
  };
  return std::make_shared<FormulaCell>(
      SizeNest::tuple({n, n}), n,
      std::vector<Shape>{{0, 4 * n}, {n, 4 * n}, {n}, {n}, {n}, {n}, {n}, {n}, {n}, {n}, {n}, {n}},
      [normalized](const Nest& x, const Nest& state, const std::vector<Variable>& p) -> StepResult {
        auto gates = split(matmul(x, p[0]) + matmul(state[1], p[1]), 4, 1);
        std::vector<Tensor> z;
        for (std::size_t k = 0; k < 4; ++k) z.push_back(normalized(gates[k], p[2 + 2 * k], p[3 + 2 * k]));
        Tensor c = state[0] * sigmoid(z[1] + 1.0) + sigmoid(z[0]) * tanh(z[2]);
        Tensor h = tanh(normalized(c, p[10], p[11])) * sigmoid(z[3]);
        return {h, Nest::tuple({c, h})};
      });
}

/// A GRU whose reset gate is applied after the product.
inline std::shared_ptr<unroll::RNNCell> reset_after_gru_cell(unroll::Index n) {
  using namespace unroll;
  return std::make_shared<FormulaCell>(n, n, std::vector<Shape>{{0, 3 * n}, {n, 3 * n}, {3 * n}, {3 * n}},
                                       [](const Nest& x, const Nest& h, const std::vector<Variable>& p) -> StepResult {
                                         auto of_x = split(matmul(x, p[0]) + p[2], 3, 1),
                                              of_h = split(matmul(h, p[1]) + p[3], 3, 1);
                                         Tensor z = sigmoid(of_x[0] + of_h[0]), r = sigmoid(of_x[1] + of_h[1]);
                                         Tensor next = z * h + (1.0 - z) * tanh(of_x[2] + r * of_h[2]);
                                         return {next, next};
                                       });
}

/// One matrix used twice, once transposed.
inline std::shared_ptr<unroll::RNNCell> shared_parameter_cell(unroll::Index n) {
  using namespace unroll;
  return std::make_shared<FormulaCell>(n, n, std::vector<Shape>{{0, n}, {n, n}, {n}},
                                       [](const Nest& x, const Nest& h, const std::vector<Variable>& p) -> StepResult {
                                         Tensor a = tanh(matmul(x, p[0]) + matmul(h, p[1]) + p[2]);
                                         Tensor b = tanh(matmul(a, p[1], {.transpose_b = true}) * p[2] - p[2]);
                                         return {b + a, b};
                                       });
}

/// Its output depends on the input alone; and the state on no input.
inline std::shared_ptr<unroll::RNNCell> stateless_output_cell(unroll::Index n) {
  using namespace unroll;
  return std::make_shared<FormulaCell>(n, 2 * n, std::vector<Shape>{{0, 2 * n}, {n, n}},
                                       [](const Nest& x, const Nest& h, const std::vector<Variable>& p) -> StepResult {
                                         return {relu(matmul(x, p[0])), tanh(matmul(h, p[1]))};
                                       });
}

/// The output is a parameter, the same for all rows and steps; the state only passes by.
inline std::shared_ptr<unroll::RNNCell> constant_output_cell(unroll::Index n) {
  using namespace unroll;
  return std::make_shared<FormulaCell>(n, n, std::vector<Shape>{{n}},
                                       [](const Nest&, const Nest& h, const std::vector<Variable>& p) -> StepResult {
                                         return {h.leaf() * 0.0 + exp(p[0]), h};
                                       });
}

/// A state and an output of several tensors, one of which is the last input.
inline std::shared_ptr<unroll::RNNCell> nested_state_cell(unroll::Index n, unroll::Index depth) {
  using namespace unroll;
  return std::make_shared<FormulaCell>(
      SizeNest::dict({{"a", SizeNest::tuple({n, depth})}, {"b", n + 1}}),
      SizeNest::dict({{"y", n}, {"z", SizeNest::tuple({depth, 1})}}),
      std::vector<Shape>{{0, n}, {n + 1, n}, {n, n + 1}, {0, 1}},
      [](const Nest& x, const Nest& state, const std::vector<Variable>& p) -> StepResult {
        const Tensor &a = state["a"][0], &last = state["a"][1], &b = state["b"];
        Tensor y = softsign(matmul(x, p[0]) + matmul(b, p[1])) * 0.7 + a * 0.5;
        Tensor next = sigmoid(matmul(y, p[2])) - b;
        Tensor difference = x.leaf() - last;
        return {Nest::dict({{"y", y}, {"z", Nest::tuple({difference, matmul(last, p[3])})}}),
                Nest::dict({{"a", Nest::tuple({y, x})}, {"b", next}})};
      });
}

/// One state tensor of two parts, cut and joined at each step; the maximum of a row; numbers that all rows share.
inline std::shared_ptr<unroll::RNNCell> joined_state_cell(unroll::Index n) {
  using namespace unroll;
  return std::make_shared<FormulaCell>(
      3 * n, n, std::vector<Shape>{{0, n}, {2 * n, n}, {1}},
      [n](const Nest& x, const Nest& state, const std::vector<Variable>& p) -> StepResult {
        Tensor a = slice_axis(state, 1, 0, n), rest = slice_axis(state, 1, n, 3 * n);
        Tensor z = matmul(x, p[0]) + matmul(rest, p[1]);
        Tensor y = tanh(z - reduce_max(z, {1}, true)) + a * 0.3;
        return {y, concat({maximum(y, a) * p[2], slice_axis(rest, 1, n, 2 * n), clip_by_value(z, -0.5, 0.6)}, 1)};
      });
}

/// Those above, as cases; the inputs have depth 3.
inline std::vector<CellCase> custom_cell_cases() {
  return {{"coupled gates", [] { return coupled_gates_cell(4); }},
          {"multiplicative LSTM", [] { return multiplicative_lstm_cell(3); }},
          {"own layer norm LSTM", [] { return layer_norm_cell(5); }},
          {"GRU with reset after", [] { return reset_after_gru_cell(4); }},
          {"a parameter used twice", [] { return shared_parameter_cell(4); }},
          {"an output without state", [] { return stateless_output_cell(2); }},
          {"a constant output", [] { return constant_output_cell(3); }},
          {"nested state", [] { return nested_state_cell(4, 3); }},
          {"a state of joined parts", [] { return joined_state_cell(3); }}};
}

}  // namespace testing
