#include "unroll/train/checkpoint.hpp"

#include <algorithm>
#include <charconv>

#include "unroll/core/random.hpp"
#include "unroll/io/named_tensors.hpp"
#include "unroll/train/checkpoint_file.hpp"
#include "unroll/train/random_draws.hpp"

namespace unroll {
namespace fs = std::filesystem;

namespace {

constexpr std::string_view who = "Checkpointer", prefix = "checkpoint-", extension = ".safetensors";
constexpr const char* best_name = "best.safetensors";
constexpr const char* text_prefix = "text/";
constexpr std::string_view tensor_prefix = "extra/";

// The step in a file's name; -1 if it is no checkpoint.
std::int64_t step_of(const fs::path& path) {
  const std::string name = path.filename().string();
  if (!name.starts_with(prefix) || !name.ends_with(extension)) return -1;
  const char* end = name.data() + name.size() - extension.size();
  std::int64_t step = -1;
  auto [stop, error] = std::from_chars(name.data() + prefix.size(), end, step);
  return error == std::errc() && stop == end ? step : -1;
}

template <class T>
T number(const std::string& at, const SafetensorsMetadata& metadata, const char* key) {
  auto found = metadata.find(key);
  T value{};
  if (found == metadata.end()) raise<DataLossError>(at, "there is no \"", key, "\"");
  const std::string& text = found->second;
  if (std::from_chars(text.data(), text.data() + text.size(), value).ptr != text.data() + text.size())
    raise<DataLossError>(at, "\"", key, "\" is \"", text.substr(0, 40), "\", expected a number");
  return value;
}

// All variables under names that are unique: model/kernel, optimizer/kernel/Adam, other/...
std::vector<std::pair<std::string, Variable>> all_variables(const TrainingState& state) {
  std::vector<std::pair<std::string, Variable>> all;
  std::vector<Variable> model;
  for (Module* module : state.modules) {
    if (!module->built())
      raise<ValueError>(who, module->class_name(), " \"", module->name(),
                        "\" has no variables yet: call it once or build() it first");
    for (const Variable& v : module->variables())
      if (std::find(model.begin(), model.end(), v) == model.end()) model.push_back(v);
  }
  for (const Variable& v : model) all.emplace_back("model/" + v.name(), v);
  if (state.optimizer) {
    std::vector<Variable> trainable;
    for (const Variable& v : model)
      if (v.trainable() && is_floating(v.dtype())) trainable.push_back(v);
    if (!trainable.empty()) state.optimizer->build(trainable);
    for (const Variable& v : state.optimizer->variables()) all.emplace_back("optimizer/" + v.name(), v);
  }
  for (const Variable& v : state.others) all.emplace_back("other/" + v.name(), v);
  return all;
}

}  // namespace

Checkpointer::Checkpointer(fs::path folder, TrainingState state, CheckpointerOptions options)
    : folder_(std::move(folder)), state_(std::move(state)), options_(options) {
  if (options_.keep < 1) raise<ValueError>(who, "keep is ", options_.keep, ", expected at least 1");
  for (Module* module : state_.modules)
    if (!module) raise<ValueError>(who, "expected a module, got a null pointer");
  std::error_code error;
  fs::create_directories(folder_, error);
  if (error) raise<IOError>(who, "cannot make the folder ", folder_.string(), ": ", error.message());
}

std::vector<fs::path> Checkpointer::list() const {
  std::vector<fs::path> paths;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder_, error))
    if (step_of(entry.path()) >= 0) paths.push_back(entry.path());
  if (error) raise<IOError>(who, "cannot read the folder ", folder_.string(), ": ", error.message());
  std::sort(paths.begin(), paths.end(), [](const auto& a, const auto& b) { return step_of(a) < step_of(b); });
  return paths;
}

fs::path Checkpointer::write(const fs::path& path, std::int64_t step, const Texts& texts, const NamedTensors& extra) {
  NamedTensors tensors;
  for (const auto& [name, variable] : all_variables(state_)) tensors.emplace_back(name, variable.value());
  for (const auto& [name, tensor] : extra) tensors.emplace_back(std::string(tensor_prefix) + name, tensor);
  const RandomGenerator random = global_generator();
  SafetensorsMetadata metadata{{"step", std::to_string(step)},
                               {"random_seed", std::to_string(random.seed())},
                               {"random_stream", std::to_string(random.next_stream())},
                               {"random_draws", detail::random_draws_text(state_.modules)}};
  if (state_.optimizer) metadata["iterations"] = std::to_string(state_.optimizer->iterations());
  for (const auto& [key, text] : texts) metadata[text_prefix + key] = text;
  detail::write_with_checksum(path, tensors, std::move(metadata));
  return path;
}

fs::path Checkpointer::save(std::int64_t step, const Texts& texts, const NamedTensors& tensors) {
  if (step < 0) raise<ValueError>(who, "step is ", step, ", expected a number that is not negative");
  constexpr std::size_t digits = 10;
  std::string number = std::to_string(step);
  number.insert(0, digits - std::min(digits, number.size()), '0');
  fs::path path = write(folder_ / (std::string(prefix) + number + std::string(extension)), step, texts, tensors);
  std::vector<fs::path> paths = list();
  std::error_code ignored;  // the next save tries again
  for (std::size_t k = 0; k + static_cast<std::size_t>(options_.keep) < paths.size(); ++k)
    if (paths[k] != path) fs::remove(paths[k], ignored);
  return path;
}

fs::path Checkpointer::save_best(std::int64_t step, const Texts& texts) {
  return write(folder_ / best_name, step, texts, {});
}

Checkpointer::Restored Checkpointer::read(const fs::path& path) {
  const Safetensors file = detail::read_with_checksum(path);
  const std::string at = "Checkpointer: " + path.string();
  Restored result{
      .path = path, .step = number<std::int64_t>(at, file.metadata, "step"), .texts = {}, .tensors = {}, .damaged = {}};
  const RandomGenerator random(number<std::uint64_t>(at, file.metadata, "random_seed"),
                               number<std::uint64_t>(at, file.metadata, "random_stream"));
  const std::int64_t iterations = state_.optimizer ? number<std::int64_t>(at, file.metadata, "iterations") : 0;
  for (const auto& [key, text] : file.metadata)
    if (key.starts_with(text_prefix)) result.texts[key.substr(std::string_view(text_prefix).size())] = text;

  for (const auto& [name, tensor] : file.tensors)
    if (name.starts_with(tensor_prefix)) result.tensors.emplace_back(name.substr(tensor_prefix.size()), tensor);
  const auto draws = file.metadata.find("random_draws");
  const detail::RandomDraws random_draws(at, state_.modules, draws == file.metadata.end() ? "" : draws->second);

  std::vector<std::pair<Variable, Tensor>> assignments;
  for (const auto& [name, variable] : all_variables(state_)) {
    Tensor tensor = find_tensor(file.tensors, name);
    if (!tensor) raise<ValueError>(at, "there is no \"", name, "\"");
    if (tensor.shape() != variable.shape())
      raise<ValueError>(at, "\"", name, "\" has shape ", tensor.shape(), ", expected ", variable.shape());
    if (tensor.dtype() != variable.dtype())
      raise<TypeError>(at, "\"", name, "\" is ", tensor.dtype(), ", expected ", variable.dtype());
    assignments.emplace_back(variable, tensor);
  }
  if (const std::size_t count = file.tensors.size() - result.tensors.size(); count != assignments.size())
    raise<ValueError>(at, count, " tensors for ", assignments.size(), " variables");
  for (const auto& [variable, tensor] : assignments) variable.assign(tensor);
  if (state_.optimizer) state_.optimizer->set_iterations(iterations);
  set_global_generator(random);
  random_draws.assign();
  return result;
}

std::optional<Checkpointer::Restored> Checkpointer::restore() {
  std::vector<fs::path> paths = list();
  std::vector<std::string> damaged;
  for (auto path = paths.rbegin(); path != paths.rend(); ++path) try {
      Restored result = read(*path);
      result.damaged = std::move(damaged);
      return result;
    } catch (const DataLossError& error) {
      damaged.emplace_back(error.what());
    }
  if (!damaged.empty()) raise<DataLossError>(who, "all checkpoints are damaged; the latest: ", damaged[0]);
  return {};
}

std::optional<Checkpointer::Restored> Checkpointer::restore_best() {
  if (!fs::exists(folder_ / best_name)) return {};
  return read(folder_ / best_name);
}

}  // namespace unroll
