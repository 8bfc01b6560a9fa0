#pragma once
// Cells drawn at random: every class of the library, with random options, alone, in stacks and in wrappers.
#include "support/custom_cells.hpp"
#include "unroll/unroll.hpp"

namespace testing {

using CellPointer = std::shared_ptr<unroll::RNNCell>;

class CellDraw {
 public:
  explicit CellDraw(std::uint64_t seed) : random_(seed) {}
  unroll::Index below(unroll::Index n) { return random_.integers({1}, 0, n).item<unroll::Index>(); }
  bool coin() { return below(2) == 0; }

  /// A cell for inputs of one tensor of this depth, in at most `levels` wrappers or stacks.
  CellPointer cell(unroll::Index depth, int levels) {
    using namespace unroll;
    if (levels == 0 || below(4) == 0) return plain_cell(1 + below(4));
    switch (below(9)) {
      case 0:
        return std::make_shared<HighwayWrapper>(same_width(depth, levels - 1),
                                                HighwayWrapperOptions{.couple_carry_transform_gates = coin()});
      case 1:
        return std::make_shared<DeviceWrapper>(cell(depth, levels - 1), "/cpu:0");
      case 2: {
        auto wrapper = std::make_shared<DropoutWrapper>(
            cell(depth, levels - 1), DropoutWrapperOptions{.input_keep_prob = 0.5, .state_keep_prob = 0.7});
        wrapper->set_training(false);
        return wrapper;
      }
      case 3: {
        auto wrapper = std::make_shared<ZoneoutWrapper>(
            cell(depth, levels - 1),
            ZoneoutWrapperOptions{.zoneout_factor_cell = 0.3, .zoneout_factor_output = coin() ? 0.2 : 0.0});
        wrapper->set_training(false);
        return wrapper;
      }
      case 4:
        return std::make_shared<AttentionCellWrapper>(plain_cell(1 + below(3)), 1 + below(3));
      case 5:
      case 6: {
        std::vector<CellPointer> layers;
        Index width = depth;
        for (Index k = 1 + below(3); k > 0; --k) {
          layers.push_back(cell(width, levels - 1));
          width = layers.back()->output_size().leaf()[0];
        }
        if (coin()) return std::make_shared<keras::StackedRNNCells>(std::move(layers));
        return std::make_shared<MultiRNNCell>(std::move(layers));
      }
      default:
        return std::make_shared<ResidualWrapper>(same_width(depth, levels - 1));
    }
  }

  /// With inputs (a, b), or a state and an output of several tensors.
  CellPointer nested_cell(unroll::Index depth) {
    using namespace unroll;
    Index n = 1 + below(4);
    if (coin()) return nested_state_cell(n, depth);
    return std::make_shared<FormulaCell>(
        SizeNest::dict({{"h", n}}), SizeNest::tuple({n, n}), std::vector<Shape>{{0, n}, {n, n}, {n}},
        [](const Nest& x, const Nest& s, const std::vector<Variable>& p) -> StepResult {
          Tensor a = sigmoid(matmul(x, p[0]) + matmul(s["h"], p[1]));
          Tensor h = a * s["h"] + (1.0 - a) * tanh(p[2]);
          return {Nest::tuple({h, a}), Nest::dict({{"h", h}})};
        });
  }

  CellPointer plain_cell(unroll::Index n) {
    using namespace unroll;
    switch (below(28)) {
      case 0:
        return std::make_shared<BasicRNNCell>(n, BasicRNNCellOptions{.activation = coin() ? "tanh" : "softsign"});
      case 1:
        return std::make_shared<GRUCell>(n);
      case 2:
        return std::make_shared<BasicLSTMCell>(n, BasicLSTMCellOptions{.forget_bias = 0.4, .state_is_tuple = coin()});
      case 3:
        return std::make_shared<LSTMCell>(n, LSTMCellOptions{.use_peepholes = coin(), .state_is_tuple = coin()});
      case 4:
        return std::make_shared<LSTMCell>(
            n + 1, LSTMCellOptions{.use_peepholes = coin(), .cell_clip = 0.7, .num_proj = n, .proj_clip = 0.6});
      case 5:
        return std::make_shared<UGRNNCell>(n);
      case 6:
        return std::make_shared<NASCell>(n, NASCellOptions{.use_bias = coin()});
      case 7:
        return std::make_shared<NASCell>(n + 1, NASCellOptions{.num_proj = n});
      case 8:
        return std::make_shared<SRUCell>(n);
      case 9:
        return std::make_shared<IndRNNCell>(n);
      case 10:
        return std::make_shared<IndyGRUCell>(n);
      case 11:
        return std::make_shared<IndyLSTMCell>(n);
      case 12:
        return std::make_shared<MinGRUCell>(n);
      case 13:
        return std::make_shared<MinLSTMCell>(n);
      case 14:
        return std::make_shared<MGUCell>(n);
      case 15:
        return std::make_shared<CoupledInputForgetGateLSTMCell>(
            n, CoupledInputForgetGateLSTMCellOptions{
                   .use_peepholes = coin(), .state_is_tuple = coin(), .layer_norm = coin()});
      case 16:
        return std::make_shared<CudnnCompatibleGRUCell>(n);
      case 17:
        return std::make_shared<GRUBlockCellV2>(n);
      case 18:
        return std::make_shared<LayerNormBasicLSTMCell>(n + 1, LayerNormBasicLSTMCellOptions{.layer_norm = coin()});
      case 19:
        return std::make_shared<LayerNormLSTMCell>(
            n + 1, LayerNormLSTMCellOptions{.use_peepholes = coin(), .cell_clip = 0.8, .layer_norm = coin()});
      case 20:
        return std::make_shared<LSTMBlockCell>(n, LSTMBlockCellOptions{.cell_clip = 0.5, .use_peephole = coin()});
      case 21:
        return std::make_shared<IntersectionRNNCell>(n, IntersectionRNNCellOptions{.num_in_proj = n});
      case 22:
        return std::make_shared<keras::SimpleRNNCell>(n, keras::CellOptions{.use_bias = coin()});
      case 23:
        return std::make_shared<keras::LSTMCell>(n, keras::CellOptions{.recurrent_activation = "hard_sigmoid"});
      case 24:
        return std::make_shared<keras::GRUCell>(n, keras::CellOptions{.reset_after = coin()});
      case 25:
        return std::make_shared<keras::PeepholeLSTMCell>(n);
      case 26:
        return coin() ? CellPointer(std::make_shared<keras::LayerNormLSTMCell>(n + 1))
                      : CellPointer(std::make_shared<keras::LayerNormSimpleRNNCell>(n + 1));
      default:
        return own_cell(n);
    }
  }

 private:
  CellPointer own_cell(unroll::Index n) {
    switch (below(6)) {
      case 0:
        return coupled_gates_cell(n);
      case 1:
        return multiplicative_lstm_cell(n);
      case 2:
        return layer_norm_cell(n + 1);
      case 3:
        return reset_after_gru_cell(n);
      case 4:
        return shared_parameter_cell(n);
      default:
        return joined_state_cell(n);
    }
  }
  // Its outputs are as wide as its inputs.
  CellPointer same_width(unroll::Index depth, int levels) {
    for (int tries = 0; tries < 8; ++tries)
      if (CellPointer drawn = cell(depth, levels); drawn->output_size().leaf() == unroll::Shape{depth}) return drawn;
    return std::make_shared<unroll::GRUCell>(depth);
  }

  unroll::RandomGenerator random_;
};

}  // namespace testing
