#include "unroll/core/xtensor.hpp"

#include <doctest/doctest.h>

#include <xtensor/xfixed.hpp>
#include <xtensor/xmath.hpp>
#include <xtensor/xtensor.hpp>
#include <xtensor/xview.hpp>

using namespace unroll;

TEST_CASE("a tensor is made of any xtensor expression") {
  xt::xarray<float> a{{1.f, 2.f, 3.f}, {4.f, 5.f, 6.f}};
  CHECK(array_equal(Tensor(a), Tensor{{1.f, 2.f, 3.f}, {4.f, 5.f, 6.f}}));
  CHECK(array_equal(Tensor(2.f * a + 1.f), Tensor{{3.f, 5.f, 7.f}, {9.f, 11.f, 13.f}}));
  CHECK(array_equal(Tensor(xt::transpose(a)), Tensor{{1.f, 4.f}, {2.f, 5.f}, {3.f, 6.f}}));
  CHECK(array_equal(Tensor(xt::view(a, xt::all(), xt::range(2, 0, -1))), Tensor{{3.f, 2.f}, {6.f, 5.f}}));
  CHECK(array_equal(Tensor(xt::sum(a, {1})), Tensor{6.f, 15.f}));
  CHECK(array_equal(Tensor(a > 3.f), Tensor{{false, false, false}, {true, true, true}}));
  xt::xtensor<int, 1> fixed_rank{7, 8};
  CHECK(array_equal(Tensor(fixed_rank), Tensor{7, 8}));
  xt::xtensor_fixed<double, xt::xshape<2, 1>> fixed_shape{{0.5}, {1.5}};
  CHECK(array_equal(Tensor(fixed_shape), Tensor{{0.5}, {1.5}}));
  xt::xarray<double> scalar = 2.5;
  CHECK(array_equal(Tensor(scalar), Tensor(2.5)));
  xt::xarray<int> empty = xt::zeros<int>({2, 0});
  CHECK(Tensor(empty).spec() == TensorSpec{{2, 0}, int32});
  xt::xarray<int, xt::layout_type::column_major> columns{{1, 2}, {3, 4}};
  CHECK(array_equal(Tensor(columns), Tensor{{1, 2}, {3, 4}}));
}

TEST_CASE("an expression converts where a tensor is expected") {
  auto rank = [](const Tensor& t) { return t.rank(); };
  xt::xarray<double> a{{1.0, 2.0}};
  CHECK(rank(a * 2.0) == 2);
}

TEST_CASE("a tensor is read as an xtensor array without copying") {
  const Tensor x{{1.0, 2.0}, {3.0, 4.0}};
  auto view = as_xtensor<double>(x);
  CHECK(&view(0, 0) == x.data<double>());
  CHECK(view.dimension() == 2);
  CHECK(view(1, 0) == 3);
  CHECK(xt::sum(view)() == 10);
  CHECK_THROWS_WITH_AS(as_xtensor<float>(x), "Tensor: its elements are float64, not float32", TypeError);
  CHECK_THROWS_AS(as_xtensor<float>(Tensor()), ValueError);
}

TEST_CASE("a tensor is written through an xtensor array, and its copies keep their elements") {
  Tensor x{{1, 2}, {3, 4}};
  Tensor copy = x;
  as_xtensor<int>(x) *= 10;
  CHECK(array_equal(x, Tensor{{10, 20}, {30, 40}}));
  CHECK(array_equal(copy, Tensor{{1, 2}, {3, 4}}));
}
