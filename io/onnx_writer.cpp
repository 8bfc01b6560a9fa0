#include <algorithm>

#include "unroll/autograd/ops/concat.hpp"
#include "unroll/autograd/ops/transpose.hpp"
#include "unroll/io/atomic_file.hpp"
#include "unroll/io/elements.hpp"
#include "unroll/io/layer_checks.hpp"
#include "unroll/io/onnx.hpp"
#include "unroll/io/onnx_proto.hpp"

namespace unroll {
namespace {

constexpr std::string_view who = "save_onnx";
constexpr int ir_version = 7, operator_set = 14;

// One layer after stacks are taken apart.
struct Layer {
  LayerWeights forward;
  std::optional<LayerWeights> backward;

  template <class... Parts>
  [[noreturn]] void fail(const Parts&... parts) const {
    refuse(who, forward, parts...);
  }
  Index directions() const { return backward ? 2 : 1; }
  Index outputs() const { return directions() * forward.outputs(); }
};

const OnnxActivation* find_activation(const std::string& name) {
  auto found = std::find_if(std::begin(onnx_activations), std::end(onnx_activations),
                            [&](const OnnxActivation& a) { return a.name == name; });
  return found == std::end(onnx_activations) ? nullptr : found;
}

void check(const Layer& layer) {
  const LayerWeights& w = layer.forward;
  const OnnxActivation* activation = find_activation(w.activation);
  if (!is_cell(w.kind)) {
    if (layer.backward) layer.fail("is no cell and has no directions");
    if (w.activation != "linear" && !activation)
      layer.fail("has the activation \"", w.activation, "\", which ONNX has no operator for");
    return;
  }
  check_no_projection(who, "ONNX", w);
  if (layer.backward) check_no_projection(who, "ONNX", *layer.backward);
  if (!activation || !activation->in_cells)
    layer.fail("has the activation \"", w.activation, "\", which ONNX's ", onnx_op_type(w.kind), " does not have");
  if (layer.backward && (layer.backward->kind != w.kind || layer.backward->activation != w.activation ||
                         layer.backward->units() != w.units() || layer.backward->inputs() != w.inputs() ||
                         layer.backward->peepholes.defined() != w.peepholes.defined()))
    layer.fail("and ", layer.backward->label(),
               ", its other direction, differ in kind, activation, size or use_peepholes");
}

std::vector<Layer> flat(const std::vector<RecurrentLayer>& layers) {
  if (layers.empty()) raise<ValueError>(who, "no layer is given");
  std::vector<Layer> result;
  for (const RecurrentLayer& layer : layers) {
    const std::vector<Module*> forward = flat_layers(who, {layer.forward});
    for (Module* module : forward) {
      result.push_back({layer_weights(who, {module}, true).front(), {}});
      if (!layer.backward) continue;
      if (forward.size() > 1 || flat_layers(who, {layer.backward}).size() > 1)
        raise<ValueError>(who, module_label(*layer.forward),
                          " is a stack, which cannot have two directions: give its layers one by one");
      result.back().backward = layer_weights(who, {layer.backward}, true).front();
    }
  }
  for (std::size_t k = 0; k < result.size(); ++k) {
    check(result[k]);
    const LayerWeights& w = result[k].forward;
    if (w.dtype() != result[0].forward.dtype())
      result[k].fail("is ", w.dtype(), ", the first layer ", result[0].forward.dtype());
    if (k > 0 && w.inputs() != result[k - 1].outputs())
      result[k].fail("has ", w.inputs(), " inputs, the layer before it ", result[k - 1].outputs(), " outputs");
  }
  return result;
}

onnx::TensorProto_DataType data_type(DType dtype) {
  return dtype == float64 ? onnx::TensorProto::DOUBLE
         : dtype == int64 ? onnx::TensorProto::INT64
                          : onnx::TensorProto::FLOAT;
}

class Writer {
 public:
  explicit Writer(onnx::GraphProto& graph) : graph_(graph) {}

  void describe(onnx::ValueInfoProto& value, const std::string& name, onnx::TensorProto_DataType type,
                std::initializer_list<const char*> axes, Index size = 0) {
    value.set_name(name);
    auto& tensor = *value.mutable_type()->mutable_tensor_type();
    tensor.set_elem_type(type);
    for (const char* axis : axes) tensor.mutable_shape()->add_dim()->set_dim_param(axis);
    if (size > 0) tensor.mutable_shape()->add_dim()->set_dim_value(size);
  }

  void add(const Layer& layer, const std::string& lengths) {
    prefix_ = "layer_" + std::to_string(count_++) + "/";
    if (layer.forward.kind == LayerKind::dense)
      add_dense(layer.forward);
    else if (layer.forward.kind == LayerKind::prelu)
      next("PRelu", {x_, weight("slope", layer.forward.slopes)});
    else
      add_recurrent(layer, lengths);
  }
  void finish(const std::string& name) { node("Identity", {x_}, name); }

 private:
  onnx::NodeProto& node(const std::string& type, std::initializer_list<std::string> inputs, const std::string& output) {
    onnx::NodeProto& result = *graph_.add_node();
    result.set_op_type(type);
    result.set_name(prefix_ + type);
    for (const std::string& input : inputs) result.add_input(input);
    result.add_output(output);
    return result;
  }
  // The node's output is what the next one takes.
  onnx::NodeProto& next(const std::string& type, std::initializer_list<std::string> inputs) {
    onnx::NodeProto& result = node(type, inputs, prefix_ + type + "_output");
    x_ = result.output(0);
    return result;
  }
  std::string weight(const std::string& name, const Tensor& tensor) {
    onnx::TensorProto& proto = *graph_.add_initializer();
    proto.set_name(prefix_ + name);
    proto.set_data_type(data_type(tensor.dtype()));
    for (Index dim : tensor.shape()) proto.add_dims(dim);
    proto.set_raw_data(std::string(encode_elements(tensor)));
    return proto.name();
  }
  static onnx::AttributeProto& attribute(onnx::NodeProto& node, const char* name,
                                         onnx::AttributeProto_AttributeType type) {
    onnx::AttributeProto& result = *node.add_attribute();
    result.set_name(name);
    result.set_type(type);
    return result;
  }

  void add_dense(const LayerWeights& w) {
    next("MatMul", {x_, weight("kernel", w.kernel)});
    if (w.bias) next("Add", {x_, weight("bias", w.bias)});
    if (const OnnxActivation* activation = find_activation(w.activation)) next(std::string(activation->op_type), {x_});
  }

  void add_recurrent(const Layer& layer, const std::string& lengths) {
    const LayerKind kind = layer.forward.kind;
    std::vector<Tensor> kernels, recurrent_kernels, biases, peepholes;
    auto add_direction = [&](const LayerWeights& w) {
      kernels.push_back(transpose(to_onnx_gates(kind, w.kernel)));
      recurrent_kernels.push_back(transpose(to_onnx_gates(kind, w.recurrent_kernel)));
      biases.push_back(
          concat(to_onnx_gates(kind, w.bias_or_zeros()), to_onnx_gates(kind, w.recurrent_bias_or_zeros()), 0));
      if (w.peepholes) peepholes.push_back(reorder_gates(w.peepholes, {0, 2, 1}));
    };
    add_direction(layer.forward);
    if (layer.backward) add_direction(*layer.backward);
    onnx::NodeProto& cell = next(
        onnx_op_type(kind),
        {x_, weight("W", stack(kernels)), weight("R", stack(recurrent_kernels)), weight("B", stack(biases)), lengths});
    if (!peepholes.empty()) {
      for (int initial_states = 0; initial_states < 2; ++initial_states) cell.add_input("");
      cell.add_input(weight("P", stack(peepholes)));
    }
    attribute(cell, "hidden_size", onnx::AttributeProto::INT).set_i(layer.forward.units());
    attribute(cell, "direction", onnx::AttributeProto::STRING).set_s(layer.backward ? "bidirectional" : "forward");
    if (kind == LayerKind::gru || kind == LayerKind::gru_reset_after)
      attribute(cell, "linear_before_reset", onnx::AttributeProto::INT).set_i(kind == LayerKind::gru_reset_after);
    onnx::AttributeProto& activations = attribute(cell, "activations", onnx::AttributeProto::STRINGS);
    const std::string own(find_activation(layer.forward.activation)->op_type);
    for (Index direction = 0; direction < layer.directions(); ++direction) {
      if (kind != LayerKind::rnn) activations.add_strings("Sigmoid");
      activations.add_strings(own);
      if (kind == LayerKind::lstm) activations.add_strings(own);
    }
    // (time, directions, batch, units) to (time, batch, directions * units)
    onnx::AttributeProto& perm = attribute(next("Transpose", {x_}), "perm", onnx::AttributeProto::INTS);
    for (int axis : {0, 2, 1, 3}) perm.add_ints(axis);
    next("Reshape", {x_, weight("shape", Tensor(Tensor{0, 0, -1}, int64))});
  }

  onnx::GraphProto& graph_;
  std::string prefix_, x_ = "inputs";
  int count_ = 0;
};

}  // namespace

void save_onnx(const std::filesystem::path& path, const std::vector<RecurrentLayer>& layers,
               const OnnxOptions& options) {
  const std::vector<Layer> list = flat(layers);
  const onnx::TensorProto_DataType type = data_type(list[0].forward.dtype());
  onnx::ModelProto model;
  model.set_ir_version(ir_version);
  model.set_producer_name("unroll");
  model.add_opset_import()->set_version(operator_set);
  onnx::GraphProto& graph = *model.mutable_graph();
  graph.set_name("model");
  Writer writer(graph);
  writer.describe(*graph.add_input(), "inputs", type, {"time", "batch"}, list[0].forward.inputs());
  const std::string lengths = options.sequence_length ? "sequence_length" : "";
  if (options.sequence_length) writer.describe(*graph.add_input(), lengths, onnx::TensorProto::INT32, {"batch"});
  for (const Layer& layer : list) writer.add(layer, lengths);
  writer.finish("outputs");
  writer.describe(*graph.add_output(), "outputs", type, {"time", "batch"}, list.back().outputs());

  std::string bytes;
  constexpr std::size_t most_bytes = std::numeric_limits<int>::max();
  if (model.ByteSizeLong() > most_bytes || !model.SerializeToString(&bytes))
    raise<ValueError>(who, "the weights are more than the 2 GB that a file can hold");
  AtomicFile file(who, path);
  file.write(bytes);
  file.commit();
}

}  // namespace unroll
