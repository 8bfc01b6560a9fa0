#include "unroll/core/shape.hpp"

#include <doctest/doctest.h>

#include <ranges>
#include <span>
#include <sstream>
#include <vector>

#include "unroll/core/errors.hpp"

using namespace unroll;

TEST_CASE("a shape knows its rank, size and dimensions") {
  Shape s{2, 3, 4};
  CHECK(s.rank() == 3);
  CHECK(s.size() == 24);
  CHECK(s[0] == 2);
  CHECK(s[-1] == 4);
  CHECK(std::vector<Index>(s.begin(), s.end()) == std::vector<Index>{2, 3, 4});
  CHECK(s.dims().size() == 3);
  CHECK(Shape().size() == 1);
  CHECK(Shape().rank() == 0);
  CHECK(Shape{2, 0, 5}.size() == 0);
  CHECK(Shape(7) == Shape{7});
  CHECK_FALSE(Shape{2, 3} == Shape{3, 2});
  CHECK_FALSE(Shape{2} == Shape{2, 1});
}

TEST_CASE("as a range a shape has its dimensions, however many elements they stand for") {
  Shape shape{2, 3, 4};
  CHECK(std::span<const Index>(shape).size() == 3);
  CHECK(std::ranges::distance(shape) == 3);
  CHECK(Shape(std::span<const Index>(shape)) == shape);
}

TEST_CASE("shapes print as Python's tuples") {
  CHECK(to_string(Shape{2, 3}) == "(2, 3)");
  CHECK(to_string(Shape{4}) == "(4,)");
  std::ostringstream out;
  out << Shape();
  CHECK(out.str() == "()");
}

TEST_CASE("shapes refuse negative dimensions, too many of them, and sizes that overflow") {
  CHECK_THROWS_WITH_AS((Shape{2, -1}), "Shape: (2, -1) has a negative dimension", ValueError);
  CHECK_THROWS_WITH_AS((Shape{1, 1, 1, 1, 1, 1, 1, 1, 1}), "Shape: rank is 9, expected at most 8", ValueError);
  const Index big = Index{1} << 31;
  CHECK(Shape{big, big}.size() == Index{1} << 62);
  CHECK_THROWS_WITH_AS((Shape{big, big, 2}), doctest::Contains("more elements than can be counted"),
                       ResourceExhaustedError);
  CHECK_THROWS_AS((Shape{big, big, big, big, 4}), ResourceExhaustedError);
  CHECK_THROWS_AS((Shape{0, big, big, big}), ResourceExhaustedError);
  CHECK_THROWS_AS(Shape(INT64_MIN), ValueError);
}

TEST_CASE("axes outside of a shape are refused") {
  Shape s{2, 3};
  CHECK(s.normalize_axis(-2) == 0);
  CHECK_THROWS_WITH_AS(s[2], "Shape: axis 2 is out of range for shape (2, 3) of rank 2", IndexError);
  CHECK_THROWS_AS(s[-3], IndexError);
  CHECK_THROWS_AS(Shape()[0], IndexError);
}

TEST_CASE("shapes are cut and joined") {
  Shape s{2, 3, 4};
  CHECK(s.with(1, 9) == Shape{2, 9, 4});
  CHECK(s.with(-1, 0) == Shape{2, 3, 0});
  CHECK(s.without(0) == Shape{3, 4});
  CHECK(s.without(-1) == Shape{2, 3});
  CHECK(s.insert(0, 7) == Shape{7, 2, 3, 4});
  CHECK(s.insert(3, 7) == Shape{2, 3, 4, 7});
  CHECK(s.insert(-1, 7) == Shape{2, 3, 4, 7});
  CHECK(s.insert(-4, 7) == Shape{7, 2, 3, 4});
  CHECK(s.slice(1) == Shape{3, 4});
  CHECK(s.slice(0, 2) == Shape{2, 3});
  CHECK(s.slice(2, 2) == Shape());
  CHECK(s.slice(5) == Shape());
  CHECK(s + Shape{5} == Shape{2, 3, 4, 5});
  CHECK(Shape() + s == s);
  CHECK_THROWS_AS(s.with(3, 1), IndexError);
  CHECK_THROWS_AS(s.with(0, -2), ValueError);
  CHECK_THROWS_AS(s.without(3), IndexError);
  CHECK_THROWS_AS(s.insert(4, 1), IndexError);
  CHECK_THROWS_AS(s.insert(-5, 1), IndexError);
  CHECK_THROWS_AS(s.slice(-1), IndexError);
  CHECK_THROWS_AS((s + s + s), ValueError);
  CHECK_THROWS_AS((Shape{1, 1, 1, 1, 1, 1, 1, 1}.insert(0, 1)), ValueError);
}

TEST_CASE("shapes broadcast by NumPy's rule") {
  CHECK(broadcast("add", {2, 3}, {2, 3}) == Shape{2, 3});
  CHECK(broadcast("add", {2, 3}, {}) == Shape{2, 3});
  CHECK(broadcast("add", {3}, {2, 1}) == Shape{2, 3});
  CHECK(broadcast("add", {4, 1, 3}, {5, 1}) == Shape{4, 5, 3});
  CHECK(broadcast("add", {0, 3}, {1, 3}) == Shape{0, 3});
  CHECK(broadcast("add", {1}, {2, 0}) == Shape{2, 0});
  CHECK_THROWS_WITH_AS(broadcast("add", {2, 3}, {4}), "add: shapes (2, 3) and (4,) cannot be broadcast together",
                       ValueError);
  CHECK_THROWS_AS(broadcast("add", {0}, {2}), ValueError);
}

TEST_CASE("broadcasts_to asks for exactly that shape") {
  CHECK(broadcasts_to({}, {2, 3}));
  CHECK(broadcasts_to({3}, {2, 3}));
  CHECK(broadcasts_to({2, 1}, {2, 3}));
  CHECK(broadcasts_to({1}, {0}));
  CHECK_FALSE(broadcasts_to({2}, {2, 3}));
  CHECK_FALSE(broadcasts_to({2, 3}, {3}));
  CHECK_FALSE(broadcasts_to({1, 3}, {3}));
  CHECK_FALSE(broadcasts_to({2, 3}, {1, 3}));
}
