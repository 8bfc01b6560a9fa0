#include <algorithm>
#include <optional>
#include <set>

#include "unroll/io/keras_groups.hpp"
#include "unroll/io/model_parts.hpp"

namespace unroll {
namespace {

constexpr std::string_view who = "load_keras_weights";

// Takes the last component off a path if it begins with `start`.
bool strip(std::string& path, std::string_view start) {
  const std::size_t slash = path.rfind('/');
  const std::size_t at = slash == std::string::npos ? 0 : slash + 1;
  if (std::string_view(path).substr(at).substr(0, start.size()) != start) return false;
  path.resize(slash == std::string::npos ? 0 : slash);
  return true;
}

// The path of the layer of a cell: of one direction, if it has two.
std::string layer_path(const KerasGroup& group) {
  std::string path = group.path;
  if (!group.weights.contains("recurrent_kernel")) return path;
  if (group.cell.ends_with("_cell")) strip(path, group.cell);
  strip(path, "stacked_rnn_cells");
  return path;
}

// The path of Bidirectional, if a path is that of one direction of it.
struct Direction {
  std::string layer;
  bool backward = false;
};
std::optional<Direction> direction_of(const std::string& path) {
  for (const std::string start : {"forward_", "backward_"}) {
    std::string layer = path;
    if (path.find('/') != std::string::npos && strip(layer, start)) return Direction{layer, start == "backward_"};
  }
  return {};
}

// Bidirectional is told by its having both directions: a layer may be called "forward_net".
Direction direction_among(const std::string& path, const std::set<std::string>& paths) {
  const std::optional<Direction> direction = direction_of(path);
  if (!direction) return {path};
  for (const std::string& other : paths)
    if (const auto second = direction_of(other);
        second && second->layer == direction->layer && second->backward != direction->backward)
      return *direction;
  return {path};
}

LayerKind kind_of(const KerasGroup& group, const PartOptions& options) {
  auto found = group.weights.find("recurrent_kernel");
  if (found == group.weights.end())
    return group.weights.contains("alpha") && !group.weights.contains("kernel") ? LayerKind::prelu : LayerKind::dense;
  const Tensor& recurrent = found->second;
  const Index gates = recurrent.rank() == 2 && recurrent.shape(0) > 0 ? recurrent.shape(1) / recurrent.shape(0) : 0;
  if (gates == 1) return LayerKind::rnn;
  if (gates == 4) return LayerKind::lstm;
  if (gates != 3)
    raise<ValueError>(who, "\"", group.path, "/recurrent_kernel\" has shape ", recurrent.shape(),
                      ", expected (units, units), (units, 3 * units) or (units, 4 * units)");
  auto bias = group.weights.find("bias");
  if (bias == group.weights.end() && !options.reset_after)
    raise<ValueError>(who, "\"", group.path,
                      "\" is a GRU without a bias, which does not tell its kind: give it with --reset-after");
  const bool after = bias == group.weights.end() ? *options.reset_after : bias->second.rank() == 2;
  return after ? LayerKind::gru_reset_after : LayerKind::gru;
}

struct Cell {
  std::string name;
  LayerWeights weights;
};

// The cells of a stack, which Keras numbers for each kind of its own.
std::vector<LayerWeights> in_order(const std::vector<Cell>& cells, const PartOptions& options) {
  std::vector<const Cell*> given;
  for (const std::string& name : options.order)
    for (const Cell& cell : cells)
      if (cell.name == name) given.push_back(&cell);
  if (!given.empty() && cells.size() > 1) {
    std::vector<LayerWeights> weights;
    for (const Cell* cell : given) {
      if (given.size() != cells.size() || std::count(given.begin(), given.end(), cell) > 1)
        raise<ValueError>(who, "each of the ", cells.size(), " cells with \"", cell->name, "\" has to be named once");
      if (!weights.empty() && cell->weights.inputs() != weights.back().outputs())
        raise<ValueError>(who, "\"", cell->name, "\" has ", cell->weights.inputs(), " inputs, what comes before it ",
                          weights.back().outputs(), " outputs");
      weights.push_back(cell->weights);
    }
    return weights;
  }
  std::vector<ChainLink> links;
  for (const Cell& cell : cells) links.push_back({cell.name, cell.weights.inputs(), cell.weights.outputs()});
  std::vector<LayerWeights> weights;
  for (std::size_t k : chain_order(links)) weights.push_back(cells[k].weights);
  return weights;
}

}  // namespace

std::vector<ModelPart> keras_parts(const NamedTensors& tensors, const PartOptions& options) {
  struct Found {
    std::string name;
    std::vector<Cell> forward, backward;
  };
  std::vector<Found> layers;
  std::vector<KerasGroup> groups = keras_groups(tensors, "");
  std::set<std::string> paths;
  for (const KerasGroup& group : groups) paths.insert(layer_path(group));
  for (KerasGroup& group : groups) {
    const Direction direction = direction_among(layer_path(group), paths);
    const std::string& name = direction.layer;
    LayerWeights w{.kind = kind_of(group, options)};
    auto given = options.activations.find(name);
    w.activation = given != options.activations.end() ? given->second : is_cell(w.kind) ? "tanh" : "linear";
    auto layer = std::find_if(layers.begin(), layers.end(), [&](const Found& f) { return f.name == name; });
    if (layer == layers.end()) layer = layers.insert(layers.end(), Found{name, {}, {}});
    (direction.backward ? layer->backward : layer->forward).push_back({group.path, read_keras_group(w, group)});
  }
  std::vector<ModelPart> parts;
  for (const Found& layer : layers) {
    DirectedLayers both{in_order(layer.forward, options), {}};
    if (!layer.backward.empty()) both.backward = in_order(layer.backward, options);
    if (both.forward.empty() || (!both.backward.empty() && both.backward.size() != both.forward.size()))
      raise<ValueError>(who, "\"", layer.name, "\" has ", layer.forward.size(), " cells forward and ",
                        layer.backward.size(), " backward");
    if (!both.backward.empty() && both.backward.front().inputs() != both.inputs())
      raise<ValueError>(who, "the directions of \"", layer.name, "\" have inputs of different sizes");
    ModelPart& part = parts.emplace_back(ModelPart{layer.name, {both}, {}});
    for (const auto* cells : {&layer.forward, &layer.backward})
      for (const Cell& cell : *cells) part.cells.push_back(cell.name);
  }
  return parts;
}

}  // namespace unroll
