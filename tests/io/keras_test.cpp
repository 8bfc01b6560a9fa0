#include "unroll/io/keras.hpp"

#include "layer_models.hpp"
#include "unroll/cells/prelu.hpp"

using namespace unroll;
using namespace testing;

TEST_CASE("weights have Keras's names, orders and shapes") {
  LSTMCell lstm(1, {.forget_bias = 0.5});
  GRUCell before(1);
  CudnnCompatibleGRUCell after(1);
  built(lstm, 1, float64), built(before, 1, float64), built(after, 1, float64);
  enumerate(lstm), enumerate(before), enumerate(after);
  NamedTensors weights = keras_weights(lstm, "layer");
  REQUIRE(weights.size() == 3);
  CHECK(weights[0].first == "layer/lstm_cell/kernel");
  CHECK(array_equal(weights[0].second, Tensor{{0.0, 2.0, 1.0, 3.0}}));
  CHECK(weights[1].first == "layer/lstm_cell/recurrent_kernel");
  CHECK(array_equal(weights[1].second, Tensor{{4.0, 6.0, 5.0, 7.0}}));
  CHECK(weights[2].first == "layer/lstm_cell/bias");
  CHECK(array_equal(weights[2].second, Tensor{0.0, 2.5, 1.0, 3.0}));

  weights = keras_weights(before, "g");  // Keras has the update gate first
  CHECK(weights[0].first == "g/gru_cell/kernel");
  CHECK(array_equal(weights[0].second, Tensor{{1.0, 0.0, 0.0}}));
  CHECK(array_equal(weights[1].second, Tensor{{3.0, 2.0, 1.0}}));
  CHECK(array_equal(weights[2].second, Tensor{1.0, 0.0, 0.0}));
  CHECK(keras_weights(after, "g")[2].second.shape() == Shape{2, 3});
}

TEST_CASE("every kind of layer goes out and comes in, by name or as numpy.savez numbers them") {
  auto check = [](auto make) {
    auto saved = make(), named = make(), numbered = make();
    built(saved, 3);
    NamedTensors weights = keras_weights(saved, "layer"), arrays;
    load_keras_weights(weights, named, "layer");
    check_same_values(named, saved);
    for (const auto& [name, tensor] : weights) arrays.emplace_back("arr_" + std::to_string(arrays.size()), tensor);
    load_keras_weights(arrays, numbered);
    check_same_values(numbered, saved);
  };
  check([] { return LSTMCell(2); });
  check([] { return GRUCell(2); });
  check([] { return CudnnCompatibleGRUCell(4); });
  check([] { return BasicRNNCell(2, {.activation = "relu"}); });
  check([] { return Dense(2); });
  check([] { return Dense(2, {.use_bias = false}); });
  check([] { return PReLU(); });
  check([] { return MultiRNNCell(LSTMCell(2), LSTMCell(4)); });
  check([] { return MultiRNNCell(LSTMCell(2), CudnnCompatibleGRUCell(3), LSTMCell(2)); });
}

TEST_CASE("two directions are Bidirectional") {
  CudnnCompatibleGRUCell forward(2), backward(2), forward2(2), backward2(2);
  built(forward, 3), built(backward, 3);
  randomize(backward, 7);
  NamedTensors weights = keras_weights(RecurrentLayer{&forward, &backward}, "bidirectional");
  REQUIRE(weights.size() == 6);
  CHECK(weights[3].first == "bidirectional/backward_gru/gru_cell/kernel");
  load_keras_weights(weights, RecurrentLayer{&forward2, &backward2}, "bidirectional");
  check_same_values(forward2, forward);
  check_same_values(backward2, backward);
}

TEST_CASE("a PReLU is one of Keras's whose axes are shared, all but the last") {
  PReLU saved;
  built(saved, 3);
  CHECK(keras_weights(saved, "p")[0].first == "p/alpha");
  CHECK(keras_weights(saved, "p")[0].second.shape() == Shape{1, 3});
  const Tensor alpha = saved.variables()[0];
  for (const Shape& shape : {Shape{3}, Shape{1, 3}, Shape{1, 1, 3}}) {
    PReLU loaded;
    load_keras_weights({{"p/alpha:0", alpha.reshaped_view(shape)}}, loaded, "p");
    check_same_values(loaded, saved);
  }
  auto refusal = [](const NamedTensors& tensors) {
    PReLU prelu;
    const std::string message = message_of<ValueError>([&] { load_keras_weights(tensors, prelu, "p"); });
    CHECK_FALSE(prelu.built());
    return message;
  };
  CHECK(refusal({{"p/alpha", alpha.reshaped_view({3, 1})}}) ==
        "load_keras_weights: \"p/alpha\" has shape (3, 1), expected all axes but the last to be shared");
  CHECK(refusal({{"p/alpha", full({}, 1)}}).find("expected floats of rank 1") != std::string::npos);
  CHECK(refusal({{"p/kernel", ones({1, 2})}}) == "load_keras_weights: there is no \"p/alpha\"");
  CHECK(refusal({{"p/alpha", alpha}, {"p/bias", alpha}}) == "load_keras_weights: \"p/bias\" belongs to no layer");
  CHECK(message_of<ValueError>([&] {
          keras_weights({&saved, &saved}, "p");
        }).find("has no directions") != std::string::npos);
}

TEST_CASE("Keras's numbers and \":0\" in names are passed over") {
  LSTMCell saved(2), loaded(2);
  built(saved, 1);
  NamedTensors weights = keras_weights(saved, "lstm_1");
  for (auto& [name, tensor] : weights) name = replaced(name, "lstm_cell", "lstm_cell_7") + ":0";
  weights.emplace_back("dense/kernel:0", zeros({1, 1}));
  load_keras_weights(weights, loaded, "lstm_1");
  check_same_values(loaded, saved);
}

TEST_CASE("what does not fit Keras is refused by name") {
  LSTMCell projected(2, {.num_proj = 3}), saved(2), wider(3), unbuilt(2);
  built(projected, 1), built(saved, 1), built(wider, 1);
  CHECK_THROWS_WITH_AS(keras_weights(projected, "x"), doctest::Contains("has a num_proj"), ValueError);
  NamedTensors weights = keras_weights(saved, "x"), lacking = weights, more = weights;
  lacking.erase(lacking.begin());
  more.emplace_back("x/lstm_cell_1/kernel", zeros({1, 1}));
  CHECK_THROWS_WITH_AS(load_keras_weights(weights, wider, "x"), doctest::Contains("has 3 units"), ValueError);
  CHECK_THROWS_WITH_AS(load_keras_weights(weights, unbuilt, "y"), doctest::Contains("no weights of LSTMCell"),
                       ValueError);
  CHECK_THROWS_WITH_AS(load_keras_weights(lacking, unbuilt, "x"), doctest::Contains("x/lstm_cell/kernel"), ValueError);
  CHECK_THROWS_WITH_AS(load_keras_weights(more, unbuilt, "x"), doctest::Contains("belongs to no layer"), ValueError);
  CHECK_THROWS_AS(load_keras_weights(weights, unbuilt), ValueError);
  CHECK_FALSE(unbuilt.built());
}
