// One recurrent layer or stack under dynamic_rnn: a training step (forward, and backward from a given gradient of all
// outputs, to inputs and variables), inference, or single steps. float32, time-major, zero initial state.
#include <CLI/CLI.hpp>
#include <iostream>
#include <unroll/unroll.hpp>

#include "layer_norm_lstm.hpp"
#include "measure.hpp"

using namespace unroll;

namespace {

std::shared_ptr<RNNCell> make_cell(const bench::Options& o) {
  std::vector<std::shared_ptr<RNNCell>> cells;
  for (int k = 0; k < o.layers; ++k) {
    if (o.cell == "rnn")
      cells.push_back(std::make_shared<BasicRNNCell>(o.units));
    else if (o.cell == "lstm")
      cells.push_back(std::make_shared<LSTMCell>(o.units));
    else if (o.cell == "lstm_peephole")
      cells.push_back(std::make_shared<LSTMCell>(o.units, LSTMCellOptions{.use_peepholes = true}));
    else if (o.cell == "gru")
      cells.push_back(std::make_shared<GRUCell>(o.units));
    else if (o.cell == "custom")
      cells.push_back(std::make_shared<bench::LayerNormLSTM>(o.units));
    else
      throw std::invalid_argument("there is no cell \"" + o.cell + "\"");
  }
  if (cells.size() == 1) return cells[0];
  return std::make_shared<MultiRNNCell>(cells);
}

void run(const bench::Options& o) {
  std::shared_ptr<RNNCell> cell = make_cell(o);
  RandomGenerator random(static_cast<std::uint64_t>(o.seed));
  Tensor x = random.normal({o.time, o.batch, o.inputs}), gradient = random.normal({o.time, o.batch, o.units});
  std::vector<std::int32_t> lengths = bench::row_lengths(o);
  DynamicRnnOptions options{.dtype = float32, .time_major = true};
  if (o.lengths != "full") options.sequence_length = Tensor({o.batch}, lengths);

  if (o.mode == "train") {
    bench::measure(
        o,
        [&] {
          GradientTape tape;
          tape.watch(x);
          Nest outputs = dynamic_rnn(*cell, x, options).outputs;
          std::vector<Tensor> sources{x};
          for (const Variable& v : cell->variables()) sources.push_back(v);
          tape.gradient(outputs, sources, {.output_gradients = gradient});
        },
        "dx, dW, db; eager");
  } else if (o.mode == "infer") {
    bench::measure(
        o, [&] { dynamic_rnn(*cell, x, options); }, "forward; eager");
  } else if (o.mode == "step") {
    std::vector<Tensor> steps = unstack(x, 0);
    bench::measure(
        o,
        [&] {
          Nest state = cell->zero_state(o.batch, float32);
          for (const Tensor& input : steps) state = (*cell)(input, state).state;
        },
        "forward; eager");
  } else {
    throw std::invalid_argument("there is no mode \"" + o.mode + "\"");
  }
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Times one training step, inference or single steps of a recurrent network and prints a line of JSON.");
  bench::Options options;
  options.add_to(app);
  CLI11_PARSE(app, argc, argv);
  try {
    run(options);
  } catch (const std::exception& error) {
    std::cerr << "bench_rnn: " << error.what() << '\n';
    return 1;
  }
}
