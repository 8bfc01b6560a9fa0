#include <doctest/doctest.h>

#include <memory>

#include "files.hpp"
#include "modules.hpp"
#include "support/cells.hpp"
#include "unroll/autograd/scope.hpp"
#include "unroll/io/json.hpp"

using namespace unroll;
using testing::Affine;
using testing::check_equal;
using testing::four_inputs;
using testing::Holder;
using testing::Pair;
using testing::randomize;
using testing::read_file;
using testing::replaced;
using testing::TemporaryFolder;
using testing::write_file;

namespace {

Pair make_pair() { return Pair(std::make_shared<Affine>(3, "one"), std::make_shared<Affine>(2, "two")); }

std::string saved_text(const std::vector<Module*>& modules) {
  TemporaryFolder folder;
  save_json(folder / "m.json", modules);
  return read_file(folder / "m.json");
}

// Loads the text, which must fail, and gives the message from the file's name on.
template <class E = ValueError>
std::string message_of(const std::string& text, const std::vector<Module*>& modules) {
  TemporaryFolder folder;
  write_file(folder / "m.json", text);
  try {
    load_json(folder / "m.json", modules);
  } catch (const E& error) {
    return std::string(error.what()).substr(("load_json: " + (folder / "m.json").string() + ": ").size());
  }
  return "no error";
}

// A built Holder beside what is loaded: it must never change. And a text with a holder of other values and a pair.
struct Fixture {
  Holder saved_holder{Tensor{1.f, 2.f}}, holder{Tensor{3.f, 4.f}};
  Pair saved = make_pair(), built = make_pair(), unbuilt = make_pair();
  std::string text;

  Fixture() {
    for (Module* module : std::vector<Module*>{&saved_holder, &holder}) module->build({});
    saved.build(four_inputs);
    built.build(four_inputs);
    randomize(saved);
    text = saved_text({&saved_holder, &saved});
  }
  template <class E = ValueError>
  std::string change(const std::string& from, const std::string& to) {
    std::vector<Tensor> before;
    for (const Variable& v : built.variables()) before.push_back(v.value().clone());
    std::string a = message_of<E>(replaced(text, from, to), {&holder, &built});
    std::string b = message_of<E>(replaced(text, from, to), {&holder, &unbuilt});
    CHECK(a == b);
    CHECK(bit_equal(holder.values(), Tensor{3.f, 4.f}));
    for (std::size_t k = 0; k < before.size(); ++k) CHECK(bit_equal(built.variables()[k].value(), before[k]));
    CHECK_FALSE(unbuilt.built());
    CHECK(unbuilt.variables().empty());
    for (Module* child : unbuilt.submodules()) CHECK_FALSE(child->built());
    return a;
  }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a file that does not fit to the modules is an error that names the place") {
  CHECK(change("\"Pair\"", "\"Couple\"") == "modules[1].class is \"Couple\", expected \"Pair\"");
  CHECK(change("\"name\": \"pair\",\n      \"scope\": \"pair\"", "\"name\": \"p\", \"scope\": \"p\"") ==
        "modules[1].name is \"p\", expected \"pair\"");
  CHECK(change("\"units\": 2", "\"units\": 7") == "modules[1].modules[1].config.units is 7, expected 2");
  CHECK(change("\"slope\": 0.25", "\"slope\": \"0.25\"") ==
        "modules[1].modules[0].config.slope is \"0.25\", expected 0.25");
  CHECK(change("\"clip\": null", "\"clap\": null") == "modules[1].modules[0].config.clip is missing");
  CHECK(change("\"clip\": null", "\"clip\": null, \"more\": 1") ==
        "modules[1].modules[0].config has the entry \"more\", which Affine does not have");
  CHECK(change("\"name\": \"pair/two/b\"", "\"name\": \"pair/two/c\"") ==
        "modules[1].modules[1].variables lacks \"pair/two/b\"");
  CHECK(change("\"shape\": [4, 3]", "\"shape\": [3, 4]") ==
        "modules[1].modules[0].variables[0].shape is [3, 4], expected [4, 3]");
  CHECK(change<TypeError>("[3],\n              \"dtype\": \"float32\"", "[3], \"dtype\": \"float64\"") ==
        "modules[1].modules[0].variables[1].dtype is \"float64\", expected \"float32\"");
  std::string extra = "{\"name\": \"x\", \"shape\": [], \"dtype\": \"bool\", \"trainable\": false, \"data\": [true]}, ";
  CHECK(change("{\n          \"name\": \"pair/scale\"", extra + "{\n          \"name\": \"pair/scale\"") ==
        "modules[1].variables[0].name is \"x\", which is no variable of Pair \"pair\"");
}

TEST_CASE_FIXTURE(Fixture, "as many modules are needed as the file has") {
  CHECK(message_of(text, {&holder}) == "modules has 2 members, expected 1");
  CHECK(message_of(text, {&holder, &built, &unbuilt}) == "modules has 2 members, expected 3");
  std::string fewer = text.substr(0, text.rfind(",\n        {\n          \"class\": \"Affine\"")) + "]}]}";
  CHECK(message_of(fewer, {&holder, &built}) == "modules[1].modules has 1 members, expected 2");
  CHECK(message_of(fewer, {&holder, &unbuilt}) == "modules[1].variables lacks \"pair/two/w\"");
  CHECK_FALSE(unbuilt.built());
}

TEST_CASE_FIXTURE(Fixture, "a module that is built under another scope is an error that names both") {
  Pair elsewhere = make_pair();
  VariableScope scope("rnn");
  elsewhere.build(four_inputs);
  CHECK(message_of(text, {&holder, &elsewhere}) == "modules[1].scope is \"pair\", expected \"rnn/pair\"");
}

TEST_CASE_FIXTURE(Fixture, "variables of a built module must be frozen as the saved ones are") {
  built.submodules()[0]->freeze();
  CHECK(message_of(text, {&holder, &built}) == "modules[1].modules[0].variables[0].trainable is true, expected false");
}

TEST_CASE_FIXTURE(Fixture, "inputs that a module cannot be built for are an error, and absurd ones take no memory") {
  std::string inputs = "\"inputs\": {\"shape\": [2, 4]";
  auto with = [&](const std::string& shape) {  // the pair's own inputs, and those of the modules inside
    std::string other = text;
    for (int k = 0; k < 3; ++k) other = replaced(other, inputs, "\"inputs\": {\"shape\": " + shape);
    return message_of(other, {&holder, &unbuilt});
  };
  CHECK(with("[]").starts_with("modules[1].modules[0].inputs: cannot build Affine for them: Shape: axis 1 is out of"));
  CHECK(with("[1, 1000000000000000]") ==
        "modules[1].modules[0].variables[0].shape is [4, 3], expected [1000000000000000, 3]");
  CHECK_FALSE(unbuilt.built());
  CHECK(bit_equal(holder.values(), Tensor{3.f, 4.f}));
  unbuilt.build(TensorSpec{{2, 6}, float64});  // nothing is left of what the file said
  CHECK(unbuilt.variables()[1].dtype() == float64);
  CHECK(unbuilt.variables()[1].shape() == Shape({6, 3}));
}

TEST_CASE("a module that is built by its first call, within another, is built by loading") {
  struct Outer : Module {
    std::shared_ptr<Affine> inner = std::make_shared<Affine>(3);
    std::string class_name() const override { return "Outer"; }
    std::vector<Module*> submodules() override { return {inner.get()}; }
    void call() {
      build(four_inputs);
      within_scope([&] { inner->build(four_inputs); });
    }
  };
  Outer saved, loaded;
  saved.build(four_inputs);
  TemporaryFolder folder;
  CHECK_THROWS_WITH_AS(save_json(folder / "m.json", saved), doctest::Contains("Affine \"affine\" has no variables yet"),
                       ValueError);
  saved.call();
  randomize(saved);
  save_json(folder / "m.json", saved);
  load_json(folder / "m.json", loaded);
  check_equal(loaded, saved);
  CHECK(loaded.variables()[0].name() == "outer/affine/w");
}

TEST_CASE("modules that come to be with their outer module are loaded, and go when loading fails") {
  struct Outer : Module {
    std::vector<std::shared_ptr<Affine>> inner;
    std::string class_name() const override { return "Outer"; }
    std::vector<Module*> submodules() override {
      std::vector<Module*> modules;
      for (auto& module : inner) modules.push_back(module.get());
      return modules;
    }
    void create(const SpecNest& inputs) override {
      inner.clear();
      for (Index k = 1; k <= inputs.leaf().shape[1] / 2; ++k) {
        inner.push_back(std::make_shared<Affine>(k, "affine_" + std::to_string(k)));
        inner.back()->build(inputs);
      }
    }
  };
  Outer saved, loaded;
  saved.build(four_inputs);
  randomize(saved);
  std::string text = saved_text({&saved});
  CHECK(message_of(replaced(text, "outer/affine_2/b", "outer/affine_2/c"), {&loaded}) ==
        "modules[0].variables lacks \"outer/affine_2/b\"");
  CHECK(message_of(replaced(text, "\"units\": 2", "\"units\": 9"), {&loaded}) ==
        "modules[0].modules[1].config.units is 9, expected 2");
  CHECK_FALSE(loaded.built());
  for (Module* module : loaded.submodules()) CHECK_FALSE(module->built());
  TemporaryFolder folder;
  write_file(folder / "m.json", text);
  load_json(folder / "m.json", loaded);
  check_equal(loaded, saved);
}

TEST_CASE("a module may throw anything while it is built by loading, and stays unbuilt") {
  struct Fragile : Affine {
    using Affine::Affine;
    bool broken = false;
    void create(const SpecNest&) override {
      add_variable("w", {2});
      if (broken) throw 7;
    }
  };
  Fragile saved(3), loaded(3);
  saved.build(four_inputs);
  loaded.broken = true;
  TemporaryFolder folder;
  save_json(folder / "m.json", saved);
  CHECK_THROWS_AS(load_json(folder / "m.json", loaded), int);
  CHECK_FALSE(loaded.built());
  CHECK(loaded.variables().empty());
  loaded.broken = false;
  load_json(folder / "m.json", loaded);
  check_equal(loaded, saved);
}

TEST_CASE("a module within itself cannot be saved") {
  struct Snake : Module {
    std::string class_name() const override { return "Snake"; }
    std::vector<Module*> submodules() override { return {this}; }
  };
  Snake snake;
  snake.build({});
  TemporaryFolder folder;
  CHECK_THROWS_WITH_AS(save_json(folder / "m.json", snake), doctest::Contains("or within itself"), ValueError);
}
