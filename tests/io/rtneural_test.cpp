#include "unroll/io/rtneural.hpp"

#include <cmath>

#include "layer_models.hpp"
#include "unroll/cells/prelu.hpp"
#include "unroll/io/torch.hpp"

using namespace unroll;
using namespace testing;

TEST_CASE("an LSTM and a Dense are written as RTNeural's exporter writes them") {
  TemporaryFolder folder;
  LSTMCell cell(1, {.forget_bias = 0.5});
  Dense head(1, {.activation = "tanh"});
  built(cell, 2), built(head, 1);
  enumerate(cell), enumerate(head);
  save_rtneural(folder / "m.json", cell, head);
  // Keras has i, f, c, o where TensorFlow has i, j, f, o.
  CHECK(read_file(folder / "m.json") ==
        R"({"in_shape":[null,null,2],"layers":[{"type":"lstm","activation":"tanh","shape":[null,null,1],"weights":)"
        R"([[[0.0,2.0,1.0,3.0],[4.0,6.0,5.0,7.0]],[[8.0,10.0,9.0,11.0]],[0.0,2.5,1.0,3.0]]},)"
        R"({"type":"dense","activation":"tanh","shape":[null,null,1],"weights":[[[0.0]],[0.0]]}]})");
}

TEST_CASE("a GRU is written in Keras's order, with both rows of its bias") {
  TemporaryFolder folder;
  CudnnCompatibleGRUCell cell(1);
  built(cell, 1);
  enumerate(cell);
  auto all = cell.variables();  // r, u are 0, 1; then the candidate's
  for (std::size_t k = 2; k < all.size(); ++k)
    all[k].assign(full(all[k].shape(), 10.0 * static_cast<double>(k), float32));
  save_rtneural(folder / "m.json", cell);
  const std::string text = read_file(folder / "m.json");
  CHECK(text.find("\"weights\":[[[1.0,0.0,20.0]],[[3.0,2.0,30.0]],[[1.0,0.0,40.0],[0.0,0.0,50.0]]]") !=
        std::string::npos);
}

TEST_CASE("models come back from RTNeural's JSON, into modules that are built and into new ones") {
  TemporaryFolder folder;
  auto check = [&](auto make) {
    auto saved = make(), loaded = make(), fresh = make();
    Dense head(2, {.activation = "elu"}), loaded_head(2, {.activation = "elu"}), fresh_head(2, {.activation = "elu"});
    built(saved, 3), built(loaded, 3), built(head, 4), built(loaded_head, 4);
    save_rtneural(folder / "m.json", saved, head);
    load_rtneural(folder / "m.json", loaded, loaded_head);
    load_rtneural(folder / "m.json", fresh, fresh_head);
    check_same_values(loaded, saved);
    check_same_values(fresh, saved);
    check_same_values(fresh_head, head);
  };
  check([] { return LSTMCell(4); });
  check([] { return BasicLSTMCell(4); });
  check([] { return CudnnCompatibleGRUCell(4); });
  check([] { return MultiRNNCell(LSTMCell(5), CudnnCompatibleGRUCell(4)); });
}

TEST_CASE("RTNeural's other ways to say it are read: time-distributed-dense, an activation layer, no bias") {
  TemporaryFolder folder;
  write_file(folder / "m.json",
             R"({"in_shape":[null,2],"layers":[{"type":"time-distributed-dense","shape":[1],"weights":[[[1],[2.5]]]},
                {"type":"activation","activation":"relu","shape":[1]},
                {"type":"dense","activation":"","shape":[null,2],"weights":[[[3,4]],[5,6]]}]})");
  Dense first(1, {.activation = "relu"}), second(2);
  load_rtneural(folder / "m.json", first, second);
  CHECK(array_equal(first.variables()[0], Tensor{{1.f}, {2.5f}}));
  CHECK(array_equal(first.variables()[1], Tensor{0.f}));
  CHECK(array_equal(second.variables()[1], Tensor{5.f, 6.f}));
}

TEST_CASE(
    "PReLU goes to RTNeural and comes back, and is refused by name by PyTorch, whose own slopes lie along another "
    "axis") {
  TemporaryFolder folder;
  Dense first(2), second(1), loaded_first(2), loaded_second(1);
  PReLU prelu, loaded, wide;
  built(first, 1), built(second, 2), built(prelu, 2), built(wide, 3);
  prelu.variables()[0].assign(Tensor{0.25f, -1.5f});
  save_rtneural(folder / "m.json", first, prelu, second);
  const std::string text = read_file(folder / "m.json");
  CHECK(text.find(R"({"type":"prelu","activation":"","shape":[null,null,2],"weights":[[[0.25,-1.5]]]})") !=
        std::string::npos);
  load_rtneural(folder / "m.json", loaded_first, loaded, loaded_second);
  check_same_values(loaded, prelu);
  check_same_values(loaded_second, second);
  CHECK_THROWS_WITH_AS(load_rtneural(folder / "m.json", loaded_first, wide, loaded_second),
                       doctest::Contains("PReLU \"p_re_lu\" has a variable \"alpha\" of shape (3,)"), ValueError);
  write_file(folder / "d.json", replaced(text, "[[0.25,-1.5]]", "[[0.25,-1.5,1]]"));
  CHECK_THROWS_WITH_AS(load_rtneural(folder / "d.json", loaded_first, loaded, loaded_second),
                       doctest::Contains("layers[1].weights[0]: the shape is (1, 3), expected (1, 2)"), DataLossError);
  CHECK_THROWS_WITH_AS(save_rtneural(folder / "x", first, wide),
                       doctest::Contains("PReLU \"p_re_lu\" has 3 inputs, Dense \"dense\" before it 2"), ValueError);
  CHECK_THROWS_WITH_AS(torch_state_dict(prelu), doctest::Contains("PReLU \"p_re_lu\" cannot be held"), ValueError);
  CHECK_FALSE(std::filesystem::exists(folder / "x"));
}

TEST_CASE("a PReLU of one slope, as the exporter for PyTorch writes it, has it for every input") {
  TemporaryFolder folder;
  Dense first(2), second(1);
  PReLU prelu;
  built(first, 1), built(second, 2), built(prelu, 2);
  prelu.variables()[0].assign(zeros({2}));
  save_rtneural(folder / "m.json", first, prelu, second);
  const std::string text = read_file(folder / "m.json");
  const std::string layer = R"({"type":"prelu","activation":"","shape":[null,null,2],"weights":[[[0.0,0.0]]]})";
  auto check = [&](const std::string& shape, const std::string& weights, const Tensor& slopes) {
    const std::string other = R"({"type":"prelu","activation":"","shape":)" + shape + R"(,"weights":)" + weights + "}";
    write_file(folder / "d.json", replaced(text, layer, other));
    Dense loaded_first(2), loaded_second(1);
    PReLU loaded;
    load_rtneural(folder / "d.json", loaded_first, loaded, loaded_second);
    CHECK(array_equal(loaded.variables()[0], slopes));
    check_same_values(loaded_second, second);
  };
  check("[null,1000,1]", "[[[0.25]]]", Tensor{0.25f, 0.25f});
  check("[null,null,2]", "[[[-0.5]]]", Tensor{-0.5f, -0.5f});
  check("[null,null,2]", "[[[-0.5,1]]]", Tensor{-0.5f, 1.f});
  auto message = [&](const std::string& shape, const std::string& weights) {
    return message_of<DataLossError>([&] { check(shape, weights, prelu.variables()[0]); });
  };
  CHECK(message("[null,1]", "[[[1,2]]]").find("weights[0]: the shape is (1, 2), expected (1, 1)") != std::string::npos);
  CHECK(message("[null,3]", "[[[1]]]").find("layers[1]: the type is \"prelu\", expected") != std::string::npos);
  CHECK(message("[null,2]", "[]").find("layers[1].weights[0]: is missing") != std::string::npos);
  // A short file cannot ask for much memory.
  const std::string one = R"({"type":"prelu","shape":[1],"weights":[[[1]]]})";
  write_file(folder / "d.json", R"({"in_shape":[1048576],"layers":[)" + one + "," + one + "]}");
  PReLU a, b;
  CHECK_THROWS_WITH_AS(load_rtneural(folder / "d.json", a, b),
                       doctest::Contains("layers[1]: there are more than 1048576 slopes"), DataLossError);
}

TEST_CASE("an activation layer without an activation is passed over, wherever it is; others follow a Dense") {
  TemporaryFolder folder;
  auto load = [&](const std::string& before, const std::string& between, const std::string& after) {
    write_file(folder / "m.json",
               R"({"in_shape":[null,2],"layers":[)" + before +
                   R"({"type":"dense","activation":"relu","shape":[1],"weights":[[[1],[2.5]],[3]]},)" + between +
                   R"({"type":"dense","activation":"","shape":[2],"weights":[[[3,4]],[5,6]]})" + after + "]}");
    Dense first(1, {.activation = "relu"}), second(2);
    load_rtneural(folder / "m.json", first, second);
    CHECK(array_equal(first.variables()[1], Tensor{3.f}));
    CHECK(array_equal(second.variables()[1], Tensor{5.f, 6.f}));
  };
  auto activation = [](const std::string& name, int size) {
    return R"({"type":"activation","activation":")" + name + R"(","weights":[],"shape":[null,)" + std::to_string(size) +
           "]}";
  };
  load(activation("", 2) + ",", activation("", 1) + ",", "," + activation("", 2));
  auto message = [&](const std::string& before, const std::string& between, const std::string& after) {
    return message_of<DataLossError>([&] { load(before, between, after); });
  };
  const std::string refused = "the type is \"activation\", expected";
  CHECK(message(activation("tanh", 2) + ",", "", "").find("layers[0]: " + refused) != std::string::npos);
  CHECK(message("", activation("tanh", 1) + ",", "").find("layers[1]: " + refused) != std::string::npos);
  CHECK(message("", activation("", 3) + ",", "").find("layers[1]: " + refused) != std::string::npos);
  CHECK(message("", "", "," + activation("tanh", 3)).find("layers[2]: " + refused) != std::string::npos);
  write_file(folder / "m.json", R"({"in_shape":[2],"layers":[)" + activation("", 2) + "]}");
  Dense any(2);
  CHECK_THROWS_WITH_AS(load_rtneural(folder / "m.json", any), doctest::Contains("none of the layers has weights"),
                       DataLossError);
}

TEST_CASE(
    "shapes are counted as RTNeural counts: the last entry, of four the last two, whole numbers however written") {
  TemporaryFolder folder;
  Dense saved(3), loaded(3);
  built(saved, 2);
  save_rtneural(folder / "m.json", saved);
  const std::string text = read_file(folder / "m.json"), inputs = "[null,null,2]", outputs = "[null,null,3]";
  auto load = [&](const std::string& from, const std::string& to) {
    write_file(folder / "d.json", replaced(text, from, to));
    load_rtneural(folder / "d.json", loaded);
    check_same_values(loaded, saved);
  };
  for (const char* shape : {"[2.0]", "[2e0]", "[9,2]", "[null,null,1,2]", "[null,null,2,1.0]", "[9,9,9,9,2]"})
    load(inputs, shape);
  for (const char* shape : {"[3.0]", "[null,null,3,1]", "[null,7,1,3]"}) load(outputs, shape);
  for (const char* shape :
       {"[]", "2", "{}", "[null]", "[0]", "[-2]", "[2.5]", "[\"2\"]", "[true]", "[null,null,null,2]",
        "[null,null,2,null]", "[null,null,1048576,2]", "[null,null,-1,-2]", "[1048577]"}) {
    INFO(shape);
    CHECK_THROWS_WITH_AS(load(inputs, shape), doctest::Contains("in_shape is "), DataLossError);
    CHECK_THROWS_WITH_AS(load(outputs, shape), doctest::Contains("layers[0]: shape is "), DataLossError);
  }
  CHECK_THROWS_WITH_AS(load(inputs, "[null,null,2,2]"), doctest::Contains("(2, 3), expected (4, 3)"), DataLossError);
}

TEST_CASE("what RTNeural does not compute is refused by name, before anything is written") {
  TemporaryFolder folder;
  auto refusal = [&](auto cell) {
    built(cell, 2);
    return message_of<ValueError>([&] { save_rtneural(folder / "m.json", cell); });
  };
  CHECK(refusal(LSTMCell(3, {.use_peepholes = true})) ==
        "save_rtneural: LSTMCell \"lstm_cell\" has use_peepholes, which the format cannot hold");
  CHECK(refusal(LSTMCell(3, {.cell_clip = 1.0})).find("has a cell_clip") != std::string::npos);
  CHECK(refusal(LSTMCell(3, {.num_proj = 2})).find("has a num_proj") != std::string::npos);
  CHECK(refusal(LSTMCell(3, {.activation = "relu"})).find("the activation \"relu\"") != std::string::npos);
  CHECK(refusal(GRUCell(3)).find("RTNeural has no GRU (reset before the product)") != std::string::npos);
  CHECK(refusal(BasicRNNCell(3)).find("RTNeural has no RNN") != std::string::npos);
  CHECK(refusal(Dense(3, {.activation = "softsign"})).find("the activation \"softsign\"") != std::string::npos);
  LSTMCell own(3, {.activation = [](const Tensor&x) { return x; }}), unbuilt(3), sound(3);
  CHECK(message_of<ValueError>([&] {
          save_rtneural(folder / "m.json", built(own, 2));
        }).find("an activation of the program's own") != std::string::npos);
  CHECK_THROWS_WITH_AS(save_rtneural(folder / "m.json", unbuilt), doctest::Contains("has no variables yet"),
                       ValueError);
  Dense wide(1);
  built(sound, 2), built(wide, 4);
  CHECK_THROWS_WITH_AS(save_rtneural(folder / "m.json", sound, wide), doctest::Contains("Dense \"dense\" has 4 inputs"),
                       ValueError);
  sound.variables()[0].assign(full(sound.variables()[0].shape(), NAN));
  CHECK_THROWS_WITH_AS(save_rtneural(folder / "m.json", sound),
                       doctest::Contains("LSTMCell \"lstm_cell\" has a weight that is nan"), ValueError);
  CHECK(folder.files() == 0);
}

TEST_CASE("a file that does not fit the modules changes nothing") {
  TemporaryFolder folder;
  LSTMCell saved(3), wider(4), unbuilt(3), deeper(3);
  Dense head(1), two(2), unbuilt_head(1, {.activation = "tanh"});
  built(saved, 2), built(wider, 2), built(deeper, 1), built(head, 3), built(two, 3);
  save_rtneural(folder / "m.json", saved, head);
  const Tensor before = deeper.variables()[0].value();
  CHECK_THROWS_WITH_AS(load_rtneural(folder / "m.json", wider, head), doctest::Contains("has 4 units"), ValueError);
  CHECK_THROWS_WITH_AS(load_rtneural(folder / "m.json", saved), doctest::Contains("2 layers for modules of 1"),
                       ValueError);
  CHECK_THROWS_WITH_AS(load_rtneural(folder / "m.json", head, saved), doctest::Contains("cannot take the weights"),
                       ValueError);
  CHECK_THROWS_WITH_AS(load_rtneural(folder / "m.json", deeper, head), doctest::Contains("of shape (4, 12)"),
                       ValueError);
  CHECK_THROWS_WITH_AS(load_rtneural(folder / "m.json", unbuilt, unbuilt_head),
                       doctest::Contains("the activation \"tanh\", the weights are for \"linear\""), ValueError);
  CHECK(deeper.variables()[0].value().is_same(before));
  CHECK_FALSE(unbuilt.built());
}

TEST_CASE("damaged RTNeural files are errors that name the place") {
  TemporaryFolder folder;
  LSTMCell cell(2);
  built(cell, 1);
  save_rtneural(folder / "m.json", cell);
  const std::string text = read_file(folder / "m.json");
  auto message = [&](const std::string& damaged) {
    write_file(folder / "d.json", damaged);
    return message_of<DataLossError>([&] { load_rtneural(folder / "d.json", cell); });
  };
  for (std::size_t length = 0; length < text.size(); ++length) CHECK_FALSE(message(text.substr(0, length)).empty());
  auto contains = [](const std::string& message, const std::string& part) {
    INFO(message);
    CHECK(message.find(part) != std::string::npos);
  };
  contains(message(replaced(text, "\"lstm\"", "\"conv1d\"")), "layers[0]: the type is \"conv1d\"");
  contains(message(replaced(text, "[null,null,1]", "[null,null,2]")), "layers[0].weights[0]: the shape is (1, 8)");
  contains(message(replaced(text, "[null,null,1]", "[null,null,1e9]")), "in_shape is [null,null,");
  // Four gates of as many are more than can be counted.
  contains(message(replaced(text, "[null,null,2]", "[null,null,4611686018427387904]")), "layers[0]: shape is [null,");
  contains(message(replaced(text, "\"layers\":[", "\"layers\":[[],")), "layers[0]: expected an object");
  contains(message(replaced(text, "\"weights\":[[[", "\"weights\":[[[\"x\",")), "weights[0]");
  contains(message("[]"), "expected an object, got []");
  contains(message(std::string(1000, '[')), "nested deeper");
}
