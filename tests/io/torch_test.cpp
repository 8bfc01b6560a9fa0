#include "unroll/io/torch.hpp"

#include "layer_models.hpp"

using namespace unroll;
using namespace testing;

TEST_CASE("a state_dict has PyTorch's names, orders and shapes; the forget bias is in the input's bias") {
  LSTMCell cell(1, {.forget_bias = 0.5});
  built(cell, 2, float64);
  enumerate(cell);
  NamedTensors dict = torch_state_dict(cell, "rnn.");
  REQUIRE(dict.size() == 4);
  CHECK(dict[0].first == "rnn.weight_ih_l0");
  CHECK(array_equal(dict[0].second, Tensor{{0.0, 4.0}, {2.0, 6.0}, {1.0, 5.0}, {3.0, 7.0}}));
  CHECK(dict[1].first == "rnn.weight_hh_l0");
  CHECK(array_equal(dict[1].second, Tensor{{8.0}, {10.0}, {9.0}, {11.0}}));
  CHECK(dict[2].first == "rnn.bias_ih_l0");
  CHECK(array_equal(dict[2].second, Tensor{0.0, 2.5, 1.0, 3.0}));
  CHECK(dict[3].first == "rnn.bias_hh_l0");
  CHECK(array_equal(dict[3].second, zeros({4}, float64)));
}

TEST_CASE("stacks, two directions, projections and Dense go out and come in") {
  MultiRNNCell stack(LSTMCell(3, {.num_proj = 2}), LSTMCell(3, {.num_proj = 2}));
  MultiRNNCell loaded(LSTMCell(3, {.num_proj = 2}), LSTMCell(3, {.num_proj = 2}));
  built(stack, 4);
  NamedTensors dict = torch_state_dict(stack);
  CHECK(find_tensor(dict, "weight_hr_l1").shape() == Shape{2, 3});
  CHECK(find_tensor(dict, "weight_ih_l1").shape() == Shape{12, 2});
  load_torch_state_dict(dict, loaded);
  check_same_values(loaded, stack);

  CudnnCompatibleGRUCell forward(3), backward(3), forward2(3), backward2(3);
  for (auto* cell : {&forward, &backward}) built(*cell, 2);
  randomize(backward, 7);
  dict = torch_state_dict({{&forward, &backward}});
  CHECK(dict[4].first == "weight_ih_l0_reverse");
  load_torch_state_dict(dict, {{&forward2, &backward2}});
  check_same_values(forward2, forward);
  check_same_values(backward2, backward);

  Dense head(2), loaded_head(2);
  built(head, 3);
  dict = torch_state_dict(head, "lin.");
  CHECK(dict[0].first == "lin.weight");
  CHECK(dict[0].second.shape() == Shape{2, 3});
  dict.emplace_back("rec.weight_ih_l0", zeros({1, 1}));
  load_torch_state_dict(dict, loaded_head, "lin.");
  check_same_values(loaded_head, head);
}

TEST_CASE("a state_dict comes from JSON, and what is no tensor in it is an error with its name") {
  TemporaryFolder folder;
  const std::string text = R"({"rec.weight_ih_l0":[[0],[2],[1],[3]],"rec.weight_hh_l0":[[4],[6],[5],[7]],)"
                           R"("rec.bias_ih_l0":[0,2,1,3.5e0],"rec.bias_hh_l0":[0,0,0,0],)"
                           R"("dense.weight":[[0.1]],"dense.bias":[-2]})";
  write_file(folder / "m.json", text);
  const NamedTensors dict = read_torch_json(folder / "m.json");
  REQUIRE(dict.size() == 6);
  CHECK(dict[0].first == "rec.weight_ih_l0");
  CHECK(array_equal(dict[4].second, Tensor{{0.1f}}));
  LSTMCell cell(1, {.forget_bias = 0});
  Dense head(1);
  load_torch_state_dict(dict, cell, "rec.");
  load_torch_state_dict(dict, head, "dense.");
  CHECK(array_equal(cell.variables()[0], Tensor{{0.f, 1.f, 2.f, 3.f}, {4.f, 5.f, 6.f, 7.f}}));
  CHECK(array_equal(cell.variables()[1], Tensor{0.f, 1.f, 2.f, 3.5f}));
  CHECK(array_equal(head.variables()[1], Tensor{-2.f}));
  auto message = [&](const std::string& from, const std::string& to) {
    write_file(folder / "d.json", replaced(text, from, to));
    return message_of<DataLossError>([&] { read_torch_json(folder / "d.json"); });
  };
  const std::string place = "read_torch_json: " + (folder / "d.json").string() + ": ";
  CHECK(message("[-2]", "-2") == place + "dense.bias: expected a vector or a matrix of numbers, got -2");
  CHECK(message("[[0.1]]", "[[[0.1]]]") ==
        place + "dense.weight: expected a vector or a matrix of numbers, got [[[0.1]]]");
  CHECK(message("[6]", "[6,1]") == place + "rec.weight_hh_l0: expected an array of 1 like the others, got [6,1]");
  CHECK(message("[-2]", "[-1e39]") == place + "dense.bias: -1e+39 is out of the range of float32");
  CHECK(message("[-2]", "[null]") == place + "dense.bias: null is no number");
  CHECK(message("dense.bias", "dense.weight") == place + "the key \"dense.weight\" occurs twice");
  CHECK(message(text, "[]") == place + "expected an object, got []");
  CHECK(message("}", "").starts_with(place));
  CHECK_THROWS_AS(read_torch_json(folder / "none.json"), IOError);
}

TEST_CASE("what PyTorch does not compute is refused by name") {
  LSTMCell peepholes(3, {.use_peepholes = true}), relu(3, {.activation = "relu"}), four(4), three(3);
  GRUCell before(3);
  BasicRNNCell rnn(3, {.activation = "relu"}), softsign(3, {.activation = "softsign"});
  for (Module* module : std::vector<Module*>{&peepholes, &relu, &four, &three, &before, &rnn, &softsign})
    built(*module, 2);
  CHECK_THROWS_WITH_AS(torch_state_dict(peepholes), doctest::Contains("use_peepholes"), ValueError);
  CHECK_THROWS_WITH_AS(torch_state_dict(relu), doctest::Contains("the activation \"relu\""), ValueError);
  CHECK_THROWS_WITH_AS(torch_state_dict(before), doctest::Contains("GRU (reset before the product)"), ValueError);
  CHECK_THROWS_AS(torch_state_dict(softsign), ValueError);
  CHECK(torch_state_dict(rnn).size() == 4);
  CHECK_THROWS_WITH_AS(torch_state_dict({{&three}, {&four}}),
                       doctest::Contains("is of another kind, size or activation"), ValueError);
  CHECK_THROWS_WITH_AS(torch_state_dict({{&three}, {&three}}), doctest::Contains("has 2 inputs, expected 3"),
                       ValueError);
  CHECK_THROWS_WITH_AS(torch_state_dict({{&three, &four}, {&three}}), doctest::Contains("has one direction"),
                       ValueError);
  CHECK_THROWS_AS(torch_state_dict(std::vector<RecurrentLayer>{}), ValueError);
}

TEST_CASE("a state_dict that does not fit changes nothing") {
  LSTMCell saved(3), other(4), unbuilt(3), projected(3, {.num_proj = 2});
  built(saved, 2), built(other, 2);
  NamedTensors dict = torch_state_dict(saved), two = dict, lacking = dict, wrong = dict;
  two.emplace_back("weight_ih_l1", zeros({12, 3}));
  lacking.erase(lacking.begin() + 1);
  wrong[1].second = zeros({12, 4});
  const Tensor before = other.variables()[0].value();
  CHECK_THROWS_WITH_AS(load_torch_state_dict(dict, other), doctest::Contains("has 4 units, the weights are for 3"),
                       ValueError);
  CHECK_THROWS_WITH_AS(load_torch_state_dict(two, unbuilt), doctest::Contains("\"weight_ih_l1\" belongs to no layer"),
                       ValueError);
  CHECK_THROWS_WITH_AS(load_torch_state_dict(lacking, unbuilt), doctest::Contains("there is no \"weight_hh_l0\""),
                       ValueError);
  CHECK_THROWS_AS(load_torch_state_dict(wrong, unbuilt), ValueError);
  CHECK_THROWS_WITH_AS(load_torch_state_dict(dict, projected), doctest::Contains("has a num_proj"), ValueError);
  CHECK(other.variables()[0].value().is_same(before));
  CHECK_FALSE(unbuilt.built());
}
