#include <algorithm>
#include <limits>
#include <map>
#include <utility>

#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/broadcast.hpp"
#include "unroll/autograd/ops/reshape.hpp"
#include "unroll/autograd/ops/slice.hpp"
#include "unroll/autograd/ops/transpose.hpp"
#include "unroll/io/elements.hpp"
#include "unroll/io/file_bytes.hpp"
#include "unroll/io/onnx.hpp"
#include "unroll/io/onnx_layers.hpp"
#include "unroll/io/onnx_proto.hpp"

namespace unroll {
namespace {

// Operators that move elements and compute nothing.
constexpr std::string_view moves[] = {"Cast",    "Concat",  "Constant",  "ConstantOfShape", "Expand",
                                      "Flatten", "Gather",  "Identity",  "Reshape",         "Shape",
                                      "Slice",   "Squeeze", "Transpose", "Unsqueeze"};

std::optional<ElementType> element_type_of(int type) {
  switch (type) {
    case onnx::TensorProto::FLOAT:
      return ElementType::float32;
    case onnx::TensorProto::DOUBLE:
      return ElementType::float64;
    case onnx::TensorProto::FLOAT16:
      return ElementType::float16;
    case onnx::TensorProto::BFLOAT16:
      return ElementType::bfloat16;
    default:
      return {};
  }
}

template <class Values>
std::string_view bytes_of(const Values& values) {
  return {reinterpret_cast<const char*>(values.data()),
          static_cast<std::size_t>(values.size()) * sizeof(*values.data())};
}

class Reader {
  static constexpr std::size_t most_uses = 64;

 public:
  Reader(const std::string& who, const onnx::GraphProto& graph, std::int64_t operator_set, std::size_t file_size)
      : who_(who), graph_(graph), operator_set_(operator_set), most_bytes_(most_uses * file_size) {
    for (const onnx::TensorProto& tensor : graph.initializer())
      if (!initializers_.emplace(tensor.name(), &tensor).second)
        raise<DataLossError>(who, "two initializers are named \"", tensor.name().substr(0, 100), "\"");
    for (const onnx::NodeProto& node : graph.node())
      if (node.op_type() == "Constant" && node.output_size() == 1)
        for (const onnx::AttributeProto& attribute : node.attribute())
          if (attribute.name() == "value" && attribute.has_t()) initializers_.emplace(node.output(0), &attribute.t());
  }

  std::vector<DirectedLayers> layers() {
    for (const onnx::NodeProto& node : graph_.node()) {
      const std::string& type = node.op_type();
      at_ = who_ + ": node \"" + (node.name().empty() ? type : node.name()).substr(0, 100) + "\"";
      if (type == "LSTM" || type == "GRU" || type == "RNN")
        read_recurrent(node);
      else if (type == "MatMul" || type == "Gemm")
        read_product(node);
      else if (type == "PRelu")
        read_slopes(node);
      else if (type == "Add")
        read_bias(node);
      else if (!read_activation(node) && std::find(std::begin(moves), std::end(moves), type) == std::end(moves))
        fail("the operator ", type.substr(0, 40), ", expected recurrent layers, dense layers and activations");
    }
    if (layers_.empty()) raise<DataLossError>(who_, "there is no layer");
    return layers_;
  }

 private:
  template <class... Parts>
  [[noreturn]] void fail(const Parts&... parts) const {
    raise<DataLossError>(at_, parts...);
  }

  // Nodes may have a tensor in common, and short files would have long layers.
  void count(std::size_t bytes) {
    if (bytes > most_bytes_) fail("the layers have more than ", most_uses, " times as many weights as the file");
    most_bytes_ -= bytes;
  }
  // Null if the input is none of the file's tensors.
  Tensor tensor(const std::string& name, int rank) {
    auto found = initializers_.find(name);
    if (found == initializers_.end()) return {};
    const onnx::TensorProto& proto = *found->second;
    const std::string who = at_ + ": \"" + name.substr(0, 100) + "\"";
    const std::optional<ElementType> type = element_type_of(proto.data_type());
    if (!type) raise<DataLossError>(who, "the data type is ", proto.data_type(), ", expected floats");
    if (proto.data_location() == onnx::TensorProto::EXTERNAL)
      raise<DataLossError>(who, "the elements are in another file, which is not read");
    std::vector<Index> dims(proto.dims().begin(), proto.dims().end());
    if (dims.size() != static_cast<std::size_t>(rank))
      raise<DataLossError>(who, "there are ", dims.size(), " axes, expected ", rank);
    for (Index dim : dims)
      if (dim < 1) raise<DataLossError>(who, "a dimension is ", dim);
    const std::string_view bytes = proto.has_raw_data()            ? std::string_view(proto.raw_data())
                                   : *type == ElementType::float32 ? bytes_of(proto.float_data())
                                                                   : bytes_of(proto.double_data());
    count(bytes.size());
    return decode_elements(who, *type, Shape(std::span<const Index>(dims)), bytes);
  }
  Tensor weight(const onnx::NodeProto& node, int input, const char* name, const Shape& shape) {
    Tensor result = node.input_size() > input ? tensor(node.input(input), shape.rank()) : Tensor();
    if (!result) fail("there is no weight ", name, " in the file");
    for (int axis = 0; axis < shape.rank(); ++axis)
      if (shape[axis] > 0 && result.shape(axis) != shape[axis])
        fail(name, " has shape ", result.shape(), ", expected ", shape, " (0: any)");
    return result;
  }

  static const onnx::AttributeProto* attribute(const onnx::NodeProto& node, std::string_view name) {
    for (const onnx::AttributeProto& candidate : node.attribute())
      if (candidate.name() == name) return &candidate;
    return nullptr;
  }
  static std::int64_t integer(const onnx::NodeProto& node, std::string_view name, std::int64_t otherwise) {
    const onnx::AttributeProto* found = attribute(node, name);
    return found ? found->i() : otherwise;
  }
  static float real(const onnx::NodeProto& node, std::string_view name, float otherwise) {
    const onnx::AttributeProto* found = attribute(node, name);
    return found ? found->f() : otherwise;
  }

  // Ours for the cell's own activation; gates have to be sigmoid.
  std::string cell_activation(const onnx::NodeProto& node, LayerKind kind, int directions) const {
    const int gates = kind == LayerKind::rnn ? 0 : 1, own = kind == LayerKind::lstm ? 2 : 1;
    const onnx::AttributeProto* given = attribute(node, "activations");
    if (!given) return "tanh";
    if (given->strings_size() != directions * (gates + own)) fail(given->strings_size(), " activations");
    const std::string& name = given->strings(gates);
    for (int k = 0; k < given->strings_size(); ++k)
      if (given->strings(k) != (k % (gates + own) < gates ? "Sigmoid" : name))
        fail("the activation \"", given->strings(k).substr(0, 40), "\"");
    for (const OnnxActivation& activation : onnx_activations)
      if (activation.op_type == name && activation.in_cells) return std::string(activation.name);
    fail("the activation \"", name.substr(0, 40), "\"");
  }

  void read_recurrent(const onnx::NodeProto& node) {
    const bool reset_after = integer(node, "linear_before_reset", 0) != 0;
    const LayerKind kind = node.op_type() == "LSTM"  ? LayerKind::lstm
                           : node.op_type() == "RNN" ? LayerKind::rnn
                           : reset_after             ? LayerKind::gru_reset_after
                                                     : LayerKind::gru;
    const onnx::AttributeProto* given = attribute(node, "direction");
    const std::string direction = given ? given->s() : "forward";
    if (direction != "forward" && direction != "bidirectional") fail("the direction ", direction.substr(0, 40));
    for (const char* other : {"activation_alpha", "activation_beta", "clip"})
      if (attribute(node, other)) fail("the attribute ", other);
    if (integer(node, "input_forget", 0) != 0) fail("the attribute input_forget");
    const Index directions = direction == "bidirectional" ? 2 : 1;
    const LayerWeights empty{.kind = kind, .activation = cell_activation(node, kind, static_cast<int>(directions))};
    const Tensor w = weight(node, 1, "W", {directions, 0, 0});
    if (w.shape(1) % empty.gates() != 0) fail("W has shape ", w.shape(), ", of which axis 1 is not all gates");
    const Index columns = w.shape(1), units = columns / empty.gates();
    const Tensor r = weight(node, 2, "R", {directions, columns, units});
    const Tensor b =
        node.input_size() > 3 && !node.input(3).empty() ? weight(node, 3, "B", {directions, 2 * columns}) : Tensor();
    constexpr int peepholes = 7;
    const bool has_peepholes =
        kind == LayerKind::lstm && node.input_size() > peepholes && !node.input(peepholes).empty();
    const Tensor p = has_peepholes ? weight(node, peepholes, "P", {directions, 3 * units}) : Tensor();
    auto read_direction = [&](Index k) {
      LayerWeights layer = empty;
      layer.kernel = from_onnx_gates(kind, transpose(row(w, k)));
      layer.recurrent_kernel = from_onnx_gates(kind, transpose(row(r, k)));
      if (p) layer.peepholes = reorder_gates(row(p, k), {0, 2, 1});
      if (!b) return layer;
      layer.bias = from_onnx_gates(kind, slice_rows(row(b, k), 0, columns));
      layer.recurrent_bias = from_onnx_gates(kind, slice_rows(row(b, k), columns, 2 * columns));
      if (kind != LayerKind::gru_reset_after) layer.bias = layer.bias + std::exchange(layer.recurrent_bias, {});
      return layer;
    };
    layers_.push_back({{read_direction(0)}, {}});
    if (directions == 2) layers_.back().backward = {read_direction(1)};
    last_output_.clear();
  }

  void read_product(const onnx::NodeProto& node) {
    LayerWeights dense;
    dense.kernel = weight(node, 1, "B", {0, 0});
    if (node.op_type() == "Gemm") {
      if (real(node, "alpha", 1) != 1 || real(node, "beta", 1) != 1 || integer(node, "transA", 0) != 0)
        fail("the attributes alpha, beta or transA");
      if (integer(node, "transB", 0) != 0) dense.kernel = transpose(dense.kernel);
      if (node.input_size() > 2) dense.bias = weight(node, 2, "C", {dense.kernel.shape(1)});
    }
    layers_.push_back({{dense}, {}});
    is_matrix_ = node.op_type() == "Gemm";
    remember(node);
  }
  // A slope for each number of the last axis, or one for all.
  void read_slopes(const onnx::NodeProto& node) {
    auto found = initializers_.find(node.input_size() > 1 ? node.input(1) : "");
    if (found == initializers_.end()) fail("there is no weight slope in the file");
    if (found->second->dims_size() > Shape::max_rank) fail("slope has ", found->second->dims_size(), " axes");
    const Tensor given = tensor(found->first, found->second->dims_size());
    const Index size = layers_.empty() ? given.size() : layers_.back().outputs();
    if (given.size() != 1 && (given.size() != size || given.shape(-1) != size))
      fail("slope has shape ", given.shape(), ", expected one number, or ", size, " along the last axis");
    count(static_cast<std::size_t>(size) * size_of(given.dtype()));
    const Tensor slopes = reshape(given, {given.size()});
    layers_.push_back({{{.kind = LayerKind::prelu, .slopes = broadcast_to(slopes, {size})}}, {}});
    last_output_.clear();
  }
  void read_bias(const onnx::NodeProto& node) {
    LayerWeights* dense = dense_behind(node);
    if (!dense || dense->bias || dense->activation != "linear") fail("an Add that is no bias of a dense layer");
    const int other = node.input(0) == last_output_ ? 1 : 0;
    dense->bias = weight(node, other, "bias", {dense->kernel.shape(1)});
    remember(node);
  }
  bool read_activation(const onnx::NodeProto& node) {
    for (const OnnxActivation& activation : onnx_activations) {
      if (activation.op_type != node.op_type()) continue;
      LayerWeights* dense = dense_behind(node);
      if (!dense || dense->activation != "linear") fail("an activation that is no dense layer's");
      check_parameters(node);
      dense->activation = activation.name;
      remember(node);
      return true;
    }
    return false;
  }
  // Ours have no others than these, and the softmax of the last axis.
  void check_parameters(const onnx::NodeProto& node) const {
    const bool selu = node.op_type() == "Selu";
    constexpr float selu_alpha = 1.67326319217681884765625F, selu_gamma = 1.05070102214813232421875F;
    if (const float alpha = selu ? selu_alpha : 1; real(node, "alpha", alpha) != alpha) fail("the attribute alpha");
    if (real(node, "gamma", selu_gamma) != selu_gamma) fail("the attribute gamma");
    if (node.op_type() != "Softmax") return;
    // Before operator set 13 all axes from the given one on were taken together; only those of Gemm are known to be
    // two.
    const std::int64_t last = is_matrix_ ? 1 : 2, axis = integer(node, "axis", operator_set_ < 13 ? 1 : -1);
    if (axis != -1 && axis != last) fail("the softmax of axis ", axis, ", expected the last");
  }
  // The dense layer whose output the node takes, or null.
  LayerWeights* dense_behind(const onnx::NodeProto& node) {
    if (last_output_.empty() || layers_.empty()) return nullptr;
    return std::count(node.input().begin(), node.input().end(), last_output_) == 1 ? &layers_.back().forward.front()
                                                                                   : nullptr;
  }
  void remember(const onnx::NodeProto& node) { last_output_ = node.output_size() == 1 ? node.output(0) : ""; }

  const std::string& who_;
  const onnx::GraphProto& graph_;
  std::map<std::string, const onnx::TensorProto*> initializers_;
  std::vector<DirectedLayers> layers_;
  std::string at_, last_output_;
  std::int64_t operator_set_;
  std::size_t most_bytes_;
  bool is_matrix_ = false;  // what the last dense layer gives
};

std::int64_t operator_set(const onnx::ModelProto& model) {
  for (const onnx::OperatorSetIdProto& set : model.opset_import())
    if (set.domain().empty() || set.domain() == "ai.onnx") return set.version();
  return 0;
}

}  // namespace

std::vector<DirectedLayers> read_onnx_layers(const std::string& who, const std::filesystem::path& path) {
  const std::string bytes = read_file_bytes(who, path);
  constexpr std::size_t most_bytes = std::numeric_limits<int>::max();
  onnx::ModelProto model;
  if (bytes.size() > most_bytes || !model.ParseFromString(bytes) || !model.has_graph() || model.opset_import().empty())
    raise<DataLossError>(who, "no model of ONNX");
  return Reader(who, model.graph(), operator_set(model), bytes.size()).layers();
}

void load_onnx(const std::filesystem::path& path, const std::vector<RecurrentLayer>& layers) {
  const std::string who = "load_onnx: " + path.string();
  std::vector<Module*> modules;
  std::vector<bool> two_directions;
  for (const RecurrentLayer& layer : layers) {
    modules.push_back(layer.forward);
    const std::size_t count = flat_layers(who, {layer.forward}).size();
    two_directions.insert(two_directions.end(), count, layer.backward != nullptr);
    if (layer.backward) modules.push_back(layer.backward);
  }
  const std::vector<DirectedLayers> found = read_onnx_layers(who, path);
  if (found.size() != two_directions.size())
    raise<ValueError>(who, found.size(), " layers for modules of ", two_directions.size());
  std::vector<LayerWeights> weights;
  for (std::size_t k = 0; k < found.size(); ++k) {
    if (found[k].backward.empty() == two_directions[k])
      raise<ValueError>(
          who, "layer ", k, " has ",
          found[k].backward.empty() ? "one direction, the modules two" : "two directions, the modules one");
    weights.insert(weights.end(), found[k].forward.begin(), found[k].forward.end());
    weights.insert(weights.end(), found[k].backward.begin(), found[k].backward.end());
  }
  assign_layer_weights(who, modules, weights, weights[0].dtype());
}

}  // namespace unroll
