#include "unroll/autograd/ops/gather.hpp"

#include <doctest/doctest.h>

#include "unroll/autograd/check_gradients.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/tape.hpp"
#include "unroll/core/creation.hpp"

using namespace unroll;

namespace {
const Tensor table{{1.5, -2.0, 0.25}, {3.0, 0.5, -1.25}, {7.0, 8.0, -9.0}, {0.125, 4.0, 6.0}};

void check_gradient(const std::vector<Tensor>& inputs, const std::function<Nest(const std::vector<Tensor>&)>& f) {
  auto check = check_gradients(f, inputs);
  CHECK_MESSAGE(check, check.to_string());
}
}  // namespace

TEST_CASE("gather picks parts along an axis by int32 or int64 indices") {
  for (DType type : {int32, int64}) {
    CHECK(array_equal(gather(table, Tensor({2, 0, 2}, type)),
                      Tensor{{7.0, 8.0, -9.0}, {1.5, -2.0, 0.25}, {7.0, 8.0, -9.0}}));
    CHECK(array_equal(gather(table, Tensor({{2, 0}}, type), 1),
                      Tensor{{{0.25, 1.5}}, {{-1.25, 3.0}}, {{-9.0, 7.0}}, {{6.0, 0.125}}}));
    CHECK(array_equal(gather(table, Tensor(3, type)), Tensor{0.125, 4.0, 6.0}));
  }
  CHECK(array_equal(gather(table, Tensor{1}, -1), Tensor{{-2.0}, {0.5}, {8.0}, {4.0}}));
  CHECK(gather(table, zeros({0}, int32)).shape() == Shape{0, 3});
  CHECK(gather(zeros({2, 0}), Tensor{1, 1, 0}).shape() == Shape{3, 0});
  for (DType dtype : {bool_, int32, int64, float32, float64})
    CHECK(array_equal(gather(Tensor(table, dtype), Tensor{3, 1}), Tensor(gather(table, Tensor{3, 1}), dtype)));
}

TEST_CASE("indices outside are refused by name") {
  CHECK_THROWS_WITH_AS(gather(table, Tensor{{0, 1}, {4, 2}}), "gather: indices[1, 0] = 4 is not in [0, 4)",
                       InvalidArgumentError);
  CHECK_THROWS_WITH_AS(gather(table, Tensor(-1), 1), "gather: indices[] = -1 is not in [0, 3)", InvalidArgumentError);
  CHECK_THROWS_WITH_AS(embedding_lookup(table, Tensor{0, 9}), "embedding_lookup: indices[1] = 9 is not in [0, 4)",
                       InvalidArgumentError);
  CHECK_THROWS_AS(gather(zeros({2, 0}), Tensor{2}), InvalidArgumentError);
  CHECK_THROWS_AS(gather(zeros({0, 2}), Tensor{0}), InvalidArgumentError);
  CHECK_THROWS_WITH_AS(gather(table, Tensor{1.f}), doctest::Contains("indices are float32"), TypeError);
  CHECK_THROWS_AS(gather(table, Tensor{true}), TypeError);
  CHECK_THROWS_AS(gather(table, Tensor{0}, 2), IndexError);
  CHECK_THROWS_AS(gather(Tensor(1.0), Tensor{0}), IndexError);
  CHECK_THROWS_AS(embedding_lookup(Tensor(1.0), Tensor{0}), ValueError);
  CHECK_THROWS_AS(gather(table, Tensor()), ValueError);
}

TEST_CASE("embedding_lookup gives a row for each id") {
  Tensor y = embedding_lookup(table, Tensor{{1, 3}, {1, 0}});
  CHECK(array_equal(y, Tensor{{{3.0, 0.5, -1.25}, {0.125, 4.0, 6.0}}, {{3.0, 0.5, -1.25}, {1.5, -2.0, 0.25}}}));
}

TEST_CASE("gather_nd picks by vectors of indices") {
  CHECK(array_equal(gather_nd(table, Tensor{{2, 1}, {0, 2}}), Tensor{8.0, 0.25}));
  CHECK(array_equal(gather_nd(table, Tensor{{{3}}, {{1}}}), Tensor{{{0.125, 4.0, 6.0}}, {{3.0, 0.5, -1.25}}}));
  CHECK(array_equal(gather_nd(table, Tensor{1, 2}), Tensor(-1.25)));
  CHECK(array_equal(gather_nd(table, zeros({1, 0}, int32)), table.reshaped_view({1, 4, 3})));
  CHECK(gather_nd(table, zeros({0, 2}, int64)).shape() == Shape{0});
  CHECK_THROWS_WITH_AS(gather_nd(table, Tensor{{0, 0}, {1, 3}}),
                       "gather_nd: indices[1] = (1, 3) does not index into shape (4, 3)", InvalidArgumentError);
  CHECK_THROWS_WITH_AS(gather_nd(table, Tensor{{-1, 0}}), doctest::Contains("indices[0] = (-1, 0)"),
                       InvalidArgumentError);
  CHECK_THROWS_AS(gather_nd(table, Tensor{0, 1, 2}), ValueError);
  CHECK_THROWS_AS(gather_nd(table, Tensor(0)), ValueError);
  CHECK_THROWS_AS(gather_nd(table, Tensor{{0.0, 1.0}}), TypeError);
}

TEST_CASE("scatter_nd adds slices up where their indices point") {
  CHECK(array_equal(scatter_nd(Tensor{{2}, {0}, {2}}, Tensor{10, 20, 30}, {4}), Tensor{20, 0, 40, 0}));
  CHECK(array_equal(scatter_nd(Tensor{{1}, {1}}, Tensor{{1.5, 2.0}, {3.0, -4.0}}, {3, 2}),
                    Tensor{{0.0, 0.0}, {4.5, -2.0}, {0.0, 0.0}}));
  CHECK(array_equal(scatter_nd(Tensor{{1, 0}, {0, 1}}, Tensor{5.f, 6.f}, {2, 2}), Tensor{{0.f, 6.f}, {5.f, 0.f}}));
  CHECK(array_equal(scatter_nd(zeros({0, 1}, int32), zeros({0, 2}), {1, 2}), Tensor{{0.f, 0.f}}));
  CHECK_THROWS_WITH_AS(scatter_nd(Tensor{{1}}, Tensor{1, 2}, {3}), doctest::Contains("expected (1,)"), ValueError);
  CHECK_THROWS_AS(scatter_nd(Tensor{{3}}, Tensor{1}, {3}), InvalidArgumentError);
  CHECK_THROWS_AS(scatter_nd(Tensor{{3}}, zeros({1, 0}), {3, 0}), InvalidArgumentError);
  CHECK_THROWS_AS(scatter_nd(Tensor{{0}}, Tensor{true}, {3}), TypeError);
  CHECK_THROWS_AS(scatter_nd(Tensor{{0.f}}, Tensor{1}, {3}), TypeError);
}

TEST_CASE("boolean_mask keeps what the mask says") {
  CHECK(
      array_equal(boolean_mask(table, Tensor{true, false, false, true}), Tensor{{1.5, -2.0, 0.25}, {0.125, 4.0, 6.0}}));
  CHECK(array_equal(boolean_mask(table, Tensor{false, true, true}, 1),
                    Tensor{{-2.0, 0.25}, {0.5, -1.25}, {8.0, -9.0}, {4.0, 6.0}}));
  Tensor both{{true, false, false}, {false, false, true}, {false, false, false}, {true, true, false}};
  CHECK(array_equal(boolean_mask(table, both), Tensor{1.5, -1.25, 0.125, 4.0}));
  CHECK(boolean_mask(table, zeros({4}, bool_)).shape() == Shape{0, 3});
  CHECK_THROWS_WITH_AS(boolean_mask(table, Tensor{true, false}), doctest::Contains("mask has shape (2,)"), ValueError);
  CHECK_THROWS_AS(boolean_mask(table, Tensor(true)), ValueError);
  CHECK_THROWS_AS(boolean_mask(table, both, 1), ValueError);
  CHECK_THROWS_AS(boolean_mask(table, Tensor{1, 0, 0, 1}), TypeError);
  CHECK_THROWS_AS(boolean_mask(table, Tensor{true}, 2), IndexError);
}

TEST_CASE("gradients of what was picked go back to its places and add up") {
  check_gradient({table}, [](const std::vector<Tensor>& in) {
    Tensor twice = gather(in[0], Tensor{2, 0, 2}), columns = gather(in[0], Tensor{{2, 0}, {2, 1}}, 1);
    return Nest::tuple({twice * twice, columns, embedding_lookup(in[0], Tensor{{1, 3}}), in[0]});
  });
  check_gradient({table}, [](const std::vector<Tensor>& in) {
    return Nest::tuple({gather_nd(in[0], Tensor{{2, 1}, {0, 2}, {2, 1}}), gather_nd(in[0], Tensor{{3}})});
  });
  check_gradient({Tensor{{1.0, -2.0}, {0.5, 3.0}, {4.0, 7.0}}}, [](const std::vector<Tensor>& in) {
    return scatter_nd(Tensor{{1}, {3}, {1}}, in[0] * in[0], {4, 2});
  });
  check_gradient({table}, [](const std::vector<Tensor>& in) {
    return boolean_mask(in[0] * in[0], Tensor{true, false, true}, -1);
  });
}

TEST_CASE("gathering is differentiable twice") {
  Tensor y{2.0, -1.0, 3.0};
  GradientTape outer;
  outer.watch(y);
  Tensor g;
  {
    GradientTape inner;
    inner.watch(y);
    Tensor picked = gather(y, Tensor{0, 2, 0}), by_vector = gather_nd(y, Tensor{{1}});
    g = inner.gradient(Nest::tuple({picked * picked * picked, by_vector * by_vector}), y);
  }
  CHECK(array_equal(g, Tensor{24.0, -2.0, 27.0}));
  CHECK(array_equal(outer.gradient(g, y), Tensor{24.0, 2.0, 18.0}));
}

TEST_CASE("many lookups into one table gather their gradient in it") {
  Variable embedding(ones({100, 3}), "embedding");
  GradientTape tape;
  std::vector<Nest> rows;
  for (int k = 0; k < 60; ++k) rows.push_back(embedding_lookup(embedding, Tensor{k % 50}) * k);
  Tensor g = tape.gradient(Nest::tuple(rows), embedding);
  for (int k = 0; k < 100; ++k) CHECK(g.at<float>({k, 1}) == (k < 10 ? 2 * k + 50 : k < 50 ? k : 0));
}
