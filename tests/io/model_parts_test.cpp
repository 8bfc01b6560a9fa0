// Layers of files of named tensors: whatever is written is found again, or its order is asked for.
#include "unroll/io/model_parts.hpp"

#include <algorithm>
#include <random>

#include "layer_models.hpp"
#include "unroll/cells/basic_rnn_cell.hpp"
#include "unroll/io/keras.hpp"
#include "unroll/io/torch.hpp"

using namespace unroll;
using namespace testing;

namespace {

using Draw = std::mt19937;

std::size_t below(Draw& draw, std::size_t count) { return draw() % count; }

std::shared_ptr<RNNCell> make_cell(const LayerWeights& w, double forget_bias = 0) {
  const Index units = w.units();
  if (w.kind == LayerKind::rnn) return std::make_shared<BasicRNNCell>(units);
  if (w.kind == LayerKind::gru) return std::make_shared<GRUCell>(units);
  if (w.kind == LayerKind::gru_reset_after) return std::make_shared<CudnnCompatibleGRUCell>(units);
  LSTMCellOptions options{.forget_bias = forget_bias};
  if (w.projection) options.num_proj = w.outputs();
  return std::make_shared<LSTMCell>(units, options);
}

// A random kind with sizes alone, for make_cell.
LayerWeights kind_and_sizes(LayerKind kind, Index units, Index projection = 0) {
  LayerWeights w{.kind = kind};
  w.kernel = zeros({1, w.gates() * units});
  if (projection > 0) w.projection = zeros({units, projection});
  return w;
}

// Parts of a model from the input to the output, each a stack or both directions of a cell, or a Dense.
struct Part {
  std::string name;
  std::vector<std::shared_ptr<Module>> modules;  // one, or one for each direction
  Index inputs, outputs;
};

struct Model {
  std::vector<Part> parts;

  std::vector<LayerWeights> weights() const {
    std::vector<LayerWeights> all;
    for (const Part& part : parts)
      for (const auto& module : part.modules)
        for (const LayerWeights& w : layer_weights("test", {module.get()})) all.push_back(w);
    return all;
  }
};

// No two sizes are alike, so that there is one order.
Model random_model(Draw& draw, bool keras) {
  Model model;
  Index next = 3, depth = 2;
  const std::size_t recurrent = 1 + below(draw, 3), dense = below(draw, 3);
  std::map<std::string, int> counts;
  auto add = [&](Part part, const std::string& base) {
    const int count = counts[base]++;
    part.name = base + (count > 0 ? "_" + std::to_string(count) : "");
    std::uint64_t stream = 10 * next;
    for (const auto& module : part.modules) {
      module->build(TensorSpec{{1, depth}, float64});
      randomize(*module, stream += 5000);
    }
    part.inputs = depth;
    depth = part.outputs;
    model.parts.push_back(std::move(part));
  };
  for (std::size_t k = 0; k < recurrent; ++k) {
    const LayerKind kinds[] = {LayerKind::lstm, LayerKind::rnn, LayerKind::gru_reset_after, LayerKind::gru};
    const LayerKind kind = kinds[below(draw, keras ? 4 : 3)];
    const std::size_t layers = 1 + below(draw, 3), directions = layers == 1 ? 1 + below(draw, 2) : 1;
    const bool projects = !keras && kind == LayerKind::lstm && below(draw, 2) == 0;
    const Index units = next += 2, projection = projects ? ++next : 0;
    Part part;
    for (std::size_t direction = 0; direction < directions; ++direction) {
      std::vector<std::shared_ptr<RNNCell>> cells;
      // PyTorch's layers are of one size, Keras's may differ.
      for (std::size_t layer = 0; layer < layers; ++layer)
        cells.push_back(make_cell(kind_and_sizes(kind, keras ? units + static_cast<Index>(layer) : units, projection),
                                  0.25 * static_cast<double>(layer)));
      part.modules.push_back(layers > 1 ? std::make_shared<MultiRNNCell>(cells) : cells[0]);
    }
    next += keras ? static_cast<Index>(layers) : 0;
    part.outputs = dynamic_cast<RNNCell&>(*part.modules[0]).output_size().leaf()[0] * static_cast<Index>(directions);
    next = std::max(next, part.outputs);
    add(std::move(part), directions == 2 ? "bidirectional" : layers > 1 ? "rnn" : "cell");
  }
  for (std::size_t k = 0; k < dense; ++k) {
    ++next;
    Part part;
    part.modules.push_back(std::make_shared<Dense>(next, DenseOptions{.use_bias = below(draw, 2) == 0}));
    part.outputs = next;
    add(std::move(part), "dense");
  }
  return model;
}

NamedTensors written(const Model& model, bool keras) {
  NamedTensors all;
  for (const Part& part : model.parts) {
    RecurrentLayer layer{part.modules[0].get(), part.modules.size() > 1 ? part.modules[1].get() : nullptr};
    const bool dense = part.modules[0]->class_name() == "Dense";
    const NamedTensors more = keras   ? keras_weights(layer, part.name)
                              : dense ? torch_state_dict(*part.modules[0], part.name + ".")
                                      : torch_state_dict({layer}, part.name + ".");
    all.insert(all.end(), more.begin(), more.end());
  }
  return all;
}

std::vector<LayerWeights> flat(const std::vector<DirectedLayers>& layers) {
  std::vector<LayerWeights> all;
  for (const DirectedLayers& layer : layers)
    for (const auto* direction : {&layer.forward, &layer.backward})
      all.insert(all.end(), direction->begin(), direction->end());
  return all;
}

std::vector<LayerWeights> found(const NamedTensors& tensors, bool keras, const PartOptions& options = {}) {
  const auto parts = keras ? keras_parts(tensors, options) : torch_parts(tensors, options);
  return flat(layers_in_order(parts, options));
}

bool same(const Tensor& a, const Tensor& b) { return a ? b && allclose(a, b, 1e-12, 1e-12) : !b; }

void check_same(const LayerWeights& a, const LayerWeights& b) {
  CHECK(a.kind == b.kind);
  CHECK(a.activation == b.activation);
  CHECK(same(a.kernel, b.kernel));
  CHECK(same(a.recurrent_kernel, b.recurrent_kernel));
  CHECK(same(a.bias_or_zeros(), b.bias_or_zeros()));
  if (a.kind != LayerKind::dense) CHECK(same(a.recurrent_bias_or_zeros(), b.recurrent_bias_or_zeros()));
  CHECK(same(a.projection, b.projection));
}

// What cells and dense layers, one after another, give at the third step.
Tensor outputs(const std::vector<std::shared_ptr<Module>>& modules) {
  std::vector<Nest> states;
  for (const auto& module : modules)
    if (auto* cell = dynamic_cast<RNNCell*>(module.get())) states.push_back(cell->zero_state(2, float64));
  Tensor x;
  for (std::uint64_t step = 0; step < 3; ++step) {
    x = random_tensor({2, 2}, step, 1, float64);
    std::size_t k = 0;
    for (const auto& module : modules) {
      if (auto* cell = dynamic_cast<RNNCell*>(module.get())) {
        StepResult result = (*cell)(x, states[k]);
        states[k++] = result.state;
        x = result.output.leaf();
      } else {
        x = dynamic_cast<Dense&>(*module)(x);
      }
    }
  }
  return x;
}

// "lstm", "rnn" and so on by the names of links.
std::vector<std::string> order_of(const std::vector<ChainLink>& links) {
  std::vector<std::string> names;
  for (std::size_t k : chain_order(links)) names.push_back(links[k].name);
  return names;
}

std::string order_error(const std::vector<ChainLink>& links) {
  return message_of<ValueError>([&] { chain_order(links); });
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("whatever stack is written for PyTorch or Keras is found again, in whatever order its tensors are") {
  for (bool keras : {false, true})
    for (unsigned seed = 0; seed < 60; ++seed) {
      CAPTURE(keras);
      CAPTURE(seed);
      Draw draw(seed);
      const Model model = random_model(draw, keras);
      NamedTensors tensors = written(model, keras);
      std::shuffle(tensors.begin(), tensors.end(), draw);
      if (keras && seed % 2 == 0)
        for (auto& [name, tensor] : tensors) name += ":0";
      const std::vector<LayerWeights> expected = model.weights(), loaded = found(tensors, keras);
      REQUIRE(loaded.size() == expected.size());
      for (std::size_t k = 0; k < loaded.size(); ++k) check_same(loaded[k], expected[k]);
    }
}

TEST_CASE("layers that are found give the outputs of those that were written") {
  int compared = 0;
  for (bool keras : {false, true})
    for (unsigned seed = 0; seed < 60; ++seed) {
      CAPTURE(keras);
      CAPTURE(seed);
      Draw draw(seed);
      const Model model = random_model(draw, keras);
      std::vector<std::shared_ptr<Module>> saved, loaded;
      bool one_direction = true;
      for (const Part& part : model.parts) {
        saved.push_back(part.modules[0]);
        one_direction = one_direction && part.modules.size() == 1;
      }
      if (!one_direction) continue;
      const std::vector<LayerWeights> weights = found(written(model, keras), keras);
      std::vector<Module*> pointers;
      for (const LayerWeights& w : weights) {
        if (w.kind == LayerKind::dense)
          loaded.push_back(std::make_shared<Dense>(w.units()));
        else
          loaded.push_back(make_cell(w, 0.75));
        pointers.push_back(loaded.back().get());
      }
      assign_layer_weights("test", pointers, weights, float64);
      CHECK(allclose(outputs(loaded), outputs(saved), 1e-10, 1e-10));
      ++compared;
    }
  CHECK(compared > 20);
}

TEST_CASE("links follow one another by their sizes, whatever they are called") {
  CHECK(order_of({{"a", 3, 4}, {"b", 2, 3}, {"c", 4, 1}}) == Names{"b", "a", "c"});
  CHECK(order_of({{"dense", 4, 1, true}, {"lstm", 1, 4}}) == Names{"lstm", "dense"});
  CHECK(order_of({{"x", 5, 5}}) == Names{"x"});
}

TEST_CASE("numbers in names order links of the same sizes, as numbers") {
  CHECK(order_of({{"lstm_10", 4, 4}, {"lstm_2", 4, 4}, {"lstm", 4, 4}}) == Names{"lstm", "lstm_2", "lstm_10"});
  CHECK(order_of({{"dense_1", 4, 4, true}, {"dense", 4, 4, true}, {"lstm", 1, 4}}) ==
        Names{"lstm", "dense", "dense_1"});
  CHECK(order_of({{"lstm_1", 3, 2}, {"lstm", 2, 3}}) == Names{"lstm", "lstm_1"});  // sizes alone allow of both
}

TEST_CASE("an order that neither sizes nor numbers tell is asked for") {
  CHECK(order_error({{"a", 4, 4}, {"b", 4, 4}}) ==
        "layers: \"a\" and \"b\" can change places: name the layers in order with --layers");
  CHECK(order_error({{"a", 2, 3}, {"b", 3, 2}}).find("can change places") != std::string::npos);
  CHECK(order_error({{"fc", 4, 4, true}, {"out", 4, 4, true}, {"rnn", 1, 4}}).find("\"fc\" and \"out\"") !=
        std::string::npos);
  // The sizes have layer_3 first, so that numbers do not tell the order of the others.
  CHECK(order_error({{"layer_1", 4, 4}, {"layer_2", 4, 4}, {"layer_3", 3, 4}}).find("can change places") !=
        std::string::npos);
  CHECK(order_of({{"layer_1", 4, 5}, {"layer_2", 3, 4}}) == Names{"layer_2", "layer_1"});  // the only one
  // No order has rising numbers, and several are possible.
  CHECK(order_error({{"a_1", 3, 2}, {"a_2", 2, 2}, {"a_3", 2, 3}, {"a_4", 2, 2}}).find("can change places") !=
        std::string::npos);
  CHECK(order_error({{"a1", 4, 4}, {"a_1", 4, 4}}).find("can change places") != std::string::npos);
}

TEST_CASE("links that do not follow one another, or in too many ways, are an error") {
  CHECK(order_error({{"a", 1, 2}, {"b", 3, 4}}).find("do not follow one another") != std::string::npos);
  CHECK(order_error({{"lstm", 1, 4}, {"dense", 5, 1, true}}).find("do not follow one another") != std::string::npos);
  std::vector<ChainLink> many;
  for (char c = 'a'; c < 'a' + 20; ++c) many.push_back({std::string(3, c), 4, 4});
  CHECK(order_error(many).find("can change places") != std::string::npos);
  many.push_back({"end", 9, 9});
  CHECK(order_error(many).find("too many ways") != std::string::npos);
}

TEST_CASE("an order that is given has to name every part once, in sizes that follow one another") {
  Dense first(4), second(4), third(2);
  built(first, 4), built(second, 4), built(third, 4);
  randomize(second, 300);
  NamedTensors tensors;
  for (auto& [module, name] :
       std::vector<std::pair<Module*, std::string>>{{&first, "a"}, {&second, "b"}, {&third, "c"}})
    for (const auto& entry : torch_state_dict(*module, name + ".")) tensors.push_back(entry);
  auto given = [&](Names order) { return found(tensors, false, {.order = std::move(order)}); };
  auto error = [&](Names order) { return message_of<ValueError>([&] { given(std::move(order)); }); };
  check_same(given({"b", "a", "c"})[0], layer_weights("test", {&second})[0]);
  check_same(given({"a", "b", "c"})[0], layer_weights("test", {&first})[0]);
  CHECK(error({}).find("\"a\" and \"b\" can change places") != std::string::npos);
  CHECK(error({"a", "b"}).find("each of the 3 has to be named once") != std::string::npos);
  CHECK(error({"a", "a", "c"}).find("has to be named once") != std::string::npos);
  CHECK(error({"a", "b", "c", "b"}).find("has to be named once") != std::string::npos);
  CHECK(error({"a", "c", "b"}).find("\"b\" has 4 inputs, what comes before it 2 outputs") != std::string::npos);
  CHECK(error({"a", "b", "x"}).find("there is no \"x\" among \"a\", \"b\", \"c\"") != std::string::npos);
  CHECK(found(tensors, false, {.order = {"a", "b", "c"}, .activations = {{"b", "relu"}}})[1].activation == "relu");
  CHECK(message_of<ValueError>([&] {
          found(tensors, false, {.order = {"a", "b", "c"}, .activations = {{"d", "relu"}}});
        }).find("there is no \"d\"") != std::string::npos);
}
