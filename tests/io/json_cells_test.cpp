// Cells, wrappers and Keras layers, saved and loaded: the same bits come out.
#include <doctest/doctest.h>

#include "files.hpp"
#include "modules.hpp"
#include "rnn/compile/agreement.hpp"
#include "rnn/compile/every_cell.hpp"
#include "unroll/unroll.hpp"

using namespace unroll;
using namespace testing;

namespace {

using Run = std::function<Nest(Module&)>;

// That `loaded`, made as `saved` was, gives after loading what `saved` gives, and would be saved as the same file.
void check_loaded(Module& saved, Module& loaded, const Run& run) {
  TemporaryFolder folder;
  run(saved);
  randomize(saved);
  save_json(folder / "m.json", saved);
  load_json(folder / "m.json", loaded);
  check_equal(loaded, saved);
  std::vector<Tensor> got = run(loaded).flatten(), want = run(saved).flatten();
  REQUIRE(got.size() == want.size());
  for (std::size_t k = 0; k < got.size(); ++k) CHECK(bit_equal(got[k], want[k]));
  save_json(folder / "again.json", loaded);
  CHECK(read_file(folder / "again.json") == read_file(folder / "m.json"));
}

void stop_dropping(Module& module) {
  if (auto* dropout = dynamic_cast<DropoutWrapper*>(&module)) dropout->set_training(false);
  if (auto* zoneout = dynamic_cast<ZoneoutWrapper*>(&module)) zoneout->set_training(false);
  for (Module* inner : module.submodules()) stop_dropping(*inner);
}

}  // namespace

TEST_CASE("every cell and wrapper computes the same after it was saved and loaded") {
  for (DType dtype : {float32, float64})
    for (const CompiledCase& c : every_cell()) {
      CAPTURE(c.name);
      CAPTURE(dtype);
      std::shared_ptr<RNNCell> saved = c.make(), loaded = c.make();
      for (Module* module : {saved.get(), loaded.get()}) stop_dropping(*module);
      Nest x = random_inputs(c, 3, 5, dtype);
      check_loaded(*saved, *loaded, [&](Module& cell) {
        auto [outputs, state] = dynamic_rnn(dynamic_cast<RNNCell&>(cell), x, {.dtype = dtype});
        return Nest::tuple({outputs, state});
      });
    }
}

TEST_CASE("every Keras layer computes the same after it was saved and loaded") {
  using keras::Bidirectional;
  using keras::CellOptions;
  using keras::MergeMode;
  using keras::RNNOptions;
  using Layer = std::shared_ptr<Module>;
  const RNNOptions all{.return_sequences = true, .return_state = true};
  auto lstm = [&] { return std::make_shared<keras::LSTM>(4, all); };
  const std::pair<const char*, std::function<Layer()>> layers[] = {
      {"SimpleRNN", [&]() -> Layer { return std::make_shared<keras::SimpleRNN>(4, all); }},
      {"LSTM", [&]() -> Layer { return lstm(); }},
      {"LSTM, backwards, no bias",
       [&]() -> Layer {
         return std::make_shared<keras::LSTM>(4, RNNOptions{.return_state = true, .go_backwards = true},
                                              CellOptions{.use_bias = false});
       }},
      {"GRU", [&]() -> Layer { return std::make_shared<keras::GRU>(4, all); }},
      {"GRU, reset before",
       [&]() -> Layer { return std::make_shared<keras::GRU>(4, all, CellOptions{.reset_after = false}); }},
      {"RNN around a stack",
       [&]() -> Layer {
         return std::make_shared<keras::RNN>(
             std::vector<std::shared_ptr<RNNCell>>{std::make_shared<keras::LSTMCell>(4),
                                                   std::make_shared<keras::PeepholeLSTMCell>(3)},
             all);
       }},
      {"RNN around a wrapped cell",
       [&]() -> Layer {
         return std::make_shared<keras::RNN>(std::make_shared<ResidualWrapper>(std::make_shared<GRUCell>(3)), all);
       }},
      {"Bidirectional", [&]() -> Layer { return std::make_shared<Bidirectional>(lstm()); }},
      {"Bidirectional, summed",
       [&]() -> Layer {
         return std::make_shared<Bidirectional>(lstm(), keras::BidirectionalOptions{.merge_mode = MergeMode::sum});
       }},
      {"Bidirectional, not merged",
       [&]() -> Layer {
         return std::make_shared<Bidirectional>(std::make_shared<keras::GRU>(4, all),
                                                keras::BidirectionalOptions{.merge_mode = MergeMode::none});
       }},
  };
  Tensor x = random_tensor({3, 5, 3}, 1, 1, float32);
  Tensor mask{{true, true, false, true, false}, {false, true, true, true, true}, {true, true, true, true, true}};
  for (const auto& [label, make] : layers) {
    const std::string name = label;  // clang captures no structured binding
    CAPTURE(name);
    check_loaded(*make(), *make(), [&](Module& layer) {
      keras::RNNResult result = dynamic_cast<Bidirectional*>(&layer)
                                    ? dynamic_cast<Bidirectional&>(layer)(x, {.mask = mask})
                                    : dynamic_cast<keras::RNN&>(layer)(x, {.mask = mask});
      std::vector<Nest> parts{result.output};
      for (const Tensor& state : result.states) parts.emplace_back(state);
      return Nest::tuple(parts);
    });
  }
}
