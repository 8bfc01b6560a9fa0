#include "unroll/core/tensor.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "unroll/core/creation.hpp"

using namespace unroll;

TEST_CASE("a tensor made of C++ numbers has their dtype") {
  CHECK(Tensor(1.5f).spec() == TensorSpec{{}, float32});
  CHECK(Tensor(1.5).dtype() == float64);
  CHECK(Tensor(2).dtype() == int32);
  CHECK(Tensor(2L).dtype() == int64);
  CHECK(Tensor(2LL).dtype() == int64);
  CHECK(Tensor(true).dtype() == bool_);
  CHECK(Tensor(2.75, float32).at<float>({}) == 2.75f);
  CHECK(Tensor(2.75, int32).at<int>({}) == 2);
}

TEST_CASE("nested lists give the shape that they have") {
  CHECK(Tensor{1, 2, 3}.shape() == Shape{3});
  Tensor matrix{{1.f, 2.f}, {3.f, 4.f}, {5.f, 6.f}};
  CHECK(matrix.spec() == TensorSpec{{3, 2}, float32});
  CHECK(matrix.at<float>({2, 0}) == 5);
  Tensor cube{{{1.0, 2.0}}, {{3.0, 4.0}}};
  CHECK(cube.shape() == Shape{2, 1, 2});
  CHECK(cube.at<double>({1, 0, 1}) == 4);
  Tensor four{{{{1, 2, 3}}, {{4, 5, 6}}}};
  CHECK(four.shape() == Shape{1, 2, 1, 3});
  CHECK(four.at<int>({0, 1, 0, 2}) == 6);
  CHECK(Tensor(std::initializer_list<float>{}).shape() == Shape{0});
  CHECK(array_equal(Tensor({{1, 2}, {3, 4}}, float64), Tensor{{1.0, 2.0}, {3.0, 4.0}}));
  CHECK_THROWS_WITH_AS((Tensor{{1, 2}, {3}}), "Tensor: nested lists differ in length: 1 and 2", ValueError);
  CHECK_THROWS_AS((Tensor{{{1}, {2}}, {{3}}}), ValueError);
}

TEST_CASE("a tensor is made of elements in row-major order") {
  CHECK(array_equal(Tensor({2, 2}, std::vector<int>{1, 2, 3, 4}), Tensor{{1, 2}, {3, 4}}));
  CHECK(array_equal(Tensor({2, 1}, {1.5, 2.5}), Tensor{{1.5}, {2.5}}));
  CHECK(array_equal(Tensor(Shape(3), std::vector<bool>{true, false, true}), Tensor{true, false, true}));
  const float values[] = {1, 2, 3};
  CHECK(array_equal(Tensor({3}, std::span<const float>(values)), Tensor{1.f, 2.f, 3.f}));
  CHECK(Tensor({0, 4}, std::vector<float>{}).size() == 0);
  CHECK_THROWS_WITH_AS(Tensor({2, 2}, std::vector<int>{1, 2, 3}), "Tensor: 3 values given for shape (2, 2), expected 4",
                       ValueError);
  CHECK_THROWS_AS(Tensor({2}, std::span<const float>(values)), ValueError);
}

TEST_CASE("elements are read and written by index, negative ones from the end") {
  Tensor x{{1, 2, 3}, {4, 5, 6}};
  CHECK(x.at<int>({1, 2}) == 6);
  CHECK(x.at<int>({-2, -1}) == 3);
  x.set({0, -3}, 7);
  CHECK(array_equal(x, Tensor{{7, 2, 3}, {4, 5, 6}}));
  CHECK_THROWS_WITH_AS(x.at<int>({2, 0}), "Tensor: index 2 is out of range for axis 0 of shape (2, 3)", IndexError);
  CHECK_THROWS_WITH_AS(x.at<int>({0, -4}), doctest::Contains("index -4 is out of range for axis 1"), IndexError);
  CHECK_THROWS_WITH_AS(x.at<int>({1}), "Tensor: 1 indices given for shape (2, 3)", IndexError);
  CHECK_THROWS_WITH_AS(x.at<float>({0, 0}), "Tensor: its elements are int32, not float32", TypeError);
  CHECK_THROWS_AS(x.set({0, 0}, 1.0), TypeError);
  CHECK_THROWS_AS(x.data<bool>(), TypeError);
  CHECK_THROWS_AS(x.mutable_data<std::int64_t>(), TypeError);
}

TEST_CASE("item gives the only element in any type, exactly") {
  CHECK(Tensor{{2.75}}.item<int>() == 2);
  CHECK(Tensor(3).item<double>() == 3.0);
  CHECK(Tensor(-0.5f).item<bool>());
  std::int64_t large = (std::int64_t{1} << 53) + 1;  // a double has no such number
  CHECK(Tensor(large).item<std::int64_t>() == large);
  CHECK(Tensor(double{NAN}).item<int>() == 0);
  CHECK_THROWS_WITH_AS((Tensor{1, 2}.item<int>()), "Tensor: item() needs one element, the shape is (2,)", ValueError);
  CHECK_THROWS_AS(Tensor(TensorSpec{{0}, float32}).item<float>(), ValueError);
}

TEST_CASE("dtypes are converted towards zero, NaN to 0, and beyond the range to the nearest bound") {
  Tensor x{1.9, -1.9, double{NAN}, 1e300, -1e300, 2147483647.5, -0.0};
  CHECK(array_equal(Tensor(x, int32), Tensor{1, -1, 0, INT32_MAX, INT32_MIN, INT32_MAX, 0}));
  CHECK(array_equal(Tensor(x, int64), Tensor{1L, -1L, 0L, INT64_MAX, INT64_MIN, 2147483647L, 0L}));
  CHECK(array_equal(Tensor(x, bool_), Tensor{true, true, true, true, true, true, false}));
  CHECK(std::isinf(Tensor(x, float32).at<float>({3})));
  CHECK(array_equal(Tensor(Tensor{true, false}, float32), Tensor{1.f, 0.f}));
  CHECK(array_equal(Tensor(Tensor{(1L << 32) + 5, -1L}, int32), Tensor{5, -1}));
  CHECK(bit_equal(Tensor(x, float64), x));
  CHECK_FALSE(Tensor(x, float64).data<double>() == x.data<double>());
}

TEST_CASE("copies share their elements until one of them is written to") {
  Tensor a{1, 2, 3};
  Tensor b = a;
  CHECK(b.is_same(a));
  CHECK_FALSE(a.is_unique());
  const int* before = a.data<int>();
  b.set({0}, 9);
  CHECK(array_equal(a, Tensor{1, 2, 3}));
  CHECK(array_equal(b, Tensor{9, 2, 3}));
  CHECK(a.data<int>() == before);
  CHECK(a.is_unique());
  a.mutable_data<int>()[1] = 8;
  CHECK(a.data<int>() == before);  // nobody else looks: in place
  Tensor c = a.clone();
  CHECK_FALSE(c.data<int>() == before);
  CHECK(array_equal(c, a));
}

TEST_CASE("a moved or reset tensor is null, and assignment lets go of the old elements") {
  Tensor a{1, 2};
  Tensor b = std::move(a);
  CHECK_FALSE(a.defined());
  CHECK(b.defined());
  Tensor c = b;
  c = Tensor{3};
  CHECK(b.is_unique());
  b = *&b;
  CHECK(array_equal(b, Tensor{1, 2}));
  b.reset();
  CHECK_FALSE(static_cast<bool>(b));
}

TEST_CASE("views share elements, and writing to one leaves the others alone") {
  Tensor x{{1, 2}, {3, 4}, {5, 6}};
  Tensor rows = x.rows_view(1, 3), flat = x.reshaped_view({6}), part = rows.reshaped_view({4}).rows_view(1, 3);
  CHECK(rows.data<int>() == x.data<int>() + 2);
  CHECK(array_equal(rows, Tensor{{3, 4}, {5, 6}}));
  CHECK(array_equal(part, Tensor{4, 5}));
  flat.set({2}, 9);
  rows.set({1, 1}, 7);
  CHECK(array_equal(x, Tensor{{1, 2}, {3, 4}, {5, 6}}));
  CHECK(array_equal(part, Tensor{4, 5}));
  CHECK(array_equal(rows, Tensor{{3, 4}, {5, 7}}));
  x.set({1, 1}, 0);
  CHECK(array_equal(part, Tensor{4, 5}));
  x.reset();  // the view keeps the elements
  CHECK(array_equal(part, Tensor{4, 5}));
  CHECK(part.is_unique());
}

TEST_CASE("views refuse rows outside and other sizes") {
  Tensor x{{1, 2}, {3, 4}};
  CHECK(x.rows_view(2, 2).shape() == Shape{0, 2});
  CHECK(zeros({0, 3}).rows_view(0, 0).shape() == Shape{0, 3});
  CHECK(zeros({2, 0}).rows_view(1, 2).shape() == Shape{1, 0});
  CHECK_THROWS_WITH_AS(x.rows_view(1, 3), "Tensor: rows 1 to 3 are out of range for shape (2, 2)", IndexError);
  CHECK_THROWS_AS(x.rows_view(-1, 1), IndexError);
  CHECK_THROWS_AS(x.rows_view(2, 1), IndexError);
  CHECK_THROWS_WITH_AS(Tensor(1).rows_view(0, 1), "Tensor: a tensor of rank 0 has no rows", ValueError);
  CHECK_THROWS_WITH_AS(x.reshaped_view({3}), "Tensor: shape (2, 2) cannot be reshaped to (3,): the sizes differ",
                       ValueError);
}

TEST_CASE("elements are aligned to 64 bytes") {
  for (Index n : {1, 7, 100, 100000})
    CHECK(reinterpret_cast<std::uintptr_t>(Tensor(TensorSpec{{n}, float32}).raw()) % 64 == 0);
}

TEST_CASE("bit_equal tells zeros and NaNs apart, array_equal compares numbers") {
  Tensor nan{1.0, double{NAN}};
  CHECK(bit_equal(nan, nan.clone()));
  CHECK_FALSE(array_equal(nan, nan));
  CHECK(array_equal(Tensor{0.0}, Tensor{-0.0}));
  CHECK_FALSE(bit_equal(Tensor{0.0}, Tensor{-0.0}));
  CHECK_FALSE(bit_equal(Tensor{1.f}, Tensor{1.0}));
  CHECK_FALSE(array_equal(Tensor{1, 2}, Tensor{{1, 2}}));
  CHECK_FALSE(array_equal(Tensor{1, 2}, Tensor{1, 3}));
  CHECK(bit_equal(zeros({0, 2}), zeros({0, 2})));
  CHECK(bit_equal(Tensor(), Tensor()));
  CHECK_FALSE(array_equal(Tensor(), Tensor{1}));
  CHECK_FALSE(bit_equal(Tensor{1}, Tensor()));
}

TEST_CASE("whatever needs the elements of a null tensor throws ValueError") {
  const Tensor null;
  Tensor writable;
  CHECK_THROWS_WITH_AS(null.shape(), "Tensor: expected a tensor, got None (a null Tensor)", ValueError);
  CHECK_THROWS_AS(null.dtype(), ValueError);
  CHECK_THROWS_AS(null.data<float>(), ValueError);
  CHECK_THROWS_AS(null.at<float>({0}), ValueError);
  CHECK_THROWS_AS(null.item<float>(), ValueError);
  CHECK_THROWS_AS(null.rows_view(0, 0), ValueError);
  CHECK_THROWS_AS(null.reshaped_view({}), ValueError);
  CHECK_THROWS_AS(null.clone(), ValueError);
  CHECK_THROWS_AS(null.is_unique(), ValueError);
  CHECK_THROWS_AS(Tensor(null, float32), ValueError);
  CHECK_THROWS_AS(writable.mutable_data<float>(), ValueError);
  CHECK_THROWS_AS(writable.set({0}, 1.f), ValueError);
  CHECK_THROWS_AS(writable.mutable_raw(), ValueError);
  CHECK_THROWS_AS(allclose(null, Tensor{1}), ValueError);
}

TEST_CASE("sizes that no memory can hold are refused") {
  CHECK_THROWS_WITH_AS(Tensor(TensorSpec{{Index{1} << 31, Index{1} << 30}, float32}), doctest::Contains("is too large"),
                       ResourceExhaustedError);
  CHECK_THROWS_AS(zeros({Index{1} << 45}, float64), ResourceExhaustedError);
  CHECK_THROWS_AS(zeros({Index{1} << 40, Index{1} << 40}), ResourceExhaustedError);
  CHECK_THROWS_AS(zeros({-1}), ValueError);
}
