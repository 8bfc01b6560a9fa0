#pragma once
// Cells in many forms, for tests that hold for every cell.
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "random_tensors.hpp"
#include "unroll/cells/basic_lstm_cell.hpp"
#include "unroll/cells/basic_rnn_cell.hpp"
#include "unroll/cells/gru_cell.hpp"
#include "unroll/cells/lstm_cell.hpp"
#include "unroll/cells/multi_rnn_cell.hpp"

namespace testing {

struct CellCase {
  std::string name;
  std::function<std::shared_ptr<unroll::RNNCell>()> make;
};

inline std::vector<CellCase> cell_cases() {
  using namespace unroll;
  return {
      {"basic", [] { return std::make_shared<BasicRNNCell>(3); }},
      {"basic, own activation",
       [] { return std::make_shared<BasicRNNCell>(2, BasicRNNCellOptions{.activation = "softsign"}); }},
      {"GRU", [] { return std::make_shared<GRUCell>(3); }},
      {"basic LSTM", [] { return std::make_shared<BasicLSTMCell>(3, BasicLSTMCellOptions{.forget_bias = 0.4}); }},
      {"basic LSTM, joined state",
       [] { return std::make_shared<BasicLSTMCell>(2, BasicLSTMCellOptions{.state_is_tuple = false}); }},
      {"LSTM", [] { return std::make_shared<LSTMCell>(3); }},
      {"LSTM, every option",
       [] {
         return std::make_shared<LSTMCell>(
             4, LSTMCellOptions{
                    .use_peepholes = true, .cell_clip = 0.9, .num_proj = 3, .proj_clip = 0.7, .forget_bias = 0.3});
       }},
      {"LSTM, projection, joined state",
       [] { return std::make_shared<LSTMCell>(2, LSTMCellOptions{.num_proj = 3, .state_is_tuple = false}); }},
      {"stack", [] { return std::make_shared<MultiRNNCell>(LSTMCell(3), GRUCell(2), BasicRNNCell(4)); }},
      {"stack of one state tensor",
       [] {
         std::vector<std::shared_ptr<RNNCell>> cells{
             std::make_shared<LSTMCell>(2, LSTMCellOptions{.state_is_tuple = false}), std::make_shared<GRUCell>(3)};
         return std::make_shared<MultiRNNCell>(cells, MultiRNNCellOptions{.state_is_tuple = false});
       }},
  };
}

/// Gives all variables random values, so that biases and gates differ from one another.
inline void randomize(const unroll::Module& module, std::uint64_t stream = 100, double scale = 0.6) {
  for (const unroll::Variable& v : module.variables()) v.assign(random_tensor(v.shape(), stream++, scale, v.dtype()));
}

/// A random state of the cell, in its structure.
inline unroll::Nest random_state(const unroll::RNNCell& cell, unroll::Index batch, std::uint64_t stream = 50,
                                 unroll::DType dtype = unroll::float64) {
  return cell.state_size().map(
      [&](const unroll::Shape& size) { return random_tensor(size.insert(0, batch), stream++, 0.5, dtype); });
}

}  // namespace testing
