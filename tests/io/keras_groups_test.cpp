#include "unroll/io/keras_groups.hpp"

#include "layer_models.hpp"
#include "unroll/io/keras.hpp"
#include "unroll/io/model_parts.hpp"

using namespace unroll;
using namespace testing;

namespace {

NamedTensors lstm_weights(const std::string& path, Index inputs, Index units) {
  return {{path + "/kernel", ones({inputs, 4 * units})},
          {path + "/recurrent_kernel", ones({units, 4 * units})},
          {path + "/bias", ones({4 * units})}};
}
NamedTensors dense_weights(const std::string& path, Index inputs, Index units) {
  return {{path + "/kernel", ones({inputs, units})}, {path + "/bias", ones({units})}};
}
NamedTensors all_of(const std::vector<NamedTensors>& parts) {
  NamedTensors all;
  for (const NamedTensors& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

std::vector<std::string> names_of(const std::vector<ModelPart>& parts) {
  std::vector<std::string> names;
  for (const ModelPart& part : parts) names.push_back(part.name);
  return names;
}

std::vector<LayerKind> kinds_of(const std::vector<DirectedLayers>& layers) {
  std::vector<LayerKind> kinds;
  for (const DirectedLayers& layer : layers) kinds.push_back(layer.forward.front().kind);
  return kinds;
}

std::string parts_error(const NamedTensors& tensors) {
  return message_of<ValueError>([&] { keras_parts(tensors); });
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("names are taken apart: path, cell, number, direction, with or without \":0\"") {
  const NamedTensors tensors =
      all_of({lstm_weights("net/b/backward_lstm/lstm_cell_12", 2, 3), dense_weights("dense_2", 3, 1)});
  for (const std::string end : {"", ":0"}) {
    NamedTensors named = tensors;
    for (auto& [name, tensor] : named) name += end;
    const std::vector<KerasGroup> groups = keras_groups(named, "");
    REQUIRE(groups.size() == 2);
    CHECK(groups[0].path == "dense_2");
    CHECK(groups[0].cell == "dense");
    CHECK(groups[0].number == 2);
    CHECK_FALSE(groups[0].backward);
    CHECK(groups[1].path == "net/b/backward_lstm/lstm_cell_12");
    CHECK(groups[1].cell == "lstm_cell");
    CHECK(groups[1].number == 12);
    CHECK(groups[1].backward);
    CHECK(groups[1].weights.size() == 3);
  }
  CHECK(keras_groups(tensors, "dense_2/").size() == 1);
  CHECK(keras_groups(tensors, "dense/").empty());
}

TEST_CASE("layers whose names differ in a number alone stay apart, and a name that occurs twice is an error") {
  const NamedTensors tensors =
      all_of({dense_weights("dense", 4, 3), dense_weights("dense_1", 3, 2), lstm_weights("lstm/lstm_cell", 1, 4)});
  const std::vector<ModelPart> parts = keras_parts(tensors);
  CHECK(names_of(parts) == Names{"dense", "lstm", "dense_1"});
  const std::vector<DirectedLayers> layers = layers_in_order(parts);
  REQUIRE(layers.size() == 3);
  CHECK(layers[1].outputs() == 3);
  CHECK(layers[2].outputs() == 2);
  CHECK(parts_error(all_of({tensors, {{"dense/kernel:0", ones({4, 3})}}})).find("\"dense/kernel:0\" occurs twice") !=
        std::string::npos);
}

TEST_CASE("two layers of one name in different models stay apart") {
  CHECK(names_of(keras_parts(all_of({dense_weights("a/dense", 4, 3), dense_weights("b/dense", 3, 2)}))) ==
        Names{"a/dense", "b/dense"});
}

TEST_CASE("both directions make one layer; a layer that is called like a direction is none") {
  const std::vector<ModelPart> both = keras_parts(
      all_of({lstm_weights("b/forward_lstm/lstm_cell", 2, 3), lstm_weights("b/backward_lstm/lstm_cell", 2, 3)}));
  REQUIRE(names_of(both) == Names{"b"});
  CHECK(both[0].layers[0].backward.size() == 1);
  CHECK(both[0].outputs() == 6);
  LSTMCell forward(3), backward(3);
  built(forward, 2), built(backward, 2);
  CHECK(keras_parts(keras_weights(RecurrentLayer{&forward, &backward}, ""))[0].outputs() == 6);
  const std::vector<ModelPart> apart =
      keras_parts(all_of({lstm_weights("forward_net/lstm_cell", 2, 3), lstm_weights("forward_other/lstm_cell", 3, 4),
                          lstm_weights("model/backward_net/lstm_cell", 4, 5)}));
  CHECK(names_of(apart) == Names{"forward_net", "forward_other", "model/backward_net"});
  CHECK(layers_in_order(apart).size() == 3);
}

TEST_CASE("cells of a stack that sizes do not order are named one by one") {
  const std::string gru = "rnn/stacked_rnn_cells/gru_cell", lstm = "rnn/stacked_rnn_cells/lstm_cell";
  const NamedTensors tensors = all_of(
      {{{gru + "/kernel", ones({3, 9})}, {gru + "/recurrent_kernel", ones({3, 9})}, {gru + "/bias", ones({2, 9})}},
       lstm_weights(lstm, 3, 3),
       dense_weights("dense", 3, 1)});
  auto layers = [&](Names order) {
    const PartOptions options{.order = std::move(order)};
    return layers_in_order(keras_parts(tensors, options), options);
  };
  auto error = [&](Names order) { return message_of<ValueError>([&] { layers(std::move(order)); }); };
  CHECK(error({}).find("\"" + gru + "\" and \"" + lstm + "\" can change places") != std::string::npos);
  for (const Names& cells : {Names{gru, lstm}, Names{lstm, gru}}) {
    const std::vector<DirectedLayers> found = layers({cells[0], cells[1], "dense"});
    REQUIRE(found.size() == 2);
    REQUIRE(found[0].forward.size() == 2);
    CHECK((found[0].forward[0].kind == LayerKind::lstm) == (cells[0] == lstm));
  }
  CHECK(error({gru, "dense"}).find("each of the 2 cells with") != std::string::npos);
  CHECK(error({gru, gru, "dense"}).find("each of the 2 cells with") != std::string::npos);
  CHECK(error({gru, "dense", lstm}).find("has to be named once") != std::string::npos);
}

TEST_CASE("directions that do not belong together are errors") {
  auto error = [](Index inputs, const std::string& more) {
    NamedTensors tensors =
        all_of({lstm_weights("b/forward_rnn/lstm_cell", 2, 3), lstm_weights("b/backward_rnn/lstm_cell", inputs, 3)});
    if (!more.empty()) tensors = all_of({tensors, lstm_weights(more, 3, 3)});
    return parts_error(tensors);
  };
  CHECK(error(2, "").empty());
  CHECK(error(3, "").find("the directions of \"b\" have inputs of different sizes") != std::string::npos);
  CHECK(error(2, "b/forward_rnn/lstm_cell_1").find("\"b\" has 2 cells forward and 1 backward") != std::string::npos);
}

TEST_CASE("shapes that are no layer's are errors that name the weight") {
  NamedTensors tensors = lstm_weights("lstm/lstm_cell", 2, 3);
  auto error = [&](std::size_t k, const Tensor& tensor) {
    NamedTensors changed = tensors;
    changed[k].second = tensor;
    return parts_error(changed);
  };
  CHECK(error(0, ones({2, 11})).find("\"lstm/lstm_cell/kernel\" has shape (2, 11)") != std::string::npos);
  CHECK(error(0, ones({2, 12, 1})).find("\"lstm/lstm_cell/kernel\"") != std::string::npos);
  CHECK(error(0, ones({2, 12}, int32)).find("\"lstm/lstm_cell/kernel\"") != std::string::npos);
  CHECK(error(1, ones({3, 6})).find("\"lstm/lstm_cell/recurrent_kernel\" has shape (3, 6), expected (units, units)") !=
        std::string::npos);
  CHECK(error(1, ones({0, 0})).find("\"lstm/lstm_cell/recurrent_kernel\"") != std::string::npos);
  CHECK(error(2, ones({11})).find("\"lstm/lstm_cell/bias\" has shape (11,)") != std::string::npos);
  CHECK(error(2, ones({2, 12})).find("\"lstm/lstm_cell/bias\"") != std::string::npos);
  tensors.emplace_back("lstm/lstm_cell/gamma", ones({3}));
  CHECK(parts_error(tensors).find("\"lstm/lstm_cell/gamma\" belongs to no layer") != std::string::npos);
  CHECK(parts_error({{"kernel", ones({2, 2})}}).find("\"kernel\" belongs to no layer") != std::string::npos);
  CHECK(parts_error({{"dense/bias", ones({2})}}).find("there is no \"dense/kernel\"") != std::string::npos);
}

TEST_CASE("a layer of slopes alone is a PReLU, in its place by its size") {
  const NamedTensors tensors = all_of({dense_weights("dense", 3, 4),
                                       {{"p_re_lu/alpha", ones({1, 4})}},
                                       dense_weights("dense_1", 4, 2),
                                       lstm_weights("lstm/lstm_cell", 1, 3)});
  CHECK(kinds_of(layers_in_order(keras_parts(tensors))) ==
        std::vector{LayerKind::lstm, LayerKind::dense, LayerKind::prelu, LayerKind::dense});
  CHECK(parts_error({{"a/alpha", ones({2, 2})}}).find("expected all axes but the last to be shared") !=
        std::string::npos);
  CHECK(parts_error({{"a/alpha", ones({2})}, {"a/kernel", ones({1, 2})}}).find("\"a/alpha\" belongs to no layer") !=
        std::string::npos);
}
