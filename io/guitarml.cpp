#include "unroll/io/guitarml.hpp"

#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/transpose.hpp"
#include "unroll/io/atomic_file.hpp"
#include "unroll/io/json_tensor.hpp"
#include "unroll/io/json_text.hpp"
#include "unroll/io/layer_checks.hpp"
#include "unroll/io/layer_files.hpp"

namespace unroll {
namespace {

using nlohmann::ordered_json;

constexpr std::string_view format = "GuitarML";
constexpr Index most_inputs = 3;

Tensor take(const std::string& who, const ordered_json& dict, const std::string& key, const Shape& shape) {
  const std::string at = who + ": state_dict." + key;
  Tensor tensor = tensor_from_json(at, json_member(who + ": state_dict", dict, key), shape.rank());
  if (tensor.shape() != shape) raise<DataLossError>(at, "the shape is ", tensor.shape(), ", expected ", shape);
  return shape.rank() == 2 ? transpose(tensor) : tensor;
}

}  // namespace

void save_guitarml(const std::filesystem::path& path, Module& cell, Module& head, const GuitarMLInfo& info) {
  constexpr std::string_view who = "save_guitarml";
  const std::vector<LayerWeights> layers = layer_weights(who, {&cell, &head});
  check_cell_and_dense(who, format, layers);
  const LayerWeights &rec = layers[0], &lin = layers[1];
  if (rec.inputs() > most_inputs)
    refuse(who, rec, "has ", rec.inputs(), " inputs, ", format, " holds 1 to ", most_inputs);
  check_sizes_follow(who, layers);
  check_finite(who, layers);
  auto matrix = [&](const Tensor& tensor) { return tensor_to_json(who, transpose(tensor)); };
  auto vector = [&](const Tensor& tensor) { return tensor_to_json(who, tensor); };
  const ordered_json json = {{"model_data",
                              {{"model", "SimpleRNN"},
                               {"input_size", rec.inputs()},
                               {"skip", info.skip ? 1 : 0},
                               {"output_size", lin.outputs()},
                               {"unit_type", rec.kind == LayerKind::lstm ? "LSTM" : "GRU"},
                               {"num_layers", 1},
                               {"hidden_size", rec.units()},
                               {"bias_fl", true}}},
                             {"state_dict",
                              {{"rec.weight_ih_l0", matrix(rec.kernel)},
                               {"rec.weight_hh_l0", matrix(rec.recurrent_kernel)},
                               {"rec.bias_ih_l0", vector(rec.bias_or_zeros())},
                               {"rec.bias_hh_l0", vector(rec.recurrent_bias_or_zeros())},
                               {"lin.weight", matrix(lin.kernel)},
                               {"lin.bias", vector(lin.bias_or_zeros())}}}};
  const std::string text = dump_json(who, json);
  AtomicFile file(who, path);
  file.write(text);
  file.commit();
}

std::vector<LayerWeights> read_guitarml_layers(const std::string& who, const ordered_json& json, GuitarMLInfo& info) {
  const ordered_json &data = json_member(who, json, "model_data"), &dict = json_member(who, json, "state_dict");
  const ordered_json& type = json_member(who, data, "unit_type");
  if (type != "LSTM" && type != "GRU")
    raise<DataLossError>(who, "unit_type is ", type.dump().substr(0, 40), ", expected \"LSTM\" or \"GRU\"");
  if (Index layers = json_integer(who, data, "num_layers", 1); layers != 1)
    raise<DataLossError>(who, "num_layers is ", layers, ", expected 1");
  constexpr Index largest = 1 << 20;
  auto size = [&](const char* key) {
    Index value = json_integer(who, data, key, 1);
    if (value > largest) raise<DataLossError>(who, key, " is ", value, ", expected at most ", largest);
    return value;
  };
  const Index inputs = size("input_size"), units = size("hidden_size"), outputs = size("output_size");
  LayerWeights rec{.kind = type == "LSTM" ? LayerKind::lstm : LayerKind::gru_reset_after, .activation = "tanh"}, lin;
  const Index rows = rec.gates() * units;
  rec.kernel = take(who, dict, "rec.weight_ih_l0", {rows, inputs});
  rec.recurrent_kernel = take(who, dict, "rec.weight_hh_l0", {rows, units});
  if (dict.contains("rec.bias_ih_l0")) {
    rec.bias = take(who, dict, "rec.bias_ih_l0", {rows});
    rec.recurrent_bias = take(who, dict, "rec.bias_hh_l0", {rows});
    if (rec.kind == LayerKind::lstm) rec.bias = rec.bias + std::exchange(rec.recurrent_bias, {});
  }
  lin.kernel = take(who, dict, "lin.weight", {outputs, units});
  if (dict.contains("lin.bias")) lin.bias = take(who, dict, "lin.bias", {outputs});
  info.skip = json_number(who, data, "skip", 0) != 0;
  return {rec, lin};
}

GuitarMLInfo load_guitarml(const std::filesystem::path& path, Module& cell, Module& head) {
  const std::string who = "load_guitarml: " + path.string();
  GuitarMLInfo info;
  assign_layer_weights(who, {&cell, &head}, read_guitarml_layers(who, parse_json_file(who, path), info), float32);
  return info;
}

}  // namespace unroll
