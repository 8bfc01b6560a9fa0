#include "unroll/io/rtneural_layers.hpp"

#include <algorithm>

#include "unroll/autograd/ops/concat.hpp"
#include "unroll/autograd/ops/reshape.hpp"
#include "unroll/autograd/ops/slice.hpp"
#include "unroll/io/json_tensor.hpp"
#include "unroll/io/layer_checks.hpp"

namespace unroll {
namespace {

using nlohmann::ordered_json;

constexpr std::string_view format = "RTNeural";

const std::initializer_list<std::string_view> dense_activations = {"linear",  "tanh",    "relu",
                                                                   "sigmoid", "softmax", "elu"};

ordered_json shape_json(Index size) { return {nullptr, nullptr, size}; }

ordered_json layer_json(std::string_view who, const LayerWeights& w) {
  check_kind(who, format, w, {LayerKind::lstm, LayerKind::gru_reset_after, LayerKind::dense, LayerKind::prelu});
  check_no_projection(who, format, w);
  ordered_json weights = ordered_json::array();
  auto add = [&](const Tensor& tensor) { weights.push_back(tensor_to_json(who, tensor)); };
  if (w.kind == LayerKind::dense) {
    check_activation(who, format, w, dense_activations);
    add(w.kernel);
    add(w.bias_or_zeros());
    return {{"type", "dense"},
            {"activation", w.activation == "linear" ? "" : w.activation},
            {"shape", shape_json(w.outputs())},
            {"weights", weights}};
  }
  if (w.kind == LayerKind::prelu) {
    add(stack({w.slopes}));
    return {{"type", "prelu"}, {"activation", ""}, {"shape", shape_json(w.outputs())}, {"weights", weights}};
  }
  check_activation(who, format, w, {"tanh"});
  add(keras_gates(w.kind, w.kernel));
  add(keras_gates(w.kind, w.recurrent_kernel));
  if (w.kind == LayerKind::gru_reset_after)
    add(stack({keras_gates(w.kind, w.bias_or_zeros()), keras_gates(w.kind, w.recurrent_bias_or_zeros())}));
  else
    add(w.bias_or_zeros());
  return {{"type", w.kind == LayerKind::lstm ? "lstm" : "gru"},
          {"activation", "tanh"},
          {"shape", shape_json(w.outputs())},
          {"weights", weights}};
}

// The last member; RTNeural looks at no other.
Index last_dimension(const std::string& who, const ordered_json& object, const std::string& key) {
  const ordered_json& shape = json_member(who, object, key);
  constexpr Index largest = 1 << 20;
  if (!shape.is_array() || shape.empty() || !shape.back().is_number_integer() || shape.back().get<Index>() < 1 ||
      shape.back().get<Index>() > largest)
    raise<DataLossError>(who, key, " is ", shape.dump().substr(0, 40), ", expected an array that ends with a size");
  return shape.back().get<Index>();
}

void expect(const std::string& who, const Tensor& tensor, const Shape& shape) {
  if (tensor.shape() != shape) raise<DataLossError>(who, "the shape is ", tensor.shape(), ", expected ", shape);
}

class LayerReader {
 public:
  LayerReader(const std::string& who, const ordered_json& json, Index inputs, Index outputs)
      : who_(who), weights_(json_member(who, json, "weights")), inputs_(inputs), outputs_(outputs) {
    if (!weights_.is_array()) raise<DataLossError>(who, "weights is no array");
  }

  LayerWeights dense() {
    LayerWeights w{.kind = LayerKind::dense};
    w.kernel = take(0, {inputs_, outputs_});
    if (weights_.size() > 1) w.bias = take(1, {outputs_});
    return w;
  }
  LayerWeights lstm() {
    LayerWeights w{.kind = LayerKind::lstm, .activation = "tanh"};
    w.kernel = take(0, {inputs_, 4 * outputs_});
    w.recurrent_kernel = take(1, {outputs_, 4 * outputs_});
    w.bias = take(2, {4 * outputs_});
    return w;
  }
  LayerWeights prelu() { return {.kind = LayerKind::prelu, .slopes = row(take(0, {1, outputs_}), 0)}; }
  LayerWeights gru() {
    LayerWeights w{.kind = LayerKind::gru_reset_after, .activation = "tanh"};
    w.kernel = keras_gates(w.kind, take(0, {inputs_, 3 * outputs_}));
    w.recurrent_kernel = keras_gates(w.kind, take(1, {outputs_, 3 * outputs_}));
    const Tensor bias = take(2, {2, 3 * outputs_});
    w.bias = keras_gates(w.kind, row(bias, 0));
    w.recurrent_bias = keras_gates(w.kind, row(bias, 1));
    return w;
  }

 private:
  Tensor take(std::size_t k, const Shape& shape) {
    const std::string who = who_ + ".weights[" + std::to_string(k) + "]";
    if (k >= weights_.size()) raise<DataLossError>(who, "is missing");
    Tensor tensor = tensor_from_json(who, weights_[k], shape.rank());
    expect(who, tensor, shape);
    return tensor;
  }

  const std::string& who_;
  const ordered_json& weights_;
  Index inputs_, outputs_;
};

std::string text_member(const std::string& who, const ordered_json& json, const std::string& key) {
  const ordered_json& member = json_member(who, json, key);
  if (!member.is_string()) raise<DataLossError>(who, key, " is no text");
  return member.get<std::string>();
}

const std::string& known_activation(const std::string& who, const std::string& activation) {
  if (std::find(dense_activations.begin(), dense_activations.end(), activation) == dense_activations.end())
    raise<DataLossError>(who, "the activation is \"", activation.substr(0, 40),
                         "\", expected tanh, relu, sigmoid, softmax, elu or none");
  return activation;
}

}  // namespace

ordered_json rtneural_json(std::string_view who, const std::vector<LayerWeights>& layers) {
  ordered_json list = ordered_json::array();
  check_sizes_follow(who, layers);
  check_finite(who, layers);
  for (const LayerWeights& layer : layers) list.push_back(layer_json(who, layer));
  return {{"in_shape", shape_json(layers.at(0).inputs())}, {"layers", list}};
}

std::vector<LayerWeights> rtneural_layers(const std::string& who, const ordered_json& json) {
  const ordered_json& list = json_member(who, json, "layers");
  if (!list.is_array() || list.empty()) raise<DataLossError>(who, "layers is no array of layers");
  Index inputs = last_dimension(who, json, "in_shape");
  std::vector<LayerWeights> layers;
  for (std::size_t k = 0; k < list.size(); ++k) {
    const std::string at = who + ": layers[" + std::to_string(k) + "]";
    const std::string type = text_member(at, list[k], "type");
    std::string activation = list[k].contains("activation") ? text_member(at, list[k], "activation") : "";
    if (activation.empty()) activation = "linear";
    const Index outputs = last_dimension(at, list[k], "shape");
    auto reader = [&] { return LayerReader(at, list[k], inputs, outputs); };
    if (type == "lstm") {
      layers.push_back(reader().lstm());
    } else if (type == "gru") {
      layers.push_back(reader().gru());
    } else if (type == "dense" || type == "time-distributed-dense") {
      layers.push_back(reader().dense());
      layers.back().activation = known_activation(at, activation);
    } else if (type == "prelu" && inputs == outputs) {
      layers.push_back(reader().prelu());
    } else if (type == "activation" && !layers.empty() && layers.back().kind == LayerKind::dense &&
               layers.back().activation == "linear") {
      layers.back().activation = known_activation(at, activation);
    } else {
      raise<DataLossError>(
          at, "the type is \"", type.substr(0, 40),
          "\", expected lstm, gru, dense, time-distributed-dense, prelu of as many inputs as outputs, or "
          "activation after a dense layer");
    }
    inputs = outputs;
  }
  return layers;
}

}  // namespace unroll
