#include <doctest/doctest.h>

#include "support/random_tensors.hpp"
#include "unroll/autograd/check_gradients.hpp"
#include "unroll/autograd/tape.hpp"
#include "unroll/cells/dense.hpp"
#include "unroll/cells/embedding.hpp"
#include "unroll/cells/prelu.hpp"

using namespace unroll;
using namespace testing;

TEST_CASE("Dense multiplies the last dimension and adds the bias") {
  Dense dense(2, {.activation = "relu"});
  Tensor x{{{1.0, 2.0, 3.0}}, {{-1.0, 0.5, 0.0}}};
  dense(x);
  auto v = dense.variables();
  REQUIRE(v.size() == 2);
  CHECK(v[0].name() == "dense/kernel");
  CHECK(v[1].name() == "dense/bias");
  v[0].assign(Tensor{{1.0, -1.0}, {0.5, 2.0}, {-2.0, 0.25}});
  v[1].assign(Tensor{5.0, -1.5});
  CHECK(array_equal(dense(x), Tensor{{{1.0, 2.25}}, {{4.25, 0.5}}}));
}

TEST_CASE("Dense has right gradients for inputs of any rank") {
  for (const Shape& shape : {Shape{3}, Shape{2, 3}, Shape{2, 2, 3}}) {
    Dense dense(2, {.activation = "tanh"});
    Tensor x = random_tensor(shape, 1);
    CHECK(dense(x).shape() == shape.with(-1, 2));
    auto of_x = check_gradients([&](const std::vector<Tensor>& in) { return dense(in[0]); }, {x});
    CHECK_MESSAGE(of_x, of_x.to_string());
    auto of_variables = check_gradients([&] { return Nest(dense(x)); }, dense.variables());
    CHECK_MESSAGE(of_variables, of_variables.to_string());
  }
}

TEST_CASE("Dense refuses what it was not built for") {
  Dense dense(2, {.use_bias = false});
  CHECK_THROWS_AS(dense(Tensor(1.0)), ValueError);
  CHECK_THROWS_AS(dense(Tensor{1, 2}), ValueError);
  dense(Tensor{1.0, 2.0});
  CHECK(dense.variables().size() == 1);
  CHECK_THROWS_WITH_AS(dense(Tensor{1.0}), "Dense: the input has shape (1,), expected (..., 2)", ValueError);
  CHECK_THROWS_AS(dense(Tensor{1.f, 2.f}), TypeError);
  CHECK_THROWS_AS(Dense(-1), ValueError);
}

TEST_CASE("Embedding looks rows up, and only the rows used have a gradient") {
  Embedding table(4, 2, {.dtype = float64});
  Tensor ids{{3, 1}, {1, 1}};
  CHECK(table(ids).shape() == Shape{2, 2, 2});
  auto v = table.variables();
  REQUIRE(v.size() == 1);
  CHECK(v[0].name() == "embedding/embeddings");
  v[0].assign(Tensor{{0.0, 1.0}, {2.0, 3.0}, {4.0, 5.0}, {6.0, 7.0}});
  CHECK(array_equal(table(ids), Tensor{{{6.0, 7.0}, {2.0, 3.0}}, {{2.0, 3.0}, {2.0, 3.0}}}));
  GradientTape tape;
  Tensor y = table(ids);
  CHECK(array_equal(tape.gradient(y, v[0]), Tensor{{0.0, 0.0}, {3.0, 3.0}, {0.0, 0.0}, {1.0, 1.0}}));
  CHECK_THROWS_AS(table(Tensor{4}), InvalidArgumentError);
  CHECK_THROWS_AS(table(Tensor{-1}), InvalidArgumentError);
  CHECK_THROWS_AS(table(Tensor{1.0}), TypeError);
}

TEST_CASE("PReLU multiplies what is below 0 by the slope of its column") {
  PReLU prelu;
  const Tensor x{{1.0, -2.0, 0.0}, {-0.5, 3.0, -4.0}};
  CHECK(array_equal(prelu(x), Tensor{{1.0, 0.0, 0.0}, {0.0, 3.0, 0.0}}));  // its slopes begin with zeros
  auto v = prelu.variables();
  REQUIRE(v.size() == 1);
  CHECK(v[0].name() == "p_re_lu/alpha");
  v[0].assign(Tensor{0.25, -1.0, 0.5});
  CHECK(array_equal(prelu(x), Tensor{{1.0, 2.0, 0.0}, {-0.125, 3.0, -2.0}}));
}

TEST_CASE("PReLU has right gradients for inputs of any rank, and refuses what it was not built for") {
  for (const Shape& shape : {Shape{3}, Shape{2, 3}, Shape{2, 2, 3}}) {
    PReLU prelu({.alpha_initializer = random_uniform_initializer({.minval = -0.5, .maxval = 0.5})});
    Tensor x = random_tensor(shape, 1);
    CHECK(prelu(x).shape() == shape);
    auto of_x = check_gradients([&](const std::vector<Tensor>& in) { return prelu(in[0]); }, {x});
    CHECK_MESSAGE(of_x, of_x.to_string());
    auto of_variables = check_gradients([&] { return Nest(prelu(x)); }, prelu.variables());
    CHECK_MESSAGE(of_variables, of_variables.to_string());
    CHECK_THROWS_WITH_AS(prelu(Tensor{1.0}), "PReLU: the input has shape (1,), expected (..., 3)", ValueError);
    CHECK_THROWS_AS(prelu(Tensor(x, float32)), TypeError);
  }
  PReLU unbuilt;
  CHECK_THROWS_AS(unbuilt(Tensor(1.0)), ValueError);
  CHECK_THROWS_AS(unbuilt(Tensor{1, 2}), ValueError);
}
