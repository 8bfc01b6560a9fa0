#include "commands.hpp"
#include "model_file.hpp"
#include "unroll/io/aidax.hpp"
#include "unroll/io/guitarml.hpp"
#include "unroll/io/json.hpp"
#include "unroll/io/keras.hpp"
#include "unroll/io/nam.hpp"
#include "unroll/io/npy.hpp"
#include "unroll/io/npz.hpp"
#include "unroll/io/rtneural.hpp"
#include "unroll/io/safetensors.hpp"
#include "unroll/io/torch.hpp"

namespace unroll::program {
namespace {

std::string format_of(const std::filesystem::path& path) {
  const std::string extension = path.extension().string();
  for (const char* known : {"json", "npz", "npy", "safetensors", "nam", "aidax"})
    if (extension == std::string(".") + known) return known;
  raise<ValueError>("convert", path.string(), ": give the format with --to");
}

void write_tensors(const std::filesystem::path& path, const NamedTensors& tensors) {
  if (path.extension() == ".npz")
    write_npz(path, tensors);
  else
    write_safetensors(path, tensors);
}

std::pair<Module*, Module*> cell_and_head(const std::string& format, const ModelFile& file) {
  if (file.modules.size() != 2)
    raise<ValueError>("convert", format, " holds one cell (or stack) and a Dense, the file has ", file.modules.size(),
                      " modules");
  return {file.modules[0].get(), file.modules[1].get()};
}

// torch_state_dict or keras_weights of each module, under names of its own.
NamedTensors of_modules(const ModelFile& file, NamedTensors (*f)(Module&, const std::string&), const char* end) {
  NamedTensors all;
  for (const auto& module : file.modules)
    for (auto& entry : f(*module, module->name() + end)) all.push_back(std::move(entry));
  return all;
}

}  // namespace

int convert(const std::filesystem::path& in, const std::filesystem::path& out, const std::string& to) {
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
    save_rtneural(out, file.pointers());
  } else if (format == "pytorch") {
    write_tensors(out, of_modules(
                           file, [](Module& m, const std::string& name) { return torch_state_dict(m, name); }, "."));
  } else if (format == "keras") {
    write_tensors(out, of_modules(
                           file, [](Module& m, const std::string& name) { return keras_weights(m, name); }, ""));
  } else {
    auto [cell, head] = cell_and_head(format, file);
    if (format == "nam") save_nam(out, *cell, *head);
    if (format == "aidax") save_aidax(out, *cell, *head);
    if (format == "guitarml") save_guitarml(out, *cell, *head, {.skip = false});
  }
  return 0;
}

}  // namespace unroll::program
