#include "unroll/io/aidax_samples.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "unroll/io/json_tensor.hpp"

namespace unroll {
namespace {

using Numbers = std::vector<double>;

Numbers numbers(const Tensor& tensor) {
  const Tensor copy(tensor, float64);
  return Numbers(copy.values<double>().begin(), copy.values<double>().end());
}

double factor(double decibels) { return std::pow(10, decibels / 20); }
double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

// bias + row matrix; a shorter row stands for zeros behind it
Numbers affine(const Numbers& bias, const Numbers& row, const Numbers& matrix) {
  Numbers result = bias;
  for (std::size_t i = 0; i < row.size(); ++i)
    for (std::size_t j = 0; j < result.size(); ++j) result[j] += row[i] * matrix[i * result.size() + j];
  return result;
}

// A cell and a Dense of one unit, from a state of zeros. The cell's inputs but the first are 0.
class Player {
 public:
  Player(const LayerWeights& cell, const LayerWeights& head)
      : is_lstm_(cell.kind == LayerKind::lstm),
        kernel_(numbers(cell.kernel)),
        recurrent_kernel_(numbers(cell.recurrent_kernel)),
        bias_(numbers(cell.bias_or_zeros())),
        recurrent_bias_(numbers(cell.recurrent_bias_or_zeros())),
        head_(numbers(head.kernel)),
        head_bias_(numbers(head.bias_or_zeros())),
        h_(static_cast<std::size_t>(cell.units())),
        c_(h_.size()) {}

  double operator()(double x) {
    const Numbers a = affine(bias_, {x}, kernel_), b = affine(recurrent_bias_, h_, recurrent_kernel_);
    const std::size_t units = h_.size();
    for (std::size_t k = 0; k < units; ++k) {
      auto gate = [&](std::size_t n) { return a[n * units + k] + b[n * units + k]; };
      if (is_lstm_) {
        c_[k] = sigmoid(gate(1)) * c_[k] + sigmoid(gate(0)) * std::tanh(gate(2));
        h_[k] = sigmoid(gate(3)) * std::tanh(c_[k]);
      } else {
        const double reset = sigmoid(gate(0)), update = sigmoid(gate(1));
        h_[k] = update * h_[k] + (1 - update) * std::tanh(a[2 * units + k] + reset * b[2 * units + k]);
      }
    }
    return affine(head_bias_, h_, head_)[0];
  }

 private:
  bool is_lstm_;
  Numbers kernel_, recurrent_kernel_, bias_, recurrent_bias_, head_, head_bias_, h_, c_;
};

bool is_known(const std::vector<LayerWeights>& layers, const AidaxInfo& info) {
  return layers.size() == 2 && (layers[0].kind == LayerKind::lstm || layers[0].kind == LayerKind::gru_reset_after) &&
         layers[1].kind == LayerKind::dense && layers[1].activation == "linear" && layers[1].outputs() == 1 &&
         layers[1].inputs() == layers[0].units() && !(info.in_skip && info.out_gain != 0);
}

Numbers answer(const std::vector<LayerWeights>& layers, const AidaxInfo& info, const Numbers& signal) {
  const double in_factor = factor(info.in_gain), out_factor = factor(info.out_gain);
  Player play(layers[0], layers[1]);
  Numbers result;
  for (double sample : signal) {
    const double x = sample * in_factor;
    result.push_back((play(x) + (info.in_skip ? x : 0)) * out_factor);
  }
  return result;
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
