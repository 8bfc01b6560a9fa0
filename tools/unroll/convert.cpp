#include <algorithm>
#include <cmath>

#include "commands.hpp"
#include "model_file.hpp"
#include "unroll/io/aidax.hpp"
#include "unroll/io/guitarml.hpp"
#include "unroll/io/json.hpp"
#include "unroll/io/keras.hpp"
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

// Throws if the model has what the format does not know.
void refuse(const std::string& format, const Signal& signal, Unknown unknown) {
  auto fail = [&](const char* what) { raise<ValueError>("convert", format, " cannot hold the model's ", what); };
  if (unknown.gains && (signal.in_gain != 0 || signal.out_gain != 0)) fail("gains");
  if (unknown.skip && signal.skip) fail("skip from the input to the output");
  if (!unknown.initial_states) return;
  for (const NamInfo::InitialState& state : signal.initial_states)
    for (const Tensor& part : {state.hidden, state.cell})
      if (any_not_zero(part)) fail("initial states");
}

// The cell (or stack) and the Dense behind it.
void write_amp(const std::string& format, const std::filesystem::path& out, const ModelFile& file) {
  const Signal& signal = file.signal;
  if (file.modules.size() != 2)
    raise<ValueError>("convert", format, " holds one cell (or stack) and a Dense, the file has ", file.modules.size(),
                      " modules");
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

// torch_state_dict or keras_weights of each module, under names of its own.
NamedTensors of_modules(const ModelFile& file, NamedTensors (*f)(Module&, const std::string&), const char* end) {
  NamedTensors all;
  for (const auto& module : file.modules)
    for (auto& entry : f(*module, module->name() + end)) all.push_back(std::move(entry));
  return all;
}

void convert(const std::filesystem::path& in, const std::filesystem::path& out, const std::string& to) {
  const std::string format = to.empty() ? format_of(out) : to;
  const ModelFile file = read_model(in);
  if (format == "npz") {
    write_npz(out, file.tensors);
  } else if (format == "safetensors") {
    write_safetensors(out, file.tensors);
  } else if (format == "npy") {
    if (file.tensors.size() != 1) raise<ValueError>("convert", "npy holds one tensor, not ", file.tensors.size());
    write_npy(out, file.tensors[0].second);
  } else if (file.modules.empty()) {
    raise<ValueError>("convert", in.string(), " holds tensors without layers, which ", format, " needs");
  } else if (format == "json") {
    save_json(out, file.pointers());
  } else if (format == "rtneural") {
    refuse(format, file.signal, {.gains = true, .skip = true, .initial_states = true});
    save_rtneural(out, file.pointers());
  } else if (format == "onnx") {
    refuse(format, file.signal, {.gains = true, .skip = true, .initial_states = true});
    std::vector<RecurrentLayer> layers;
    for (Module* module : file.pointers()) layers.push_back({module});
    save_onnx(out, layers);
  } else if (format == "pytorch") {
    write_tensors(out, of_modules(
                           file, [](Module& m, const std::string& name) { return torch_state_dict(m, name); }, "."));
  } else if (format == "keras") {
    write_tensors(out, of_modules(
                           file, [](Module& m, const std::string& name) { return keras_weights(m, name); }, ""));
  } else {
    write_amp(format, out, file);
  }
}

void add_convert(CLI::App& app) {
  static std::string in, out, to;
  auto* command = app.add_subcommand(
      "convert",
      "Writes a model in another format. What that cannot hold is an error, and nothing is written; json, npz, npy,\n"
      "safetensors, pytorch and keras are of weights alone, without gains, skips and initial states.\n"
      "Example: unroll convert model.json amp.nam\n"
      "         unroll convert model.json amp.json --to rtneural");
  command->add_option("IN", in)->required();
  command->add_option("OUT", out)->required();
  command->add_option("--to", to, "default: by the extension of OUT")
      ->check(CLI::IsMember(
          {"json", "npz", "npy", "safetensors", "rtneural", "aidax", "nam", "guitarml", "onnx", "pytorch", "keras"}));
  command->callback([] { convert(in, out, to); });
}

const Command command("convert", add_convert);

}  // namespace

}  // namespace unroll::program
