#include <algorithm>
#include <cmath>

#include "chain.hpp"
#include "commands.hpp"
#include "model_file.hpp"
#include "part_options.hpp"
#include "rows.hpp"
#include "unroll/rnn/step_function.hpp"

namespace unroll::program {
namespace {

double factor(double decibels) { return std::pow(10, decibels / 20); }

// The state before the first step: zeros, or that of the file for the layers of its cell or stack.
Nest initial_state(const Chain& chain, const Signal& signal, DType dtype) {
  if (signal.initial_states.empty()) return chain.zero_state(1, dtype);
  std::vector<Nest> layers;
  for (const NamInfo::InitialState& layer : signal.initial_states) {
    auto row = [&](const Tensor& tensor) { return Tensor(tensor.reshaped_view({1, tensor.size()}), dtype); };
    layers.push_back(LSTMStateTuple(row(layer.cell), row(layer.hidden)));
  }
  const bool stacked = !chain.state_size()[0][0].is_leaf();
  return Nest::tuple({stacked ? Nest::tuple(layers) : layers[0]});
}

// step(inputs, outputs) takes a step of the model.
template <class T, class Step>
void run_rows(Step&& step, const Signal& signal, RowReader& in, RowWriter& out, Index width) {
  const double in_factor = factor(signal.in_gain), out_factor = signal.skip ? 1 : factor(signal.out_gain);
  std::vector<double> row(in.width()), result(static_cast<std::size_t>(width));
  std::vector<T> inputs(row.size()), outputs(result.size());
  while (in.read(row)) {
    for (std::size_t k = 0; k < row.size(); ++k) inputs[k] = static_cast<T>(row[k] * (k == 0 ? in_factor : 1));
    step(inputs, outputs);
    for (std::size_t k = 0; k < result.size(); ++k)
      result[k] = (static_cast<double>(outputs[k]) + (signal.skip ? static_cast<double>(inputs[0]) : 0)) * out_factor;
    out.write(result);
  }
}

// Compiled, or op by op where an activation is none that compiles.
template <class T>
void run_model(Chain& chain, const Signal& signal, RowReader& in, RowWriter& out) {
  const DType dtype = dtype_of<T>();
  const Index width = chain.output_size().leaf()[0];
  Nest state = initial_state(chain, signal, dtype);
  std::optional<StepFunction> compiled;
  try {
    compiled.emplace(compile_step(chain, 1, dtype));
  } catch (const RuntimeError&) {
    return run_rows<T>(
        [&](const std::vector<T>& inputs, std::vector<T>& outputs) {
          StepResult step = chain(Tensor({1, static_cast<Index>(inputs.size())}, inputs), state);
          state = std::move(step.state);
          std::ranges::copy(step.output.leaf().values<T>(), outputs.begin());
        },
        signal, in, out, width);
  }
  StepState memory = compiled->zero_state();
  compiled->set_state(memory, state);
  run_rows<T>([&](const std::vector<T>& inputs,
                  std::vector<T>& outputs) { (*compiled)(inputs.data(), memory, outputs.data()); },
              signal, in, out, width);
}

void run(const std::string& model, const std::string& in_path, const std::string& out_path, double sample_rate,
         const PartOptions& options) {
  const ModelFile file = read_model(model, options);
  file.check_layers(model);
  file.check_one_direction(model, "a stream cannot be run through");
  Chain chain(file.modules);
  const DType dtype = chain.variables().at(0).dtype();
  const Index inputs = chain.built_for().leaf().shape[1], outputs = chain.output_size().leaf()[0];

  const std::unique_ptr<RowReader> in = open_rows(in_path);
  if (static_cast<Index>(in->width()) != inputs)
    raise<ValueError>(in_path, "there are ", in->width(), " numbers a step, expected ", inputs, ", the model's inputs");
  const double expected = sample_rate > 0 ? sample_rate : file.signal.sample_rate.value_or(0);
  if (expected > 0 && in->sample_rate() > 0 && in->sample_rate() != expected)
    raise<ValueError>(in_path, "the sample rate is ", in->sample_rate(), " Hz, expected ", expected, " Hz, ",
                      sample_rate > 0 ? "as given" : "the model's");
  const double out_rate = in->sample_rate() > 0 ? in->sample_rate() : expected;
  if (std::filesystem::path(out_path).extension() == ".wav" && !(out_rate > 0))
    raise<ValueError>(out_path, "the sample rate is not known: give it with --sample-rate");

  const std::unique_ptr<RowWriter> out = create_rows(
      out_path,
      {.width = static_cast<std::size_t>(outputs), .single_precision = dtype == float32, .sample_rate = out_rate});
  if (dtype == float32)
    run_model<float>(chain, file.signal, *in, *out);
  else
    run_model<double>(chain, file.signal, *in, *out);
  out->finish();
}

void add_run(CLI::App& app) {
  static std::string model, in, out;
  static double sample_rate = 0;
  static PartOptions options;
  auto* command = app.add_subcommand(
      "run",
      "Feeds a model a file of inputs and writes its outputs, one row or frame a time step, of any length in constant\n"
      "memory. IN and OUT are .csv (numbers between commas, a first line of names is passed over), .npy ((time,) or\n"
      "(time, width)) or .wav. Gains, the skip and initial states that the model's file has are applied.\n"
      "Example: unroll run model.json in.csv out.csv\n"
      "         unroll run amp.nam dry.wav wet.wav");
  command->add_option("MODEL", model)->required();
  command->add_option("IN", in)->required();
  command->add_option("OUT", out)->required();
  command->add_option("--sample-rate", sample_rate, "in Hz, what IN has to have; default: the model's, if it has one")
      ->check(CLI::PositiveNumber);
  add_part_options(*command, options);
  command->callback([] { run(model, in, out, sample_rate, options); });
}

const Command command("run", add_run);

}  // namespace

}  // namespace unroll::program
