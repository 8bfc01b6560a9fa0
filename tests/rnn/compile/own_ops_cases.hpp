#pragma once
// Cells that use what a product, an elementwise operation or a reduction of rows is not: other dtypes and ranks,
// parameters that change in time, tensors that have a row for each of the batch, ops with kernels of their own.
#include "cases.hpp"
#include "unroll/autograd/ops/cast.hpp"
#include "unroll/autograd/ops/comparison.hpp"
#include "unroll/autograd/ops/convolution.hpp"
#include "unroll/autograd/ops/cumsum.hpp"
#include "unroll/autograd/ops/gather.hpp"
#include "unroll/autograd/ops/one_hot.hpp"
#include "unroll/autograd/ops/reshape.hpp"
#include "unroll/autograd/ops/reverse.hpp"
#include "unroll/autograd/ops/softmax.hpp"
#include "unroll/autograd/ops/tensordot.hpp"
#include "unroll/autograd/ops/transpose.hpp"
#include "unroll/cells/conv_lstm_cell.hpp"
#include "unroll/core/creation.hpp"

namespace testing {

struct OwnOpsCase {
  std::string name;
  std::function<std::shared_ptr<unroll::RNNCell>(const unroll::Tensor& captured)> make;
  unroll::SizeNest input = 3;
  std::function<unroll::Nest(const unroll::RNNCell&, unroll::Index batch, unroll::DType dtype)> state = {};
  /// A tensor with a row for each of the batch that the cell captures.
  std::function<unroll::Tensor(unroll::Index batch, unroll::DType dtype)> captured = {};
};

using Formula = FormulaCell::Formula;
inline auto formula_cell(unroll::SizeNest state, unroll::SizeNest output, std::vector<unroll::Shape> parameters,
                         Formula formula) {
  return [=](const unroll::Tensor&) { return std::make_shared<FormulaCell>(state, output, parameters, formula); };
}

/// A state of these sizes and dtypes; integers and bools are small and differ from row to row.
inline unroll::Nest mixed_state(const std::vector<unroll::TensorSpec>& of_rows, unroll::Index batch) {
  using namespace unroll;
  std::vector<Nest> parts;
  std::uint64_t stream = 60;
  for (const TensorSpec& s : of_rows) {
    Tensor numbers = random_tensor(s.shape.insert(0, batch), stream++, is_floating(s.dtype) ? 0.5 : 4);
    parts.emplace_back(s.dtype == bool_ ? greater(numbers, 0.0) : cast(numbers, s.dtype));
  }
  return Nest::tuple(parts);
}

/// A count of its steps and a sum, in integers, and whether h was ever large.
inline OwnOpsCase integer_state_case() {
  using namespace unroll;
  auto cell = formula_cell(SizeNest::tuple({3, Shape(), 3, 3}), 3, {{0, 3}, {3, 3}, {3}},
                           [](const Nest& x, const Nest& state, const std::vector<Variable>& p) -> StepResult {
                             Tensor late = expand_dims(greater(state[1], 2.0), 1);
                             Tensor h = tanh(matmul(x, p[0]) + matmul(state[0], p[1]));
                             h = where(late, h, h * p[2]);
                             Tensor large = logical_or(state[2], greater(h, 0.5));
                             return {where(large, h, -h) + cast(state[3], h.dtype()) * 0.01,
                                     Nest::tuple({h, state[1] + 1, large, state[3] + cast(h * 10.0, int32)})};
                           });
  return {"integer state", cell, 3, [](const RNNCell&, Index batch, DType dtype) {
            return mixed_state({{{3}, dtype}, {{}, int64}, {{3}, bool_}, {{3}, int32}}, batch);
          }};
}

/// One number per row, and matrices in each row.
inline OwnOpsCase ranks_case() {
  using namespace unroll;
  auto cell =
      formula_cell(SizeNest::tuple({Shape(), Shape{2, 3}, Shape{2, 2, 3}}), Shape{3, 2}, {{0, 2}, {2, 2, 3}},
                   [](const Nest& x, const Nest& state, const std::vector<Variable>& p) -> StepResult {
                     const Tensor &a = state[0], &m = state[1], &cube = state[2];
                     Tensor both = expand_dims(matmul(x, p[0]), 2) * tanh(m + expand_dims(expand_dims(a, 1), 1));
                     Tensor turned = transpose(both, {0, 2, 1});
                     Tensor next = cube * reduce_sum(p[1].value(), {0}) + expand_dims(both, 1);
                     Tensor pair = reduce_mean(next, {1, 3});
                     return {turned, Nest::tuple({reduce_mean(both, {1, 2}), both + expand_dims(pair, 2), next})};
                   });
  return {"ranks", cell};
}

/// Its recurrent matrix fades from step to step, by a factor that is a state without a batch dimension.
inline OwnOpsCase fading_parameter_case() {
  using namespace unroll;
  auto cell = formula_cell(SizeNest::tuple({3, Shape()}), 3, {{0, 3}, {3, 3}, {}},
                           [](const Nest& x, const Nest& state, const std::vector<Variable>& p) -> StepResult {
                             Tensor h = tanh(matmul(x, p[0]) + matmul(state[0], p[1] * state[1]));
                             return {h, Nest::tuple({h, state[1] * sigmoid(p[2])})};
                           });
  return {"a parameter that fades", cell, 3, [](const RNNCell&, Index batch, DType dtype) {
            return Nest::tuple({random_tensor({batch, 3}, 50, 0.5, dtype), full({}, 0.9, dtype)});
          }};
}

/// Fast weights: every row has a matrix of its own, which the step changes.
inline OwnOpsCase fast_weights_case() {
  using namespace unroll;
  auto cell = formula_cell(SizeNest::tuple({3, Shape{3, 3}}), 3, {{0, 3}, {3, 3}},
                           [](const Nest& x, const Nest& state, const std::vector<Variable>& p) -> StepResult {
                             const Tensor &h = state[0], &fast = state[1];
                             Tensor next =
                                 tanh(matmul(x, p[0]) + squeeze(matmul(expand_dims(h, 1), fast + p[1].value()), {1}));
                             Tensor outer = expand_dims(h, 2) * expand_dims(next, 1);
                             return {next, Nest::tuple({next, fast * 0.8 + outer * 0.3})};
                           });
  return {"fast weights", cell};
}

/// Attention over a memory that belongs to the cell: 4 vectors for each row.
inline OwnOpsCase memory_case() {
  using namespace unroll;
  auto make = [](const Tensor& memory) {
    return std::make_shared<FormulaCell>(
        3, 3, std::vector<Shape>{{0, 3}, {3, 3}, {3, 2}, {3, 2}},
        [memory](const Nest& x, const Nest& h, const std::vector<Variable>& p) -> StepResult {
          Tensor query = matmul(h, p[1]) + matmul(x, p[0]);
          Tensor keys = tensordot(memory, p[2], 1);
          Tensor scores = reduce_sum(tanh(keys + expand_dims(matmul(query, p[3]), 1)), {2}) +
                          reduce_sum(memory * expand_dims(query, 1), {2});
          Tensor read = squeeze(matmul(expand_dims(softmax(scores, 1), 1), memory), {1});
          Tensor next = tanh(read + query);
          return {next, next};
        });
  };
  return {"attention over a memory", make, 3, {}, [](Index batch, DType dtype) {
            return random_tensor({batch, 4, 3}, 9, 1, dtype);
          }};
}

inline std::vector<OwnOpsCase> own_ops_cases() {
  using namespace unroll;
  std::vector<OwnOpsCase> cases{integer_state_case(), ranks_case(), fading_parameter_case(), fast_weights_case(),
                                memory_case()};
  auto library = [&](std::string name, SizeNest input, auto make) {
    cases.push_back({std::move(name), [=](const Tensor&) { return make(); }, std::move(input)});
  };
  cases.push_back({"convolution along units",
                   formula_cell(4, 4, {{0, 4}, {3, 1, 1}},
                                [](const Nest& x, const Nest& h, const std::vector<Variable>& p) -> StepResult {
                                  Tensor along = squeeze(convolution(expand_dims(h, 2), p[1]), {2});
                                  Tensor next = tanh(matmul(x, p[0]) + along);
                                  return {next, next};
                                })});
  cases.push_back({"choices and a table",
                   formula_cell(4, 4, {{0, 4}, {4, 4}, {5, 4}},
                                [](const Nest& x, const Nest& h, const std::vector<Variable>& p) -> StepResult {
                                  Tensor a = tanh(matmul(x, p[0]) + matmul(h, p[1]));
                                  Tensor chosen = argmax(a, 1);
                                  Tensor next = tanh(cumsum(a, 1) * one_hot(chosen, 4, {.dtype = a.dtype()}) +
                                                     embedding_lookup(p[2], chosen) + reverse(h, {1}));
                                  return {next, next};
                                })});
  cases.push_back({"an average over the batch",
                   formula_cell(3, 3, {{0, 3}, {3, 3}},
                                [](const Nest& x, const Nest& h, const std::vector<Variable>& p) -> StepResult {
                                  Tensor a = tanh(matmul(x, p[0]) + matmul(h, p[1]));
                                  Tensor next = a - 0.5 * reduce_mean(a, {0}, true);
                                  return {next, next};
                                })});
  library("attention wrapper", 3,
          [] { return std::make_shared<AttentionCellWrapper>(std::make_shared<GRUCell>(4), 3); });
  library("phased LSTM", SizeNest::tuple({1, 3}), [] { return std::make_shared<PhasedLSTMCell>(4); });
  library("LSTM of vectors", Shape{4, 2}, [] { return std::make_shared<Conv1DLSTMCell>(Shape{4, 2}, 2, Shape{3}); });
  library("LSTM of images", Shape{3, 4, 2}, [] {
    return std::make_shared<Conv2DLSTMCell>(Shape{3, 4, 2}, 2, Shape{3, 2});
  });
  return cases;
}

}  // namespace testing
