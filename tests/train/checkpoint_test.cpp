#include "unroll/train/checkpoint.hpp"

#include "toy.hpp"
#include "unroll/cells/dropout_wrapper.hpp"
#include "unroll/cells/lstm_cell.hpp"
#include "unroll/cells/multi_rnn_cell.hpp"
#include "unroll/cells/zoneout_wrapper.hpp"
#include "unroll/io/safetensors.hpp"
#include "unroll/optim/exponential_moving_average.hpp"

using namespace unroll;
using namespace testing;

namespace {

TrainingState state_of(Toy& toy) { return {toy.modules(), &toy.adam}; }

}  // namespace

TEST_CASE("a checkpoint holds variables, slots, steps, others' variables, random state and texts") {
  TemporaryFolder folder;
  Toy saved;
  saved.fit({.steps = 4});
  ExponentialMovingAverage average(0.5), other_average(0.5);
  average.build(saved.cell.variables());
  TrainingState state = state_of(saved);
  state.others = average.variables();
  Checkpointer checkpointer(folder.path(), state);
  const RandomGenerator random = global_generator();
  const auto path = checkpointer.save(4, {{"place", "here"}}, {{"state", Tensor{1.5f}}});
  CHECK(path.filename() == "checkpoint-0000000004.safetensors");

  Toy loaded;
  loaded.fit({.steps = 1});
  other_average.build(loaded.cell.variables());
  TrainingState other = state_of(loaded);
  other.others = other_average.variables();
  auto restored = Checkpointer(folder.path(), other).restore();
  REQUIRE(restored);
  CHECK(restored->path == path);
  CHECK(restored->step == 4);
  CHECK(restored->texts == Checkpointer::Texts{{"place", "here"}});
  REQUIRE(restored->tensors.size() == 1);
  CHECK(restored->tensors[0].first == "state");
  CHECK(array_equal(restored->tensors[0].second, Tensor{1.5f}));
  CHECK(restored->damaged.empty());
  check_same_bits(loaded.values(), saved.values());
  CHECK(loaded.adam.iterations() == 4);
  CHECK(global_generator() == random);
  CHECK(bit_equal(other_average.variables()[0], average.variables()[0]));
}

TEST_CASE("masks under a seed of a cell's own go on where they were") {
  TemporaryFolder folder;
  auto seeded = [] {
    return MultiRNNCell(DropoutWrapper(GRUCell(3), {.output_keep_prob = 0.5, .state_keep_prob = 0.75, .seed = 4}),
                        ZoneoutWrapper(LSTMCell(2), {.zoneout_factor_cell = 0.5, .seed = 5}));
  };
  const Tensor x = numbers({2, 3, 2}, 1, float32);
  MultiRNNCell saved = seeded(), loaded = seeded(), unseeded(GRUCell(3), LSTMCell(2));
  auto run = [&](RNNCell& cell) { return dynamic_rnn(cell, x, {.dtype = float32}).outputs.leaf(); };
  for (int k = 0; k < 3; ++k) run(saved);
  Checkpointer(folder.path(), {{&saved}}).save(3);
  run(loaded), run(unseeded);
  Checkpointer(folder.path(), {{&loaded}}).restore();
  CHECK(bit_equal(run(loaded), run(saved)));
  CHECK_THROWS_WITH_AS(Checkpointer(folder.path(), {{&unseeded}}).restore(), doctest::Contains("are of other modules"),
                       ValueError);
}

TEST_CASE("the last k checkpoints stay, and the best") {
  TemporaryFolder folder;
  Toy toy;
  toy.fit({.steps = 1});
  Checkpointer checkpointer(folder / "run", state_of(toy), {.keep = 2});
  CHECK_FALSE(checkpointer.restore());
  CHECK_FALSE(checkpointer.restore_best());
  checkpointer.save_best(7);
  for (int step : {8, 9, 10, 11}) checkpointer.save(step);
  auto paths = checkpointer.list();
  REQUIRE(paths.size() == 2);
  CHECK(paths[0].filename() == "checkpoint-0000000010.safetensors");
  CHECK(checkpointer.restore()->step == 11);
  CHECK(checkpointer.restore_best()->step == 7);
}

TEST_CASE("a damaged checkpoint is passed over for the one before it, and said so") {
  TemporaryFolder folder;
  Toy toy;
  toy.fit({.steps = 1});
  Checkpointer checkpointer(folder.path(), state_of(toy));
  checkpointer.save(1);
  const auto second = checkpointer.save(2);
  const std::string bytes = read_file(second);
  for (std::size_t at = 9; at < bytes.size(); at += 97) {
    std::string turned = bytes;
    turned[at] = static_cast<char>(turned[at] ^ 4);
    write_file(second, turned);
    auto restored = checkpointer.restore();
    REQUIRE(restored);
    CHECK(restored->step == 1);
    REQUIRE(restored->damaged.size() == 1);
    CHECK(restored->damaged[0].find(second.string()) != std::string::npos);
  }
  write_file(second, bytes.substr(0, bytes.size() / 2));
  CHECK(checkpointer.restore()->step == 1);
  write_safetensors(second, {}, {{"step", "2"}});
  CHECK(checkpointer.restore()->damaged[0].find("there is no checksum") != std::string::npos);
  write_file(checkpointer.list()[0], "");
  CHECK_THROWS_WITH_AS(checkpointer.restore(), doctest::Contains("all checkpoints are damaged"), DataLossError);
}

TEST_CASE("a checkpoint of another model is an error that changes nothing") {
  TemporaryFolder folder;
  Toy saved;
  saved.fit({.steps = 1});
  Checkpointer(folder.path(), state_of(saved)).save(1);
  GRUCell wider(4);
  dynamic_rnn(wider, numbers({1, 2, 2}, 1, float32), {.dtype = float32});  // under the same names
  const Tensor before = wider.variables()[0].value();
  CHECK_THROWS_WITH_AS(Checkpointer(folder.path(), {{&wider}}).restore(), doctest::Contains("expected ("), ValueError);
  CHECK(wider.variables()[0].value().is_same(before));
  CHECK_THROWS_WITH_AS(Checkpointer(folder.path(), {{&saved.head}}).restore(), doctest::Contains("tensors for 2"),
                       ValueError);
  GRUCell unbuilt(3);
  CHECK_THROWS_WITH_AS(Checkpointer(folder.path(), {{&unbuilt}}).save(1), doctest::Contains("has no variables yet"),
                       ValueError);
}

TEST_CASE("a folder that cannot be written to is said at once") {
  Toy toy;
  CHECK_THROWS_WITH_AS(Checkpointer("/proc/none", state_of(toy)), doctest::Contains("cannot make the folder"), IOError);
  TemporaryFolder folder;
  CHECK_THROWS_AS(Checkpointer(folder.path(), state_of(toy), {.keep = 0}), ValueError);
  CHECK_THROWS_AS(Checkpointer(folder.path(), {{nullptr}}), ValueError);
}
