#include "unroll/core/broadcast.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "unroll/core/random.hpp"

using namespace unroll;

namespace {

// The place in an operand of shape `own` of the element of `result` at flat index `flat`.
Index place(const Shape& own, const Shape& result, Index flat) {
  Index at = 0, stride = 1;
  for (int axis = result.rank() - 1; axis >= 0; --axis) {
    Index i = flat % result[axis];
    flat /= result[axis];
    int k = axis - (result.rank() - own.rank());
    if (k < 0) continue;
    at += (own[k] == 1 ? 0 : i) * stride;
    stride *= own[k];
  }
  return at;
}

// Places of both operands for each result, as the runs have them; and how many runs there were.
struct Walk {
  std::vector<Index> first, second;
  int runs = 0;
};

Walk walk(const Shape& result, const Shape& a, const Shape& b) {
  Walk w;
  BroadcastRuns<2>(result, {&a, &b}).for_each([&](const auto& offset, const auto& step, Index start, Index n) {
    CHECK(start == static_cast<Index>(w.first.size()));
    CHECK((step[0] == 0 || step[0] == 1));
    CHECK((step[1] == 0 || step[1] == 1));
    for (Index i = 0; i < n; ++i) {
      w.first.push_back(offset[0] + i * step[0]);
      w.second.push_back(offset[1] + i * step[1]);
    }
    ++w.runs;
  });
  return w;
}

void compare(const Shape& a, const Shape& b) {
  CAPTURE(a);
  CAPTURE(b);
  Shape result = broadcast("test", a, b);
  std::vector<Index> first, second;
  for (Index flat = 0; flat < result.size(); ++flat) {
    first.push_back(place(a, result, flat));
    second.push_back(place(b, result, flat));
  }
  Walk w = walk(result, a, b);
  CHECK(w.first == first);
  CHECK(w.second == second);
}

}  // namespace

TEST_CASE("runs visit what a loop over all indices visits") {
  RandomGenerator random(5);
  for (int trial = 0; trial < 500; ++trial) {
    auto draw = [&](Index high) { return random.integers({}, 0, high).item<Index>(); };
    std::vector<Index> a, b;
    for (Index axis = draw(6); axis > 0; --axis) {
      Index dim = draw(20) == 0 ? 0 : 1 + draw(4);
      a.push_back(draw(3) ? dim : 1);
      b.push_back(draw(3) ? dim : 1);
    }
    a.erase(a.begin(), a.begin() + draw(static_cast<Index>(a.size()) + 1));
    compare(Shape(std::span<const Index>(a)), Shape(std::span<const Index>(b)));
    compare(Shape(std::span<const Index>(b)), Shape(std::span<const Index>(a)));
  }
}

TEST_CASE("dimensions that can be walked as one are merged") {
  CHECK(walk({4, 5, 6}, {4, 5, 6}, {4, 5, 6}).runs == 1);
  CHECK(walk({4, 5, 6}, {4, 5, 6}, {}).runs == 1);
  CHECK(walk({4, 5, 6}, {4, 5, 6}, {1, 1, 1}).runs == 1);
  CHECK(walk({4, 5, 6}, {4, 5, 6}, {5, 6}).runs == 4);
  CHECK(walk({4, 5, 6}, {4, 5, 6}, {6}).runs == 20);
  CHECK(walk({4, 5, 6}, {4, 5, 6}, {4, 1, 1}).runs == 4);
  CHECK(walk({4, 0}, {4, 0}, {4, 1}).runs == 0);
}

TEST_CASE("three operands are walked together") {
  Shape a{2, 1, 2}, b{3, 1}, c{2};
  Shape result{2, 3, 2};
  std::vector<std::array<Index, 3>> got, want;
  BroadcastRuns<3>(result, {&a, &b, &c}).for_each([&](const auto& offset, const auto& step, Index, Index n) {
    for (Index i = 0; i < n; ++i)
      got.push_back({offset[0] + i * step[0], offset[1] + i * step[1], offset[2] + i * step[2]});
  });
  for (Index flat = 0; flat < result.size(); ++flat)
    want.push_back({place(a, result, flat), place(b, result, flat), place(c, result, flat)});
  CHECK(got == want);
}
