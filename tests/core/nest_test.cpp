#include "unroll/core/nest.hpp"

#include <doctest/doctest.h>

#include <sstream>

using namespace unroll;

namespace {

Nest lstm_state() { return Nest::named_tuple("LSTMStateTuple", {{"c", Tensor{1}}, {"h", Tensor{2}}}); }

// ((c, h), {a: .., b: (..,)}, tensor) with leaves 1 to 5.
Nest deep() {
  return Nest::tuple({lstm_state(), Nest::dict({{"b", Nest::tuple({Tensor{4}})}, {"a", Tensor{3}}}), Nest(Tensor{5})});
}

std::vector<int> numbers(const Nest& nest) {
  std::vector<int> out;
  nest.for_each([&](const Tensor& leaf) { out.push_back(leaf.item<int>()); });
  return out;
}

}  // namespace

TEST_CASE("a leaf is a nest by itself") {
  Nest leaf = Tensor{7};
  CHECK(leaf.is_leaf());
  CHECK(leaf.kind() == NestKind::leaf);
  CHECK(leaf.size() == 0);
  CHECK(leaf.leaf_count() == 1);
  CHECK(leaf.leaf().item<int>() == 7);
  leaf.leaf() = Tensor{8};
  const Tensor& converted = leaf;
  CHECK(converted.item<int>() == 8);
  CHECK(leaf.structure() == "*");
  CHECK(leaf.paths() == std::vector<std::string>{""});
  CHECK_FALSE(Nest().leaf().defined());
}

TEST_CASE("members are found by position and by name") {
  Nest nest = deep();
  CHECK(nest.kind() == NestKind::tuple);
  CHECK(nest.size() == 3);
  CHECK(nest[0].kind() == NestKind::named_tuple);
  CHECK(nest[0].type_name() == "LSTMStateTuple");
  CHECK(nest[0].keys() == std::vector<std::string>{"c", "h"});
  CHECK(nest[0]["h"].leaf().item<int>() == 2);
  CHECK(nest[0][0].leaf().item<int>() == 1);
  CHECK(nest[1].kind() == NestKind::dict);
  CHECK(nest[1]["b"][0].leaf().item<int>() == 4);
  CHECK(nest[1][0].leaf().item<int>() == 3);  // key a
}

TEST_CASE("missing members and structures without a leaf are errors") {
  Nest nest = deep();
  CHECK_THROWS_WITH_AS(nest[3], doctest::Contains("member 3 of (LSTMStateTuple(c=*, h=*), {a: *, b: (*,)}, *)"),
                       IndexError);
  CHECK_THROWS_AS(nest[-1], IndexError);
  CHECK_THROWS_WITH_AS(nest[0]["m"], "Nest: there is no member \"m\" in LSTMStateTuple(c=*, h=*)", LookupError);
  CHECK_THROWS_AS(nest["c"], LookupError);
  CHECK_THROWS_WITH_AS(nest[2][0], "Nest: a single leaf has no members", TypeError);
  CHECK_THROWS_WITH_AS(nest[0].leaf(),
                       "Nest: expected a single tensor or size, got a structure: LSTMStateTuple(c=*, h=*)", TypeError);
  CHECK_THROWS_AS(Tensor(static_cast<const Tensor&>(nest)), TypeError);
  CHECK_THROWS_WITH_AS(Nest::dict({{"a", Tensor{1}}, {"a", Tensor{2}}}), "Nest: the name \"a\" is given twice",
                       ValueError);
  CHECK_THROWS_AS(Nest::named_tuple("T", {{"c", Tensor{1}}, {"c", Tensor{2}}}), ValueError);
}

TEST_CASE("leaves are listed in order, those of a dict by its sorted keys") {
  CHECK(numbers(deep()) == std::vector<int>{1, 2, 3, 4, 5});
  CHECK(deep().leaf_count() == 5);
  CHECK(deep().flatten().size() == 5);
  CHECK(deep().flatten()[3].item<int>() == 4);
  CHECK(deep().paths() == std::vector<std::string>{"[0]['c']", "[0]['h']", "[1]['a']", "[1]['b'][0]", "[2]"});
  CHECK(numbers(Nest::named_tuple("T", {{"z", Tensor{1}}, {"a", Tensor{2}}})) == std::vector<int>{1, 2});
  CHECK(Nest::tuple({}).leaf_count() == 0);
  CHECK(Nest::tuple({}).flatten().empty());
}

TEST_CASE("map and pack keep the structure") {
  SizeNest shapes = deep().map([](const Tensor& leaf) { return Shape{leaf.item<int>(), 2}; });
  CHECK(shapes.same_structure(deep()));
  CHECK(shapes[1]["b"][0].leaf() == Shape{4, 2});
  Nest packed = shapes.pack(std::vector<Tensor>{Tensor{9}, Tensor{8}, Tensor{7}, Tensor{6}, Tensor{5}});
  CHECK(packed.same_structure(deep()));
  CHECK(numbers(packed) == std::vector<int>{9, 8, 7, 6, 5});
  CHECK(packed[0]["h"].leaf().item<int>() == 8);
  CHECK_THROWS_WITH_AS(lstm_state().pack(std::vector<Tensor>{Tensor{1}}),
                       "Nest: 1 leaves given for LSTMStateTuple(c=*, h=*), expected 2", ValueError);
  CHECK_THROWS_AS(Nest::tuple({}).pack(std::vector<Tensor>{Tensor{1}}), ValueError);
  CHECK(specs(lstm_state())["c"].leaf() == TensorSpec{{1}, int32});
}

TEST_CASE("sizes are integers or shapes") {
  SizeNest units = 5, shape = Shape{2, 3};
  CHECK(units.leaf() == Shape{5});
  CHECK(shape.leaf().rank() == 2);
  SizeNest state = SizeNest::tuple({units, 7});
  CHECK(state[1].leaf() == Shape{7});
}

TEST_CASE("structures are compared by kind, names and size") {
  auto pair = Nest::tuple({Tensor{1}, Tensor{2}});
  CHECK(pair.same_structure(Nest::tuple({Tensor{3.f}, Tensor{{4}}})));
  CHECK_FALSE(pair.same_structure(lstm_state()));
  CHECK_FALSE(pair.same_structure(Nest(Tensor{1})));
  CHECK_FALSE(pair.same_structure(Nest::tuple({Tensor{1}})));
  CHECK_FALSE(pair.same_structure(Nest::tuple({Tensor{1}, pair})));
  CHECK_FALSE(lstm_state().same_structure(Nest::named_tuple("Other", {{"c", Tensor{1}}, {"h", Tensor{2}}})));
  CHECK_FALSE(lstm_state().same_structure(Nest::named_tuple("LSTMStateTuple", {{"c", Tensor{1}}, {"m", Tensor{2}}})));
  CHECK_FALSE(Nest::dict({{"a", Tensor{1}}}).same_structure(Nest::dict({{"b", Tensor{1}}})));
  CHECK_FALSE(Nest::tuple({}).same_structure(Nest::dict({})));
}

TEST_CASE("assert_same_structure throws TypeError for kinds, ValueError for sizes, and names the path") {
  auto check = [](const Nest& got, const Nest& want) { got.assert_same_structure("f", "state", want); };
  CHECK_NOTHROW(check(deep(), deep()));
  CHECK_THROWS_WITH_AS(check(Nest::tuple({Tensor{1}, Tensor{2}}), lstm_state()),
                       "f: state has the structure (*, *), expected LSTMStateTuple(c=*, h=*); they differ at the top",
                       TypeError);
  CHECK_THROWS_WITH_AS(check(Nest::tuple({Tensor{1}}), Nest::tuple({Tensor{1}, Tensor{2}})),
                       "f: state has the structure (*,), expected (*, *); they differ at the top", ValueError);
  CHECK_THROWS_WITH_AS(check(Nest::tuple({Tensor{1}, Tensor{2}}), Nest::tuple({Tensor{1}, lstm_state()})),
                       doctest::Contains("they differ at [1]"), TypeError);
  auto inner = [](std::vector<Nest> items) {
    return Nest::tuple({Nest::dict({{"k", Nest::tuple(std::move(items))}})});
  };
  CHECK_THROWS_WITH_AS(check(inner({Tensor{1}}), inner({})), doctest::Contains("they differ at [0]['k']"), ValueError);
  CHECK_THROWS_AS(check(Nest::dict({{"a", Tensor{1}}}), Nest::dict({{"b", Tensor{1}}})), TypeError);
}

TEST_CASE("nests print as Python prints them") {
  std::ostringstream out;
  out << deep();
  CHECK(out.str() == "(LSTMStateTuple(c=[1], h=[2]), {a: [3], b: ([4],)}, [5])");
}
