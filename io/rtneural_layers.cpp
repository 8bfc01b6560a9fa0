#include "unroll/io/rtneural_layers.hpp"

#include <algorithm>
#include <cmath>

#include "unroll/autograd/ops/broadcast.hpp"
#include "unroll/autograd/ops/concat.hpp"
#include "unroll/autograd/ops/reshape.hpp"
#include "unroll/autograd/ops/slice.hpp"
#include "unroll/io/json_tensor.hpp"
#include "unroll/io/layer_checks.hpp"

namespace unroll {
namespace {

using nlohmann::ordered_json;

constexpr std::string_view format = "RTNeural";
constexpr Index largest = 1 << 20;

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

// The last entry or, of the four of a two-dimensional layer, the product of the last two: as RTNeural counts.
Index width_of(const std::string& who, const ordered_json& object, const std::string& key) {
  const ordered_json& shape = json_member(who, object, key);
  double width = shape.is_array() && !shape.empty() ? 1 : 0;
  auto multiply = [&](const ordered_json& entry) {
    const double size = entry.is_number() ? entry.get<double>() : 0;  // 1.0 is 1
    width *= size >= 1 && size == std::floor(size) ? size : 0;
  };
  if (width > 0) multiply(shape.back());
  if (shape.is_array() && shape.size() == 4) multiply(shape[2]);
  if (width < 1 || width > static_cast<double>(largest))
    raise<DataLossError>(who, key, " is ", shape.dump().substr(0, 40),
                         ", expected an array that ends with a size, or four entries that end with two");
  return static_cast<Index>(width);
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
  LayerWeights prelu() {
    const Tensor slopes = array(0, 2);
    if (slopes.shape() != Shape{1, 1}) expect(at(0), slopes, {1, outputs_});  // one for all is PyTorch's default
    return {.kind = LayerKind::prelu, .slopes = broadcast_to(row(slopes, 0), {inputs_})};
  }
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
  std::string at(std::size_t k) const { return who_ + ".weights[" + std::to_string(k) + "]"; }
  Tensor array(std::size_t k, int rank) {
    if (k >= weights_.size()) raise<DataLossError>(at(k), "is missing");
    return tensor_from_json(at(k), weights_[k], rank);
  }
  Tensor take(std::size_t k, const Shape& shape) {
    Tensor tensor = array(k, shape.rank());
    expect(at(k), tensor, shape);
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
  Index inputs = width_of(who, json, "in_shape");
  Index slopes = 0;
  std::vector<LayerWeights> layers;
  for (std::size_t k = 0; k < list.size(); ++k) {
    const std::string at = who + ": layers[" + std::to_string(k) + "]";
    const std::string type = text_member(at, list[k], "type");
    std::string activation = list[k].contains("activation") ? text_member(at, list[k], "activation") : "";
    if (activation.empty()) activation = "linear";
    const Index outputs = width_of(at, list[k], "shape");
    auto reader = [&] { return LayerReader(at, list[k], inputs, outputs); };
    if (type == "lstm") {
      layers.push_back(reader().lstm());
    } else if (type == "gru") {
      layers.push_back(reader().gru());
    } else if (type == "dense" || type == "time-distributed-dense") {
      layers.push_back(reader().dense());
      layers.back().activation = known_activation(at, activation);
    } else if (type == "prelu" && (outputs == inputs || outputs == 1)) {
      // Slopes that are written once, and short files would have long layers.
      if ((slopes += inputs) > largest) raise<DataLossError>(at, "there are more than ", largest, " slopes");
      layers.push_back(reader().prelu());
    } else if (type == "activation" && outputs == inputs && activation == "linear") {
      continue;
    } else if (type == "activation" && outputs == inputs && !layers.empty() && layers.back().kind == LayerKind::dense &&
               layers.back().activation == "linear") {
      layers.back().activation = known_activation(at, activation);
    } else {
      raise<DataLossError>(
          at, "the type is \"", type.substr(0, 40),
          "\", expected lstm, gru, dense, time-distributed-dense, prelu of as many inputs as outputs or one, or "
          "activation after a dense layer, of its size");
    }
    inputs = layers.back().outputs();
  }
  if (layers.empty()) raise<DataLossError>(who, "none of the layers has weights");
  return layers;
}

}  // namespace unroll
