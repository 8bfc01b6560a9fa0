#include <algorithm>
#include <cmath>
#include <functional>
#include <tuple>

#include "commands.hpp"
#include "model_file.hpp"
#include "part_options.hpp"
#include "unroll/core/listed.hpp"
#include "unroll/io/aidax.hpp"
#include "unroll/io/guitarml.hpp"
#include "unroll/io/json.hpp"
#include "unroll/io/keras.hpp"
#include "unroll/io/layer_checks.hpp"
#include "unroll/io/nam.hpp"
#include "unroll/io/npy.hpp"
#include "unroll/io/npz.hpp"
#include "unroll/io/onnx.hpp"
#include "unroll/io/rtneural.hpp"
#include "unroll/io/safetensors.hpp"
#include "unroll/io/torch.hpp"

namespace unroll::program {
namespace {

std::string format_of(const std::filesystem::path& path) {
  const std::string extension = path.extension().string();
  for (const char* known : {"json", "npz", "npy", "safetensors", "nam", "aidax", "onnx"})
    if (extension == std::string(".") + known) return known;
  raise<ValueError>("convert", path.string(), ": give the format with --to");
}

void write_tensors(const std::filesystem::path& path, const NamedTensors& tensors) {
  if (path.extension() == ".npz")
    write_npz(path, tensors);
  else
    write_safetensors(path, tensors);
}

struct Unknown {
  bool gains = false, skip = false, initial_states = false;
};

bool any_not_zero(const Tensor& tensor) {
  const Tensor numbers(tensor, float64);
  return std::any_of(numbers.values<double>().begin(), numbers.values<double>().end(), [](double x) { return x != 0; });
}

bool starts_elsewhere_than_at_zero(const Signal& signal) {
  return std::any_of(signal.initial_states.begin(), signal.initial_states.end(),
                     [](const auto& state) { return any_not_zero(state.hidden) || any_not_zero(state.cell); });
}

// Throws if the model has what the format does not know.
void refuse(const std::string& format, const Signal& signal, Unknown unknown) {
  std::vector<std::string> lost;
  if (unknown.gains && (signal.in_gain != 0 || signal.out_gain != 0)) lost.push_back("gains");
  if (unknown.skip && signal.skip) lost.push_back("skip from the input to the output");
  if (unknown.initial_states && starts_elsewhere_than_at_zero(signal)) lost.push_back("initial states");
  if (!lost.empty())
    raise<ValueError>("convert", format, " cannot hold the model's ", listed(lost, std::identity()),
                      "; --weights-only leaves out what is not a weight");
}

// The cell (or stack) and the Dense behind it.
void write_amp(const std::string& format, const std::filesystem::path& out, const ModelFile& file) {
  const Signal& signal = file.signal;
  if (file.modules.size() != 2)
    raise<ValueError>("convert", format, " holds one cell (or stack) and a Dense, the file has ",
                      listed(file.modules, [](const auto& module) { return module_label(*module); }));
  Module &cell = *file.modules[0], &head = *file.modules[1];
  std::map<std::string, std::string> metadata = signal.metadata;
  if (format == "nam") {
    refuse(format, signal, {.gains = true, .skip = true});
    save_nam(out, cell, head,
             {.sample_rate = signal.sample_rate.value_or(NamInfo{}.sample_rate),
              .initial_states = signal.initial_states,
              .metadata = metadata});
  } else if (format == "aidax") {
    refuse(format, signal, {.initial_states = true});
    if (signal.sample_rate) metadata["samplerate"] = std::to_string(std::lround(*signal.sample_rate));
    save_aidax(out, cell, head,
               {.in_skip = signal.skip, .in_gain = signal.in_gain, .out_gain = signal.out_gain, .metadata = metadata});
  } else {
    refuse(format, signal, {.gains = true, .initial_states = true});
    save_guitarml(out, cell, head, {.skip = signal.skip});
  }
}

// "rnn", "rnn_1", ... of layers of one name.
class Names {
 public:
  std::string operator()(const std::string& name) {
    const int count = counts_[name]++;
    return count > 0 ? name + "_" + std::to_string(count) : name;
  }

 private:
  std::map<std::string, int> counts_;
};

void append(NamedTensors& all, NamedTensors more) {
  for (auto& entry : more) all.push_back(std::move(entry));
}

// Of a cell: what layers of one module of PyTorch have in common.
std::tuple<LayerKind, Index, Index> kind_and_sizes(Module& cell) {
  const LayerWeights w = layer_weights("convert", {&cell}).front();
  return {w.kind, w.units(), w.outputs()};
}

// Layers in two directions that follow one another are one module, if they are of one kind and size.
NamedTensors of_torch(const std::vector<RecurrentLayer>& layers) {
  NamedTensors all;
  Names names;
  for (std::size_t k = 0; k < layers.size(); ++k) {
    const std::string prefix = names(layers[k].forward->name()) + ".";
    if (!layers[k].backward) {
      append(all, torch_state_dict(*layers[k].forward, prefix));
      continue;
    }
    std::vector<RecurrentLayer> run;
    const auto sizes = kind_and_sizes(*layers[k].forward);
    while (k < layers.size() && layers[k].backward && kind_and_sizes(*layers[k].forward) == sizes)
      run.push_back(layers[k++]);
    --k;
    append(all, torch_state_dict(run, prefix));
  }
  return all;
}

NamedTensors of_keras(const std::vector<RecurrentLayer>& layers) {
  NamedTensors all;
  Names names;
  for (const RecurrentLayer& layer : layers)
    append(all, keras_weights(layer, names(layer.backward ? "bidirectional" : layer.forward->name())));
  return all;
}

void convert(const std::filesystem::path& in, const std::filesystem::path& out, const std::string& to,
             const PartOptions& options, bool sequence_length, bool weights_only) {
  const std::string format = to.empty() ? format_of(out) : to;
  if (sequence_length && format != "onnx")
    raise<ValueError>("convert", "--sequence-length is for onnx, not for ", format);
  ModelFile file = read_model(in, options);
  if (weights_only) file.signal = {.sample_rate = file.signal.sample_rate, .metadata = file.signal.metadata};
  if (format != "nam" && format != "aidax" && format != "guitarml")
    refuse(format, file.signal, {.gains = true, .skip = true, .initial_states = true});
  if (format == "npz") return write_npz(out, file.tensors);
  if (format == "safetensors") return write_safetensors(out, file.tensors);
  if (format == "npy") {
    if (file.tensors.size() != 1) raise<ValueError>("convert", "npy holds one tensor, not ", file.tensors.size());
    return write_npy(out, file.tensors[0].second);
  }
  file.check_layers(in.string());
  if (format == "pytorch") return write_tensors(out, of_torch(file.layers));
  if (format == "keras") return write_tensors(out, of_keras(file.layers));
  if (format == "onnx") return save_onnx(out, file.layers, {.sequence_length = sequence_length});
  file.check_one_direction("convert", format + " cannot hold");
  if (format == "json") return save_json(out, file.pointers());
  if (format == "rtneural") return save_rtneural(out, file.pointers());
  write_amp(format, out, file);
}

void add_convert(CLI::App& app) {
  static std::string in, out, to;
  static bool sequence_length = false, weights_only = false;
  static PartOptions options;
  auto* command = app.add_subcommand(
      "convert",
      "Writes a model in another format. What that cannot hold is an error, and nothing is written. Only nam has\n"
      "initial states, aidax gains, aidax and guitarml a skip; --weights-only leaves these out.\n"
      "Tensors with names of PyTorch or Keras (.npz, .safetensors, .json) are taken for layers as names and shapes\n"
      "tell.\n"
      "Example: unroll convert model.json amp.nam\n"
      "         unroll convert model.json amp.json --to rtneural\n"
      "         unroll convert state_dict.safetensors model.onnx --activation rnn=relu\n"
      "         unroll convert amp.nam amp.safetensors --to pytorch --weights-only");
  command->add_option("IN", in)->required();
  command->add_option("OUT", out)->required();
  command->add_option("--to", to, "default: by the extension of OUT")
      ->check(CLI::IsMember(
          {"json", "npz", "npy", "safetensors", "rtneural", "aidax", "nam", "guitarml", "onnx", "pytorch", "keras"}));
  command->add_flag("--sequence-length", sequence_length,
                    "onnx: a second input has the length of each sequence, sequence_length (batch,) of int32");
  command->add_flag("--weights-only", weights_only,
                    "leaves out the gains, the skip and the initial states (the model then begins with zeros)");
  add_part_options(*command, options);
  command->callback([] { convert(in, out, to, options, sequence_length, weights_only); });
}

const Command command("convert", add_convert);

}  // namespace

}  // namespace unroll::program
