#pragma once
// Every cell of the library.
#include "cases.hpp"
#include "unroll/unroll.hpp"

namespace testing {

/// At least one case for every cell of the library, those that run eagerly included; and some of a user's.
inline std::vector<CompiledCase> every_cell() {
  using namespace unroll;
  std::vector<CompiledCase> cases = compiled_cases();
  auto lstm = [] { return std::make_shared<LSTMCell>(3); };
  auto inside = [=] {
    auto zoneout =
        std::make_shared<ZoneoutWrapper>(lstm(), ZoneoutWrapperOptions{.zoneout_factor_cell = 0.25, .seed = 3});
    auto device = std::make_shared<DeviceWrapper>(zoneout, "/cpu:0");
    return std::make_shared<ResidualWrapper>(std::make_shared<HighwayWrapper>(device));
  };
  auto add = [&](std::string name, std::function<std::shared_ptr<RNNCell>()> make, SizeNest input = 3) {
    cases.push_back({{std::move(name), std::move(make)}, std::move(input)});
  };
  add("attention", [=] { return std::make_shared<AttentionCellWrapper>(lstm(), 2); });
  add("dropout", [=] {
    return std::make_shared<DropoutWrapper>(
        lstm(), DropoutWrapperOptions{.input_keep_prob = 0.5, .output_keep_prob = 0.75, .seed = 1});
  });
  add("zoneout", [=] {
    return std::make_shared<ZoneoutWrapper>(lstm(), ZoneoutWrapperOptions{.zoneout_factor_output = 0.5, .seed = 2});
  });
  add("wrappers in wrappers", inside);
  add("a stack of wrapped cells", [=] {
    return std::make_shared<MultiRNNCell>(std::vector<std::shared_ptr<RNNCell>>{
        inside(), std::make_shared<ResidualWrapper>(std::make_shared<GRUCell>(3))});
  });
  add("Keras LSTM", [] { return std::make_shared<keras::LSTMCell>(4); });
  add("Keras GRU", [] { return std::make_shared<keras::GRUCell>(4, keras::CellOptions{.reset_after = false}); });
  add("Keras GRU, reset after", [] { return std::make_shared<keras::GRUCell>(4); });
  add("Keras simple", [] { return std::make_shared<keras::SimpleRNNCell>(4); });
  add("Keras peephole LSTM", [] { return std::make_shared<keras::PeepholeLSTMCell>(4); });
  add("Keras layer norm LSTM", [] { return std::make_shared<keras::LayerNormLSTMCell>(4); });
  add("Keras layer norm simple", [] { return std::make_shared<keras::LayerNormSimpleRNNCell>(4); });
  add("Keras stack", [] {
    return std::make_shared<keras::StackedRNNCells>(std::vector<std::shared_ptr<RNNCell>>{
        std::make_shared<keras::LSTMCell>(4), std::make_shared<keras::GRUCell>(2)});
  });
  add(
      "phased LSTM", [] { return std::make_shared<PhasedLSTMCell>(4); }, SizeNest::tuple({1, 3}));
  add(
      "convolutional LSTM, one dimension",
      [] {
        return std::make_shared<Conv1DLSTMCell>(Shape{4, 2}, 2, Shape{3});
      },
      Shape{4, 2});
  add(
      "convolutional LSTM, two dimensions",
      [] {
        return std::make_shared<Conv2DLSTMCell>(Shape{3, 4, 1}, 2, Shape{2, 3});
      },
      Shape{3, 4, 1});
  add(
      "convolutional LSTM, three dimensions",
      [] {
        return std::make_shared<Conv3DLSTMCell>(Shape{2, 3, 2, 1}, 2, Shape{1, 2, 2});
      },
      Shape{2, 3, 2, 1});
  return cases;
}

}  // namespace testing
