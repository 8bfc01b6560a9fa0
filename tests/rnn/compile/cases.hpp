#pragma once
// Cells that run compiled, in many forms.
#include "support/custom_cells.hpp"
#include "unroll/cells/attention_cell_wrapper.hpp"
#include "unroll/cells/coupled_input_forget_gate_lstm_cell.hpp"
#include "unroll/cells/cudnn_compatible_gru_cell.hpp"
#include "unroll/cells/device_wrapper.hpp"
#include "unroll/cells/gru_block_cell.hpp"
#include "unroll/cells/highway_wrapper.hpp"
#include "unroll/cells/ind_rnn_cell.hpp"
#include "unroll/cells/indy_gru_cell.hpp"
#include "unroll/cells/indy_lstm_cell.hpp"
#include "unroll/cells/intersection_rnn_cell.hpp"
#include "unroll/cells/layer_norm_basic_lstm_cell.hpp"
#include "unroll/cells/layer_norm_lstm_cell.hpp"
#include "unroll/cells/lstm_block_cell.hpp"
#include "unroll/cells/mgu_cell.hpp"
#include "unroll/cells/min_gru_cell.hpp"
#include "unroll/cells/min_lstm_cell.hpp"
#include "unroll/cells/nas_cell.hpp"
#include "unroll/cells/phased_lstm_cell.hpp"
#include "unroll/cells/residual_wrapper.hpp"
#include "unroll/cells/sru_cell.hpp"
#include "unroll/cells/ugrnn_cell.hpp"
#include "unroll/cells/zoneout_wrapper.hpp"

namespace testing {

struct CompiledCase : CellCase {
  unroll::SizeNest input = 3;  // of one step, without the batch
  bool is_derivative = true;   // what it gives for gradients
};

template <class Cell, class... Arguments>
CompiledCase cell_case(std::string name, Arguments... arguments) {
  return {{std::move(name), [=] { return std::make_shared<Cell>(arguments...); }}, 3};
}

/// The library's cells, and some of a user's.
inline std::vector<CompiledCase> compiled_cases() {
  using namespace unroll;
  std::vector<CompiledCase> cases;
  for (const CellCase& c : cell_cases()) cases.push_back({c, 3});
  for (const CellCase& c : custom_cell_cases()) cases.push_back({c, 3});
  for (const CompiledCase& c : std::vector<CompiledCase>{
           cell_case<CoupledInputForgetGateLSTMCell>(
               "coupled", 4,
               CoupledInputForgetGateLSTMCellOptions{.use_peepholes = true, .num_proj = 3, .proj_clip = 0.6}),
           cell_case<CoupledInputForgetGateLSTMCell>("coupled, layer norm", 4,
                                                     CoupledInputForgetGateLSTMCellOptions{.layer_norm = true}),
           cell_case<CudnnCompatibleGRUCell>("cuDNN GRU", 4),
           cell_case<GRUBlockCellV2>("GRU block", 4),
           cell_case<IndRNNCell>("IndRNN", 4),
           cell_case<IndyGRUCell>("IndyGRU", 4),
           cell_case<IndyLSTMCell>("IndyLSTM", 4),
           cell_case<IntersectionRNNCell>("intersection", 3),
           cell_case<IntersectionRNNCell>("intersection, projection", 4, IntersectionRNNCellOptions{.num_in_proj = 4}),
           cell_case<LayerNormBasicLSTMCell>("layer norm basic LSTM", 4),
           cell_case<LayerNormLSTMCell>(
               "layer norm LSTM", 4,
               LayerNormLSTMCellOptions{
                   .use_peepholes = true, .cell_clip = 0.8, .num_proj = 3, .proj_clip = 0.7, .layer_norm = true}),
           cell_case<LSTMBlockCell>("LSTM block", 4, LSTMBlockCellOptions{.use_peephole = true}),
           cell_case<MGUCell>("MGU", 4),
           cell_case<MinGRUCell>("minGRU", 4),
           cell_case<MinLSTMCell>("minLSTM", 4),
           cell_case<NASCell>("NAS", 3, NASCellOptions{.num_proj = 4, .use_bias = true}),
           cell_case<SRUCell>("SRU", 3),
           cell_case<UGRNNCell>("UGRNN", 4),
           cell_case<DeviceWrapper>("device", std::make_shared<GRUCell>(4), "/cpu:0"),
           cell_case<HighwayWrapper>("highway", std::make_shared<GRUCell>(3)),
           cell_case<HighwayWrapper>("highway, two gates", std::make_shared<LSTMCell>(3),
                                     HighwayWrapperOptions{.couple_carry_transform_gates = false}),
           cell_case<ResidualWrapper>("residual", std::make_shared<LSTMCell>(3)),
           cell_case<ResidualWrapper>("residual around own cell", coupled_gates_cell(3)),
           cell_case<HighwayWrapper>("highway around own cell", reset_after_gru_cell(3)),
       })
    cases.push_back(c);
  // Its gradient goes through the clipping as if there were none, as TensorFlow's.
  cases.push_back(cell_case<LSTMBlockCell>("LSTM block, clipped", 4, LSTMBlockCellOptions{.cell_clip = 0.5}));
  cases.back().is_derivative = false;
  return cases;
}

}  // namespace testing
