#include "unroll/io/json.hpp"

#include <doctest/doctest.h>

#include <clocale>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <limits>
#include <memory>

#include "files.hpp"
#include "modules.hpp"
#include "support/cells.hpp"
#include "unroll/autograd/scope.hpp"
#include "unroll/core/creation.hpp"
#include "unroll/core/initializers.hpp"

using namespace unroll;
using testing::Affine;
using testing::check_equal;
using testing::four_inputs;
using testing::Holder;
using testing::Pair;
using testing::random_tensor;
using testing::randomize;
using testing::read_file;
using testing::replaced;
using testing::TemporaryFolder;
using testing::write_file;

namespace {

// Saves `values` and loads them into a new module, by way of `change` of the text.
Tensor through_file(const Tensor& values, const std::function<std::string(std::string)>& change = {}) {
  TemporaryFolder folder;
  Holder saved(values), loaded(zeros(values.shape(), values.dtype()));
  saved.build({});
  save_json(folder / "m.json", saved);
  if (change) write_file(folder / "m.json", change(read_file(folder / "m.json")));
  load_json(folder / "m.json", loaded);
  return loaded.values();
}

}  // namespace

TEST_CASE("a file of JSON is laid out to be read by people") {
  TemporaryFolder folder;
  Affine affine(3);
  {
    VariableScope scope("rnn");
    affine.build(four_inputs);
  }
  affine.variables()[0].assign(
      Tensor{{1.f, 0.1f, -2.5f}, {-0.f, 1.f / 3, 1e-7f}, {3e38f, 16777216.f, 0.f}, {NAN, INFINITY, -INFINITY}});
  affine.variables()[1].set_trainable(false);
  save_json(folder / "m.json", affine);
  CHECK(read_file(folder / "m.json") == R"({
  "format": "unroll",
  "version": 1,
  "modules": [
    {
      "class": "Affine",
      "name": "affine",
      "scope": "rnn/affine",
      "config": {
        "units": 3,
        "slope": 0.25,
        "bias": true,
        "clip": null
      },
      "inputs": {"shape": [2, 4], "dtype": "float32"},
      "variables": [
        {
          "name": "rnn/affine/w",
          "shape": [4, 3],
          "dtype": "float32",
          "trainable": true,
          "data": [
            1, 0.1, -2.5,
            -0.0, 0.33333334, 1e-07,
            3e+38, 16777216, 0,
            "nan", "inf", "-inf"
          ]
        },
        {
          "name": "rnn/affine/b",
          "shape": [3],
          "dtype": "float32",
          "trainable": false,
          "data": [
            0, 0, 0
          ]
        }
      ],
      "modules": []
    }
  ]
}
)");
}

TEST_CASE("long rows are broken at 100 columns") {
  TemporaryFolder folder;
  Holder holder(random_tensor({3, 57}, 1));
  holder.build({});
  save_json(folder / "m.json", holder);
  std::istringstream text(read_file(folder / "m.json"));
  std::size_t longest = 0;
  for (std::string line; std::getline(text, line);) longest = std::max(longest, line.size());
  CHECK(longest <= 100);
  CHECK(longest > 80);
}

TEST_CASE("structures of inputs are written and read") {
  TemporaryFolder folder;
  TensorSpec x{{2, 3}, float32}, y{{5}, int64}, z{{}, bool_};
  for (const SpecNest& inputs :
       {SpecNest(x), SpecNest::tuple({x, y, z}), SpecNest::tuple({}), SpecNest::dict({{"b", x}, {"data", y}}),
        SpecNest::named_tuple("State", {{"h", x}, {"c", SpecNest::tuple({y, SpecNest::dict({{"variables", z}})})}}),
        SpecNest::dict({{"variables", SpecNest::tuple({SpecNest::dict({{"data", SpecNest::tuple({x})}})})}})}) {
    Holder saved(Tensor{1.f}), loaded(Tensor{0.f});
    saved.build(inputs);
    save_json(folder / "m.json", saved);
    load_json(folder / "m.json", loaded);
    CHECK(loaded.built_for().same_structure(inputs));
    CHECK(loaded.built_for().flatten() == inputs.flatten());
    CHECK(bit_equal(loaded.values(), saved.values()));
  }
}

TEST_CASE("tensors of every dtype and rank come back with the same bits") {
  for (DType dtype : {float32, float64})
    for (const Shape& shape : {Shape(), Shape(1), Shape(40), Shape(0), Shape({3, 0}), Shape({5, 1}), Shape({2, 3, 50})})
      CHECK(bit_equal(through_file(random_tensor(shape, 3, 1e3, dtype)), random_tensor(shape, 3, 1e3, dtype)));
  float inf = std::numeric_limits<float>::infinity(), tiny = std::numeric_limits<float>::denorm_min();
  for (const Tensor& values :
       {Tensor{0.f, -0.f, inf, -inf, tiny, -tiny, std::numeric_limits<float>::max()},
        Tensor{0.0, -0.0, 5e-324, std::numeric_limits<double>::min(), -std::numeric_limits<double>::max()},
        Tensor{{true, false}, {false, false}}, Tensor{std::numeric_limits<std::int32_t>::min(), 0, 2147483647},
        Tensor(Shape(3), {std::numeric_limits<std::int64_t>::min(), std::int64_t{9007199254740993},
                          std::numeric_limits<std::int64_t>::max()})})
    CHECK(bit_equal(through_file(values), values));
  CHECK(std::isnan(through_file(Tensor(std::nanf(""))).item<float>()));
  CHECK(std::isnan(through_file(Tensor(std::nan(""))).item<double>()));
}

TEST_CASE("keys may come in any order, and white space does not matter") {
  Tensor values = random_tensor({2, 3}, 4, 1, float32);
  auto data_first = [](std::string text) {
    std::size_t data = text.find("\"data\""), end = text.find(']', data) + 1,
                name = text.find("\"name\": \"holder/values\"");
    std::string numbers = text.substr(data, end - data);
    text = text.erase(text.rfind(',', data), end - text.rfind(',', data)).insert(name, numbers + ", ");
    return replaced(replaced(text, "\"format\": \"unroll\",\n", ""), "\"modules\": []\n    }\n  ]",
                    "\"modules\": []}],\n\"format\":\t\"unroll\"");
  };
  CHECK(bit_equal(through_file(values, data_first), values));
  auto dense = [](std::string text) {
    std::erase_if(text, [](char c) { return c == ' ' || c == '\n'; });
    return text;
  };
  CHECK(bit_equal(through_file(values, dense), values));
}

TEST_CASE("what is not built is built as it was when it was saved") {
  TemporaryFolder folder;
  auto make = [] { return Pair(std::make_shared<Affine>(3, "one"), std::make_shared<Affine>(2, "two")); };
  Pair saved = make(), loaded = make();
  Affine head(5), loaded_head(5);
  {
    VariableScope scope("model");
    saved.build(four_inputs);
    head.build(TensorSpec{{7, 2}, float64});
  }
  randomize(saved);
  randomize(head);
  save_json(folder / "m.json", saved, head);
  {
    VariableScope scope("elsewhere");
    load_json(folder / "m.json", loaded, loaded_head);
    CHECK(VariableScope::current() == "elsewhere");
  }
  check_equal(loaded, saved);
  check_equal(loaded_head, head);
  CHECK(loaded.scope() == "model/pair");
  CHECK(loaded_head.variables()[0].dtype() == float64);
  save_json(folder / "again.json", loaded, loaded_head);
  CHECK(read_file(folder / "again.json") == read_file(folder / "m.json"));
}

TEST_CASE("what is built gets the values and keeps its variables") {
  TemporaryFolder folder;
  Affine saved(3), loaded(3);
  saved.build(four_inputs);
  loaded.build(TensorSpec{{99, 4}, float32});  // another batch size
  randomize(saved);
  save_json(folder / "m.json", saved);
  Variable w = loaded.variables()[0];
  Tensor before = w.value(), copy = before.clone();
  load_json(folder / "m.json", loaded);
  check_equal(loaded, saved);
  CHECK(w == loaded.variables()[0]);
  CHECK(bit_equal(before, copy));  // a tensor taken before keeps the values of that time
}

TEST_CASE("frozen variables are frozen when they are loaded into what is not built") {
  TemporaryFolder folder;
  Affine saved(3), loaded(3);
  saved.build(four_inputs);
  saved.variables()[1].set_trainable(false);
  save_json(folder / "m.json", saved);
  load_json(folder / "m.json", loaded);
  check_equal(loaded, saved);
  CHECK(loaded.trainable_variables().size() == 1);
}

TEST_CASE("a module that occurs twice is written once and shared again") {
  TemporaryFolder folder;
  auto shared = std::make_shared<Affine>(3), fresh = std::make_shared<Affine>(3);
  Pair saved(shared, shared), loaded(fresh, fresh);
  shared->build(four_inputs);  // its scope is not that of the pair
  saved.build(four_inputs);
  randomize(saved);
  save_json(folder / "m.json", saved, *shared);
  load_json(folder / "m.json", loaded, *fresh);
  check_equal(loaded, saved);
  CHECK(fresh->scope() == "affine");
  std::string text = read_file(folder / "m.json");
  CHECK(text.find("affine/w") == text.rfind("affine/w"));
}

TEST_CASE("a locale with a decimal comma changes nothing") {
  TemporaryFolder folder;
  std::string command = "localedef -i de_DE -f UTF-8 '" + (folder / "de").string() + "' 2>/dev/null";
  if (std::system(command.c_str()) != 0) return;  // this machine has no locales
  ::setenv("LOCPATH", folder.path().c_str(), 1);
  REQUIRE(std::setlocale(LC_NUMERIC, "de"));
  Tensor values = random_tensor({3, 3}, 5, 1, float32);
  Tensor loaded = through_file(values);
  std::setlocale(LC_NUMERIC, "C");
  ::unsetenv("LOCPATH");
  CHECK(bit_equal(loaded, values));
}

TEST_CASE("loading draws no random numbers") {
  TemporaryFolder folder;
  Affine saved(3);
  saved.build(four_inputs);
  save_json(folder / "m.json", saved);
  set_random_seed(5);
  Tensor expected = random_uniform({4});
  set_random_seed(5);
  Affine loaded(3);
  load_json(folder / "m.json", loaded);
  CHECK(bit_equal(random_uniform({4}), expected));
}

TEST_CASE("names with any characters come back") {
  TemporaryFolder folder;
  std::string name = "quote\" back\\slash\nline \x01 \u00e9 \u4e16";
  Holder saved(Tensor{1.f, 2.f}, name), loaded(Tensor{0.f, 0.f}, name);
  saved.build({});
  save_json(folder / "m.json", saved);
  load_json(folder / "m.json", loaded);
  CHECK(loaded.variables()[0].name() == name + "/values");
  CHECK(bit_equal(loaded.values(), saved.values()));
}

TEST_CASE("save_json refuses what cannot be loaded, and leaves the old file") {
  TemporaryFolder folder;
  write_file(folder / "m.json", "old");
  Affine built(3), unbuilt(3), same_name(2);
  built.build(four_inputs);
  same_name.build(four_inputs);
  CHECK_THROWS_WITH_AS(save_json(folder / "m.json", built, unbuilt),
                       "save_json: Affine \"affine\" has no variables yet: call it once or build() it first",
                       ValueError);
  CHECK_THROWS_WITH_AS(save_json(folder / "m.json", built, same_name),
                       "save_json: two variables are named \"affine/w\": give one of the modules a name", ValueError);
  CHECK_THROWS_WITH_AS(save_json(folder / "m.json", std::vector<Module*>{}), "save_json: no module is given",
                       ValueError);
  CHECK_THROWS_WITH_AS(save_json(folder / "m.json", {&built, nullptr}), doctest::Contains("a null pointer"),
                       ValueError);
  Holder bytes(Tensor{1.f}, "\xff\xfe");
  bytes.build({});
  CHECK_THROWS_WITH_AS(save_json(folder / "m.json", bytes), doctest::Contains("not valid UTF-8"), ValueError);
  CHECK_THROWS_WITH_AS(save_json(folder / "none/m.json", built), doctest::Contains("No such file"), IOError);
  CHECK(read_file(folder / "m.json") == "old");
  CHECK(folder.files() == 1);
}
