// One recurrent layer or stack under dynamic_rnn: a training step (forward, and backward from a given gradient of all
// outputs, to inputs and variables), inference, or single steps. float32, time-major, zero initial state.
#include <CLI/CLI.hpp>
#include <iostream>
#include <numeric>
#include <unroll/unroll.hpp>

#include "layer_norm_lstm.hpp"
#include "measure.hpp"
#include "rnn_case.hpp"
#include "row_lengths.hpp"

using namespace unroll;
using bench::RnnCase;

namespace {

std::shared_ptr<RNNCell> make_cell(const RnnCase& o) {
  if (o.cell == "rnn") return std::make_shared<BasicRNNCell>(o.units);
  if (o.cell == "lstm") return std::make_shared<LSTMCell>(o.units);
  if (o.cell == "lstm_peephole") return std::make_shared<LSTMCell>(o.units, LSTMCellOptions{.use_peepholes = true});
  if (o.cell == "gru") return std::make_shared<GRUCell>(o.units);
  if (o.cell == "custom") return std::make_shared<bench::LayerNormLSTM>(o.units);
  throw std::invalid_argument("there is no cell \"" + o.cell + "\"");
}

std::shared_ptr<RNNCell> make_wrapped(const RnnCase& o, const std::string& wrapper) {
  std::shared_ptr<RNNCell> cell = make_cell(o);
  if (wrapper == "residual") return std::make_shared<ResidualWrapper>(cell);
  if (wrapper == "dropout") return std::make_shared<DropoutWrapper>(cell);
  if (wrapper == "device") return std::make_shared<DeviceWrapper>(cell, "/cpu:0");
  return cell;
}

std::shared_ptr<RNNCell> make_stack(const RnnCase& o, const std::string& wrapper) {
  if (o.layers == 1) return make_wrapped(o, wrapper);
  std::vector<std::shared_ptr<RNNCell>> cells;
  for (int k = 0; k < o.layers; ++k) cells.push_back(make_wrapped(o, wrapper));
  return std::make_shared<MultiRNNCell>(cells);
}

// What is timed, and what to say of it.
std::pair<std::function<void()>, std::string> make_step(const RnnCase& o, const std::vector<std::int32_t>& lengths,
                                                        const std::string& wrapper) {
  std::shared_ptr<RNNCell> cell = make_stack(o, wrapper);
  RandomGenerator random(static_cast<std::uint64_t>(o.seed));
  Tensor x = random.normal({o.time, o.batch, o.inputs}), gradient = random.normal({o.time, o.batch, o.units});
  DynamicRnnOptions options{.dtype = float32, .time_major = true};
  options.executor = o.variant == "eager" ? Executor::eager : Executor::compiled;
  if (o.lengths != "full") options.sequence_length = Tensor({o.batch}, lengths);

  if (o.mode == "train") {
    std::shared_ptr<Adam> adam = o.optimizer == "adam" ? std::make_shared<Adam>() : nullptr;
    if (!adam && o.optimizer != "none") throw std::invalid_argument("there is no optimizer \"" + o.optimizer + "\"");
    auto step = [=] {
      GradientTape tape;
      tape.watch(x);
      Nest outputs = dynamic_rnn(*cell, x, options).outputs;
      std::vector<Variable> variables = cell->variables();
      std::vector<Tensor> sources(variables.begin(), variables.end());
      sources.push_back(x);
      std::vector<Tensor> gradients = tape.gradient(outputs, sources, {.output_gradients = gradient});
      gradients.pop_back();
      if (adam) adam->apply_gradients(gradients, variables);
    };
    return {step, (adam ? "dx, dW, db, adam; " : "dx, dW, db; ") + o.variant};
  }
  if (o.mode == "infer") return {[=] { dynamic_rnn(*cell, x, options); }, "forward; " + o.variant};
  if (o.mode == "step") {
    if (o.variant == "eager") {
      auto step = [=, inputs = unstack(x, 0)] {
        Nest state = cell->zero_state(o.batch, float32);
        for (const Tensor& input : inputs) state = (*cell)(input, state).state;
      };
      return {step, "forward; eager"};
    }
    cell->build(TensorSpec{{o.batch, o.inputs}, float32});
    auto function = std::make_shared<StepFunction>(compile_step(*cell, o.batch));
    auto state = std::make_shared<StepState>(function->zero_state());
    std::vector<float> output(static_cast<std::size_t>(function->output_size()));
    auto step = [=]() mutable {
      const float* from = x.data<float>();
      for (int t = 0; t < o.time; ++t, from += o.batch * o.inputs) (*function)(from, *state, output.data());
    };
    return {step, "forward; compile_step"};
  }
  throw std::invalid_argument("there is no mode \"" + o.mode + "\"");
}

void run(const RnnCase& o, const bench::Timing& timing, const std::string& wrapper) {
  std::vector<std::int32_t> lengths = bench::row_lengths(o.lengths, o.batch, o.time, o.seed);
  auto [step, notes] = make_step(o, lengths, wrapper);
  if (wrapper != "none") notes += "; each cell in a wrapper: " + wrapper;
  bench::Times times = bench::measure(timing, step);
  double tokens = std::accumulate(lengths.begin(), lengths.end(), 0.0);
  bench::Subject subject{"unroll", UNROLL_VERSION, notes};
  std::cout << bench::result_line(subject, o, timing, times, tokens).dump() << '\n';
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Times one training step, inference or single steps of a recurrent network and prints a line of JSON.");
  RnnCase shape{.variant = "compiled"};
  bench::Timing timing;
  shape.add_to(app, "path to take: compiled or eager");
  timing.add_to(app);
  std::string wrapper = "none";
  app.add_option("--wrapper", wrapper,
                 "around each cell: none, residual (with -I equal to -H), dropout (of nothing) or device")
      ->check(CLI::IsMember({"none", "residual", "dropout", "device"}));
  return bench::run_program(app, argc, argv, timing, [&] { run(shape, timing, wrapper); });
}
