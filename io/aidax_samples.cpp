#include "unroll/io/aidax_samples.hpp"

#include <algorithm>
#include <cmath>
#include <future>
#include <numbers>

#include "unroll/autograd/initial_values.hpp"
#include "unroll/cells/cudnn_compatible_gru_cell.hpp"
#include "unroll/cells/dense.hpp"
#include "unroll/cells/lstm_cell.hpp"
#include "unroll/core/creation.hpp"
#include "unroll/io/json_tensor.hpp"

namespace unroll {
namespace {

using Numbers = std::vector<double>;

Numbers numbers(const Tensor& tensor) {
  const Tensor copy(tensor, float64);
  return Numbers(copy.values<double>().begin(), copy.values<double>().end());
}

double factor(double decibels) { return std::pow(10, decibels / 20); }

// A cell and a Dense of one unit, from a state of zeros. The cell's inputs but the first are 0.
class Player {
 public:
  explicit Player(const std::vector<LayerWeights>& layers)
      : head_(1), inputs_(static_cast<std::size_t>(layers[0].inputs())) {
    if (layers[0].kind == LayerKind::lstm)
      cell_ = std::make_unique<LSTMCell>(layers[0].units(), LSTMCellOptions{.forget_bias = 0});
    else
      cell_ = std::make_unique<CudnnCompatibleGRUCell>(layers[0].units());
    InitialValues undrawn([](const std::string&, const TensorSpec& spec) { return zeros(spec.shape, spec.dtype); });
    assign_layer_weights("AIDA-X", {cell_.get(), &head_}, layers, float64);
    state_ = cell_->zero_state(1, float64);
  }

  double operator()(double x) {
    inputs_[0] = x;
    StepResult step = (*cell_)(Tensor({1, static_cast<Index>(inputs_.size())}, inputs_), state_);
    state_ = std::move(step.state);
    return head_(step.output.leaf()).item<double>();
  }

 private:
  std::unique_ptr<RNNCell> cell_;
  Dense head_;
  Numbers inputs_;
  Nest state_;
};

bool is_known(const std::vector<LayerWeights>& layers, const AidaxInfo& info) {
  return layers.size() == 2 && (layers[0].kind == LayerKind::lstm || layers[0].kind == LayerKind::gru_reset_after) &&
         layers[1].kind == LayerKind::dense && layers[1].activation == "linear" && layers[1].outputs() == 1 &&
         layers[1].inputs() == layers[0].units() && !(info.in_skip && info.out_gain != 0);
}

// In a thread of its own, where no tape, trace, scope or store of variables of the caller's sees the cells.
Numbers answer(const std::vector<LayerWeights>& layers, const AidaxInfo& info, const Numbers& signal) {
  auto play_all = [&] {
    const double in_factor = factor(info.in_gain), out_factor = factor(info.out_gain);
    Player play(layers);
    Numbers result;
    for (double sample : signal) {
      const double x = sample * in_factor;
      result.push_back((play(x) + (info.in_skip ? x : 0)) * out_factor);
    }
    return result;
  };
  return std::async(std::launch::async, play_all).get();
}

// A sine that rises to a quarter of the sample rate and fades.
Numbers probe() {
  constexpr std::size_t samples = 2048;
  Numbers signal;
  for (std::size_t k = 0; k < samples; ++k) {
    const double t = static_cast<double>(k) / samples;
    signal.push_back(static_cast<float>(0.5 * std::exp(-3 * t) * std::sin(std::numbers::pi / 4 * samples * t * t)));
  }
  return signal;
}

}  // namespace

void add_aidax_samples(nlohmann::ordered_json& json, const std::vector<LayerWeights>& layers, const AidaxInfo& info) {
  if (!is_known(layers, info)) return;
  const Numbers signal = probe(), outputs = answer(layers, info, signal);
  std::vector<float> in(signal.begin(), signal.end()), out(outputs.begin(), outputs.end());
  if (!std::all_of(out.begin(), out.end(), [](float y) { return std::isfinite(y); })) return;
  const Shape shape{static_cast<Index>(in.size())};
  json["input_batch"] = tensor_to_json("save_aidax", Tensor(shape, in));
  json["output_batch"] = tensor_to_json("save_aidax", Tensor(shape, out));
}

void check_aidax_samples(const std::string& who, const nlohmann::ordered_json& json,
                         const std::vector<LayerWeights>& layers, const AidaxInfo& info) {
  auto is_absent = [&](const char* key) { return !json.contains(key) || json[key].is_null(); };
  if (is_absent("input_batch") && is_absent("output_batch")) return;
  const Numbers signal = numbers(tensor_from_json(who + ": input_batch", json_member(who, json, "input_batch"), 1));
  const Numbers expected = numbers(tensor_from_json(who + ": output_batch", json_member(who, json, "output_batch"), 1));
  if (signal.size() != expected.size())
    raise<DataLossError>(who, "input_batch has ", signal.size(), " samples, output_batch ", expected.size());
  if (!is_known(layers, info)) return;
  constexpr double tolerance = 1e-4;  // many times the rounding of float32
  double largest = 1;
  for (double y : expected) largest = std::max(largest, std::abs(y));
  const Numbers outputs = answer(layers, info, signal);
  for (std::size_t k = 0; k < outputs.size(); ++k)
    if (!(std::abs(outputs[k] - expected[k]) <= tolerance * largest))
      raise<DataLossError>(who, "the self-test fails: output_batch[", k, "] is ", expected[k], ", the layers give ",
                           outputs[k]);
}

}  // namespace unroll
