// Each format with each thing that not all of them hold: it comes back and computes the same, or is refused by name
// before anything is written.
#include <cmath>

#include "formats.hpp"
#include "layer_models.hpp"
#include "unroll/cells/attention_cell_wrapper.hpp"
#include "unroll/cells/basic_rnn_cell.hpp"
#include "unroll/cells/device_wrapper.hpp"
#include "unroll/cells/dropout_wrapper.hpp"
#include "unroll/cells/highway_wrapper.hpp"
#include "unroll/cells/layer_norm_basic_lstm_cell.hpp"
#include "unroll/cells/residual_wrapper.hpp"
#include "unroll/cells/zoneout_wrapper.hpp"
#include "unroll/core/random.hpp"

using namespace unroll;
using namespace testing;

namespace {

class OwnCell : public RNNCell {
 public:
  std::string class_name() const override { return "OwnCell"; }
  SizeNest state_size() const override { return Shape{8}; }
  SizeNest output_size() const override { return Shape{8}; }

 private:
  void create(const SpecNest& inputs) override { add_variable("w", {inputs.leaf().shape[1], 8}); }
  StepResult call(const Nest&, const Nest& state) override { return {state, state}; }
};

struct Limit {
  std::string what;
  std::function<std::shared_ptr<RNNCell>()> cell;
  std::vector<std::string> held_by;     // the names of formats
  std::vector<std::string> named = {};  // by the message of the others
  DenseOptions head = {};
  Index inputs = 1, outputs = 1;
  DType dtype = float32;
};

template <class Cell, class... Arguments>
std::function<std::shared_ptr<RNNCell>()> make(Arguments... arguments) {
  return [=] { return std::make_shared<Cell>(arguments...); };
}
template <class Wrapper, class... Arguments>
std::function<std::shared_ptr<RNNCell>()> around(Arguments... arguments) {
  return [=] { return std::make_shared<Wrapper>(std::make_shared<LSTMCell>(8), arguments...); };
}

const std::vector<std::string> all{"rtneural", "nam", "aidax", "guitarml", "pytorch", "keras", "onnx"};
const std::vector<std::string> none;
const std::string lstm = "LSTMCell \"lstm_cell\"", dense = "Dense \"dense\"";

std::vector<Limit> limits() {
  const auto plain = make<LSTMCell>(8);
  return {
      {"LSTM", plain, all},
      {"forget bias", make<LSTMCell>(8, LSTMCellOptions{.forget_bias = 0.3}), all},
      {"basic LSTM of one state tensor",
       make<BasicLSTMCell>(8, BasicLSTMCellOptions{.forget_bias = 0.7, .state_is_tuple = false}), all},
      {"float64", plain, all, {}, {}, 1, 1, float64},
      {"Dense without a bias", plain, all, {}, {.use_bias = false}},
      {"dropout, which is of training", around<DropoutWrapper>(DropoutWrapperOptions{.output_keep_prob = 0.5}), all},
      {"a device", around<DeviceWrapper>("/cpu:0"), all},
      {"peepholes", make<LSTMCell>(8, LSTMCellOptions{.use_peepholes = true}), {"onnx"}, {lstm, "use_peepholes"}},
      {"cell clip", make<LSTMCell>(8, LSTMCellOptions{.cell_clip = 0.9}), none, {lstm, "cell_clip"}},
      {"projection", make<LSTMCell>(8, LSTMCellOptions{.num_proj = 4}), {"pytorch"}, {lstm, "num_proj"}},
      {"projection clip",
       make<LSTMCell>(8, LSTMCellOptions{.num_proj = 4, .proj_clip = 0.5}),
       none,
       {lstm, "proj_clip"}},
      {"activation of an LSTM",
       make<LSTMCell>(8, LSTMCellOptions{.activation = "relu"}),
       {"keras", "onnx"},
       {lstm, "activation \"relu\""}},
      {"activation of the program's own",
       make<LSTMCell>(8, LSTMCellOptions{.activation = [](const Tensor& x) { return x; }}),
       none,
       {lstm, "activation of the program's own"}},
      {"activation of a GRU",
       make<CudnnCompatibleGRUCell>(8, GRUCellOptions{.activation = "softsign"}),
       {"keras", "onnx"},
       {"CudnnCompatibleGRUCell \"cudnn_compatible_gru_cell\"", ""}},
      {"reset after",
       make<CudnnCompatibleGRUCell>(8),
       {"rtneural", "aidax", "guitarml", "pytorch", "keras", "onnx"},
       {"CudnnCompatibleGRUCell \"cudnn_compatible_gru_cell\"", "GRU"}},
      {"reset before", make<GRUCell>(8), {"keras", "onnx"}, {"GRUCell \"gru_cell\"", "reset before"}},
      {"RNN", make<BasicRNNCell>(8), {"pytorch", "keras", "onnx"}, {"BasicRNNCell \"basic_rnn_cell\"", "RNN"}},
      {"activation of an RNN",
       make<BasicRNNCell>(8, BasicRNNCellOptions{.activation = "relu"}),
       {"pytorch", "keras", "onnx"},
       {"BasicRNNCell \"basic_rnn_cell\"", "RNN"}},
      {"activation that ONNX has for no cell",
       make<BasicRNNCell>(8, BasicRNNCellOptions{.activation = "elu"}),
       {"keras"},
       {"BasicRNNCell \"basic_rnn_cell\"", "RNN"}},
      {"layer normalisation",
       make<LayerNormBasicLSTMCell>(8),
       none,
       {"LayerNormBasicLSTMCell \"layer_norm_basic_lstm_cell\"", "is no layer that the format knows"}},
      {"zoneout, which is of evaluation, too",
       around<ZoneoutWrapper>(ZoneoutWrapperOptions{.zoneout_factor_cell = 0.1}),
       none,
       {"ZoneoutWrapper of " + lstm}},
      {"residual", around<ResidualWrapper>(), none, {"ResidualWrapper of " + lstm}},
      {"highway", around<HighwayWrapper>(), none, {"HighwayWrapper", ""}},
      {"attention", around<AttentionCellWrapper>(Index{2}), none, {"AttentionCellWrapper", ""}},
      {"a cell of the program's own", make<OwnCell>(), none, {"OwnCell \"own_cell\""}},
      {"a wrapper within a stack",
       [] { return std::make_shared<MultiRNNCell>(LSTMCell(8), ResidualWrapper(LSTMCell(8))); },
       none,
       {"ResidualWrapper of LSTMCell \"lstm_cell\""}},
      {"two layers",
       [] { return std::make_shared<MultiRNNCell>(LSTMCell(8), LSTMCell(8)); },
       {"rtneural", "nam", "pytorch", "keras", "onnx"},
       {lstm + ", " + lstm, "one cell"}},
      {"dropout between two layers",
       [] {
         return std::make_shared<MultiRNNCell>(DropoutWrapper(LSTMCell(8), {.output_keep_prob = 0.5}), LSTMCell(8));
       },
       {"rtneural", "nam", "pytorch", "keras", "onnx"},
       {lstm + ", " + lstm, "one cell"}},
      {"two layers of different sizes",
       [] { return std::make_shared<MultiRNNCell>(LSTMCell(12), LSTMCell(8)); },
       {"rtneural", "keras", "onnx"},
       {lstm}},
      {"layers of different kinds",
       [] { return std::make_shared<MultiRNNCell>(LSTMCell(8), CudnnCompatibleGRUCell(8)); },
       {"rtneural", "keras", "onnx"},
       {"CudnnCompatibleGRUCell \"cudnn_compatible_gru_cell\""}},
      {"four inputs", plain, {"rtneural", "nam", "pytorch", "keras", "onnx"}, {lstm, "4 inputs"}, {}, 4},
      {"nine units", make<LSTMCell>(9), {"rtneural", "nam", "guitarml", "pytorch", "keras", "onnx"}, {lstm, "9 units"}},
      {"two outputs", plain, {"rtneural", "nam", "guitarml", "pytorch", "keras", "onnx"}, {dense, "2 units"}, {}, 1, 2},
      {"Dense with tanh", plain, {"rtneural", "keras", "onnx"}, {dense, "activation \"tanh\""}, {.activation = "tanh"}},
      {"Dense with elu", plain, {"rtneural", "keras", "onnx"}, {dense, "activation \"elu\""}, {.activation = "elu"}},
      {"Dense with softmax",
       plain,
       {"rtneural", "keras", "onnx"},
       {dense, "activation \"softmax\""},
       {.activation = "softmax"}},
      {"Dense with softsign", plain, {"keras", "onnx"}, {dense, "activation \"softsign\""}, {.activation = "softsign"}},
      {"Dense with hard_sigmoid",
       plain,
       {"keras"},
       {dense, "activation \"hard_sigmoid\""},
       {.activation = "hard_sigmoid"}},
  };
}

struct Model {
  std::shared_ptr<RNNCell> cell;
  Dense head;

  explicit Model(const Limit& limit) : cell(limit.cell()), head(limit.outputs, limit.head) {}
  void build(const Limit& limit) {
    built(*cell, limit.inputs, limit.dtype);
    built(head, cell->output_size().leaf()[0], limit.dtype);
    randomize(head, 200);
  }
  // Of four steps, without what is dropped in training.
  Tensor outputs(Index inputs, DType dtype) {
    for (Module* module : cell->submodules())
      if (auto* wrapper = dynamic_cast<DropoutWrapper*>(module)) wrapper->set_training(false);
    if (auto* wrapper = dynamic_cast<DropoutWrapper*>(cell.get())) wrapper->set_training(false);
    Nest state = cell->zero_state(2, dtype);
    Tensor y;
    for (std::uint64_t step = 0; step < 4; ++step) {
      StepResult result = (*cell)(random_tensor({2, inputs}, step, 1.0, dtype), state);
      state = result.state;
      y = head(result.output.leaf());
    }
    return y;
  }
};

void check_held(const Format& format, const Limit& limit, const std::filesystem::path& path) {
  Model saved(limit), loaded(limit), fresh(limit);
  saved.build(limit);
  loaded.build(limit);
  format.write(path, *saved.cell, saved.head);
  format.read(path, *loaded.cell, loaded.head);
  const Tensor expected = saved.outputs(limit.inputs, limit.dtype);
  const double tolerance = limit.dtype == float64 ? 1e-13 : 1e-5;
  CHECK(allclose(loaded.outputs(limit.inputs, limit.dtype), expected, tolerance, tolerance));
  if (limit.dtype != float32) return;
  format.read(path, *fresh.cell, fresh.head);
  CHECK(allclose(fresh.outputs(limit.inputs, limit.dtype), expected, tolerance, tolerance));
}

void check_refused(const Format& format, const Limit& limit, const TemporaryFolder& folder) {
  Model model(limit);
  model.build(limit);
  write_file(folder / "m", "old");
  const std::string message = message_of<ValueError>([&] { format.write(folder / "m", *model.cell, model.head); });
  CAPTURE(message);
  REQUIRE_FALSE(limit.named.empty());
  CHECK_FALSE(message.empty());
  for (const std::string& part : limit.named) CHECK(message.find(part) != std::string::npos);
  CHECK(read_file(folder / "m") == "old");
  CHECK(folder.files() == 1);
}

}  // namespace

TEST_CASE("every format holds a model or refuses it by layer and option, with the old file whole") {
  for (const Limit& limit : limits())
    for (const Format& format : formats()) {
      CAPTURE(limit.what);
      CAPTURE(format.name);
      TemporaryFolder folder;
      if (std::find(limit.held_by.begin(), limit.held_by.end(), format.name) != limit.held_by.end())
        check_held(format, limit, folder / "m");
      else
        check_refused(format, limit, folder);
    }
}

TEST_CASE("weights that JSON cannot hold are refused with the layer's name, other formats hold them") {
  const Limit limit{"", make<LSTMCell>(8), none, {dense, "nan"}};
  for (const Format& format : formats()) {
    CAPTURE(format.name);
    TemporaryFolder folder;
    Model model(limit);
    model.build(limit);
    model.head.variables()[1].assign(Tensor{NAN});
    write_file(folder / "m", "old");
    const std::string message = message_of<ValueError>([&] { format.write(folder / "m", *model.cell, model.head); });
    const bool json = format.name != "pytorch" && format.name != "keras" && format.name != "onnx";
    CHECK((message.find(dense + " has a weight that is nan") != std::string::npos) == json);
    CHECK((read_file(folder / "m") == "old") == json);
    CHECK(folder.files() == 1);
  }
}

TEST_CASE("two directions that a format cannot hold are refused by name") {
  LSTMCell forward(4), wider(5), second(4), peepholes(4, {.use_peepholes = true}), projected(4, {.num_proj = 2});
  GRUCell other(4);
  MultiRNNCell stack(LSTMCell(4), LSTMCell(4));
  Dense head(3), head2(3);
  for (Module* module : std::vector<Module*>{&forward, &wider, &peepholes, &projected, &other, &stack})
    built(*module, 3);
  built(second, 4), built(head, 3), built(head2, 3);
  TemporaryFolder folder;
  auto torch = [&](const std::vector<RecurrentLayer>& layers) {
    return message_of<ValueError>([&] { torch_state_dict(layers); });
  };
  auto onnx = [&](const std::vector<RecurrentLayer>& layers) {
    return message_of<ValueError>([&] { save_onnx(folder / "m", layers); });
  };
  auto contains = [](const std::string& message, const std::string& part) {
    CAPTURE(message);
    CHECK(message.find(part) != std::string::npos);
  };
  contains(torch({{&forward, &wider}}), "LSTMCell \"lstm_cell\" is of another kind, size or activation than LSTMCell");
  contains(torch({{&forward, &other}}), "GRUCell \"gru_cell\" cannot be held: PyTorch has no GRU (reset before");
  contains(torch({{&forward, &forward}, {&second}}), "LSTMCell \"lstm_cell\" has one direction, LSTMCell");
  contains(torch({{&forward, &second}}), "LSTMCell \"lstm_cell\" has 4 inputs, expected 3 as of the other direction");
  contains(torch({{&head, &head2}}), "Dense \"dense\" cannot be held: PyTorch has no dense layer there");
  contains(onnx({{&forward, &wider}}), "LSTMCell \"lstm_cell\" and LSTMCell");
  contains(onnx({{&forward, &projected}}), "LSTMCell \"lstm_cell\" has a num_proj");
  contains(onnx({{&forward, &peepholes}}), "use_peepholes");
  contains(onnx({{&stack, &stack}}), "MultiRNNCell \"multi_rnn_cell\" is a stack");
  contains(onnx({{&head, &head2}}), "Dense \"dense\" is no cell");
  contains(message_of<ValueError>([&] {
             keras_weights(RecurrentLayer{&head, &head2}, "x");
           }),
           "Dense \"dense\" is no cell");
  CHECK(folder.files() == 0);
}
