#include "unroll/cells/layer_norm_basic_lstm_cell.hpp"

#include "support/cell_checks.hpp"

using namespace unroll;
using namespace testing;

namespace {

// One step of a cell with weights of a half, from c = [0, 0.1] and h = [0.2, 0.3].
StepResult step(const Tensor& x, LayerNormBasicLSTMCellOptions options) {
  LayerNormBasicLSTMCell cell(2, options);
  Nest state = LSTMStateTuple(Tensor{{0.0, 0.1}}, Tensor{{0.2, 0.3}});
  cell(x, state);
  for (const Variable& v : cell.variables())
    if (v.name().find("gamma") + 1 == 0 && v.name().find("beta") + 1 == 0) v.assign(full(v.shape(), 0.5, float64));
  return cell(x, state);
}

}  // namespace

TEST_CASE("LayerNormBasicLSTMCell has TensorFlow's numbers") {
  StepResult normed = step(Tensor{{1.0, 1.0}}, {});
  CHECK(allclose(normed.state["c"].leaf(), Tensor{{-1.0, 1.0}}, 1e-6));
  CHECK(allclose(normed.output.leaf(), Tensor{{-0.38079708, 0.38079708}}, 1e-6));
  StepResult plain = step(Tensor{{1.0, 1.0}}, {.layer_norm = false});
  CHECK(allclose(plain.state["c"].leaf(), Tensor{{0.8020075, 0.89599884}}, 1e-7));
  CHECK(allclose(plain.output.leaf(), Tensor{{0.56668288, 0.60858738}}, 1e-7));
  StepResult wide = step(Tensor{{1.0, 1.0, 1.0}}, {.layer_norm = false});
  CHECK(allclose(wide.state["c"].leaf(), Tensor{{0.88477188, 0.98103917}}, 1e-7));
  CHECK(allclose(wide.output.leaf(), Tensor{{0.64121795, 0.68166804}}, 1e-7));
}

TEST_CASE("LayerNormBasicLSTMCell drops from its candidate alone") {
  LayerNormBasicLSTMCell cell(50, {.layer_norm = false, .dropout_keep_prob = 0.5, .dropout_prob_seed = 3});
  Tensor x = random_tensor({4, 3}, 1);
  Nest state = LSTMStateTuple(zeros({4, 50}, float64), random_tensor({4, 50}, 2));
  Tensor dropped = cell(x, state).state["c"];
  cell.set_training(false);
  Tensor whole = cell(x, state).state["c"];
  Index lost = 0;
  for (Index k = 0; k < dropped.size(); ++k) {
    double got = dropped.data<double>()[k], all = whole.data<double>()[k];
    lost += got == 0;
    CHECK((got == 0 || got == doctest::Approx(2 * all)));
  }
  CHECK(lost == doctest::Approx(100).epsilon(0.25));
}

TEST_CASE("LayerNormBasicLSTMCell keeps what a cell promises") {
  LayerNormBasicLSTMCell normed(4, {.forget_bias = 0.4});
  check_cell(normed, {2, 3});
  Names names = variable_names(normed);
  CHECK(names[0] == "layer_norm_basic_lstm_cell/kernel(7, 16)");
  CHECK(names[1] == "layer_norm_basic_lstm_cell/input/gamma(4,)");
  CHECK(names[4] == "layer_norm_basic_lstm_cell/transform/beta(4,)");
  CHECK(names[9] == "layer_norm_basic_lstm_cell/state/gamma(4,)");
  CHECK(names.size() == 11);
  LayerNormBasicLSTMCell plain(3, {.activation = "softsign", .layer_norm = false});
  check_cell(plain, {2, 3});
  CHECK(variable_names(plain)[1] == "layer_norm_basic_lstm_cell/bias(12,)");
  CHECK_THROWS_AS(LayerNormBasicLSTMCell(2, {.dropout_keep_prob = 1.5}), ValueError);
}
