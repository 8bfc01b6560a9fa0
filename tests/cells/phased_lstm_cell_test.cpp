#include "unroll/cells/phased_lstm_cell.hpp"

#include "support/cell_checks.hpp"

using namespace unroll;
using namespace testing;

namespace {

// One unit, with weights that leave c~ and h~ easy to say: no input, gates from biases.
struct OneUnit {
  PhasedLSTMCell cell{1, {.leak = 0.01}};
  OneUnit(double period, double phase, double ratio_on) {
    cell.build(SpecNest::tuple({TensorSpec{{1, 1}, float64}, TensorSpec{{1, 1}, float64}}));
    fill(cell, 0);
    std::vector<Variable> v = cell.variables();
    v[6].assign(Tensor{period});
    v[7].assign(Tensor{phase});
    v[8].assign(Tensor{ratio_on});
  }
  // What passes of c~ = c / 2 at this time.
  double openness(double time) {
    Nest state = LSTMStateTuple(Tensor{{1.0}}, Tensor{{0.0}});
    Tensor c = cell(Nest::tuple({Tensor{{time}}, Tensor{{0.0}}}), state).state["c"];
    return (1 - c.item<double>()) / 0.5;
  }
};

}  // namespace

TEST_CASE("PhasedLSTMCell opens and closes with time") {
  OneUnit unit(10, 2, 0.4);
  CHECK(unit.openness(2) == doctest::Approx(0));                  // the phase: closed
  CHECK(unit.openness(3) == doctest::Approx(2 * 0.1 / 0.4));      // rising
  CHECK(unit.openness(5) == doctest::Approx(2 - 2 * 0.3 / 0.4));  // falling
  CHECK(unit.openness(9) == doctest::Approx(0.01 * 0.7));         // leaking
  CHECK(unit.openness(23) == doctest::Approx(unit.openness(3)));  // periodic
  CHECK(unit.openness(-7) == doctest::Approx(unit.openness(3)));  // before the phase, too
}

TEST_CASE("PhasedLSTMCell has TensorFlow's names, and periods and phases in their range") {
  PhasedLSTMCell cell(50, {.use_peepholes = true, .period_init_min = 2, .period_init_max = 20});
  cell.build(SpecNest::tuple({TensorSpec{{1, 1}, float64}, TensorSpec{{1, 4}, float64}}));
  CHECK(variable_names(cell) ==
        Names{"phased_lstm_cell/mask_gates/kernel(104, 100)", "phased_lstm_cell/mask_gates/bias(100,)",
              "phased_lstm_cell/new_input/kernel(54, 50)", "phased_lstm_cell/new_input/bias(50,)",
              "phased_lstm_cell/output_gate/kernel(104, 50)", "phased_lstm_cell/output_gate/bias(50,)",
              "phased_lstm_cell/period(50,)", "phased_lstm_cell/phase(50,)", "phased_lstm_cell/ratio_on(50,)"});
  std::vector<Variable> v = cell.variables();
  for (Index k = 0; k < 50; ++k) {
    double period = v[6].value().at<double>({k}), phase = v[7].value().at<double>({k});
    CHECK((period >= 2 && period <= 20));
    CHECK((phase >= 0 && phase <= period));
    CHECK(v[8].value().at<double>({k}) == 0.1);
  }
}

TEST_CASE("PhasedLSTMCell has right gradients, but for the period's part in mod") {
  for (bool peepholes : {false, true}) {
    PhasedLSTMCell cell(3, {.use_peepholes = peepholes, .leak = 0.1, .ratio_on = 0.6});
    Tensor time = Tensor{{1.3}, {40.7}}, x = random_tensor({2, 4}, 1);
    Nest state = random_state(cell, 2);
    auto run = [&](const std::vector<Tensor>& in) {
      StepResult step = cell(Nest::tuple({in[0], in[1]}), LSTMStateTuple(in[2], in[3]));
      return Nest::tuple({step.output, step.state});
    };
    std::vector<Tensor> inputs{time, x, state["c"], state["h"]};
    run(inputs);
    auto of_inputs = check_gradients(run, inputs);
    CHECK_MESSAGE(of_inputs, of_inputs.to_string());
    std::vector<Variable> variables = cell.variables();
    variables.erase(variables.begin() + 6);  // the period: TensorFlow's gradient is not the derivative
    auto of_variables = check_gradients([&] { return run(inputs); }, variables);
    CHECK_MESSAGE(of_variables, of_variables.to_string());
  }
}

TEST_CASE("PhasedLSTMCell refuses inputs without a time") {
  PhasedLSTMCell cell(3);
  CHECK_THROWS_AS(cell(random_tensor({2, 4}, 1), random_state(cell, 2)), ValueError);
  cell(Nest::tuple({random_tensor({2, 1}, 1), random_tensor({2, 4}, 1)}), random_state(cell, 2));
  CHECK_THROWS_AS(cell(Nest::tuple({random_tensor({2, 2}, 1), random_tensor({2, 4}, 1)}), random_state(cell, 2)),
                  ValueError);
  CHECK_THROWS_AS(PhasedLSTMCell(2, {.period_init_min = 0}), ValueError);
  CHECK_THROWS_AS(PhasedLSTMCell(-1), ValueError);
}
