// A training step of oneDNN's LSTM or GRU primitives: weights reordered into the primitive's own layout (they change
// with every step of an optimizer), forward over the sequence, backward to inputs, weights and biases. float32, zero
// initial state. oneDNN takes no lengths: shorter rows are computed to their padded end.
#include <omp.h>

#include <CLI/CLI.hpp>
#include <cstring>
#include <iostream>
#include <numeric>
#include <oneapi/dnnl/dnnl.hpp>
#include <random>

#include "../measure.hpp"
#include "../rnn_case.hpp"
#include "../row_lengths.hpp"

namespace {

using bench::RnnCase;
using dnnl::memory;
using Tag = memory::format_tag;
using Arguments = std::unordered_map<int, memory>;

struct Device {
  dnnl::engine engine{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream{engine};

  memory zeros(const memory::desc& desc) const {
    memory result(desc, engine);
    std::memset(result.get_data_handle(), 0, desc.get_size());
    return result;
  }
  memory normal(const memory::desc& desc, float deviation, std::mt19937& random) const {
    memory result(desc, engine);
    std::normal_distribution<float> distribution(0, deviation);
    auto* values = static_cast<float*>(result.get_data_handle());
    std::generate_n(values, desc.get_size() / sizeof(float), [&] { return distribution(random); });
    return result;
  }
};

memory::desc floats(const memory::dims& dims, Tag tag) { return {dims, memory::data_type::f32, tag}; }

// A cell names its primitives, and how the arguments of their descriptors are arranged: `none` are the states, which
// start at zero and of which no gradient is asked.
struct Descs {
  memory::desc x, weights, recurrent, bias, y, none;
};
constexpr auto direction = dnnl::rnn_direction::unidirectional_left2right;

struct Lstm {
  using Forward = dnnl::lstm_forward;
  using Backward = dnnl::lstm_backward;
  static constexpr int gates = 4, biases = 4;
  static Forward::desc forward(const Descs& d) {
    return {dnnl::prop_kind::forward_training,
            direction,
            d.x,
            d.none,
            d.none,
            d.weights,
            d.recurrent,
            d.bias,
            d.y,
            d.none,
            d.none};
  }
  static Backward::desc backward(const Descs& d) {
    return {dnnl::prop_kind::backward,
            direction,
            d.x,
            d.none,
            d.none,
            d.weights,
            d.recurrent,
            d.bias,
            d.y,
            d.none,
            d.none,
            d.x,
            d.none,
            d.none,
            d.weights,
            d.recurrent,
            d.bias,
            d.y,
            d.none,
            d.none};
  }
};

template <class F, class B, int Biases>
struct GruLike {
  using Forward = F;
  using Backward = B;
  static constexpr int gates = 3, biases = Biases;
  static typename F::desc forward(const Descs& d) {
    return {dnnl::prop_kind::forward_training, direction, d.x, d.none, d.weights, d.recurrent, d.bias, d.y, d.none};
  }
  static typename B::desc backward(const Descs& d) {
    return {dnnl::prop_kind::backward,
            direction,
            d.x,
            d.none,
            d.weights,
            d.recurrent,
            d.bias,
            d.y,
            d.none,
            d.x,
            d.none,
            d.weights,
            d.recurrent,
            d.bias,
            d.y,
            d.none};
  }
};
using Gru = GruLike<dnnl::gru_forward, dnnl::gru_backward, 3>;
using GruResetAfter = GruLike<dnnl::lbr_gru_forward, dnnl::lbr_gru_backward, 4>;

class Layer {
 public:
  template <class Cell>
  Layer(Cell, const Device& device, const RnnCase& shape, int depth, const memory& x, std::mt19937& random)
      : device_(device) {
    const int T = shape.time, B = shape.batch, H = shape.units, G = Cell::gates;
    Descs d{x.get_desc(),
            floats({1, 1, depth, G, H}, Tag::any),
            floats({1, 1, H, G, H}, Tag::any),
            floats({1, 1, Cell::biases, H}, Tag::ldgo),
            floats({T, B, H}, Tag::tnc),
            {}};
    typename Cell::Forward::primitive_desc forward(Cell::forward(d), device.engine);
    typename Cell::Backward::primitive_desc backward(Cell::backward(d), device.engine, forward);
    forward_ = typename Cell::Forward(forward);
    backward_ = typename Cell::Backward(backward);

    memory weights = device.normal(floats({1, 1, depth, G, H}, Tag::ldigo), 0.1f, random);
    memory recurrent = device.normal(floats({1, 1, H, G, H}, Tag::ldigo), 0.1f, random);
    memory bias = device.normal(d.bias, 0.1f, random), workspace = device.zeros(forward.workspace_desc());
    y = device.zeros(d.y);
    dx = device.zeros(d.x);
    forward_arguments_ = {{DNNL_ARG_SRC_LAYER, x},
                          {DNNL_ARG_WEIGHTS_LAYER, packed(weights, forward.weights_layer_desc())},
                          {DNNL_ARG_WEIGHTS_ITER, packed(recurrent, forward.weights_iter_desc())},
                          {DNNL_ARG_BIAS, bias},
                          {DNNL_ARG_DST_LAYER, y},
                          {DNNL_ARG_WORKSPACE, workspace}};
    backward_arguments_ = {{DNNL_ARG_SRC_LAYER, x},
                           {DNNL_ARG_WEIGHTS_LAYER, packed(weights, backward.weights_layer_desc())},
                           {DNNL_ARG_WEIGHTS_ITER, packed(recurrent, backward.weights_iter_desc())},
                           {DNNL_ARG_BIAS, bias},
                           {DNNL_ARG_DST_LAYER, y},
                           {DNNL_ARG_WORKSPACE, workspace},
                           {DNNL_ARG_DIFF_SRC_LAYER, dx},
                           {DNNL_ARG_DIFF_WEIGHTS_LAYER, summed(backward.diff_weights_layer_desc())},
                           {DNNL_ARG_DIFF_WEIGHTS_ITER, summed(backward.diff_weights_iter_desc())},
                           {DNNL_ARG_DIFF_BIAS, summed(backward.diff_bias_desc())}};
  }

  void forward() {
    for (auto& [from, to] : packed_) dnnl::reorder(from, to).execute(device_.stream, from, to);
    forward_.execute(device_.stream, forward_arguments_);
  }
  void backward(const memory& dy) {
    for (memory& sum : sums_) std::memset(sum.get_data_handle(), 0, sum.get_desc().get_size());
    backward_arguments_[DNNL_ARG_DIFF_DST_LAYER] = dy;
    backward_.execute(device_.stream, backward_arguments_);
  }

  memory y, dx;

 private:
  memory packed(const memory& weights, const memory::desc& layout) {
    if (weights.get_desc() == layout) return weights;
    return packed_.emplace_back(weights, memory(layout, device_.engine)).second;
  }
  // oneDNN adds to these.
  memory summed(const memory::desc& desc) { return sums_.emplace_back(device_.zeros(desc)); }

  const Device& device_;
  dnnl::primitive forward_, backward_;
  Arguments forward_arguments_, backward_arguments_;
  std::vector<std::pair<memory, memory>> packed_;
  std::vector<memory> sums_;
};

Layer make_layer(const Device& device, const RnnCase& shape, int depth, const memory& x, std::mt19937& random) {
  if (shape.cell == "lstm") return Layer(Lstm(), device, shape, depth, x, random);
  if (shape.cell == "gru" && shape.variant == "reset_after")
    return Layer(GruResetAfter(), device, shape, depth, x, random);
  if (shape.cell == "gru") return Layer(Gru(), device, shape, depth, x, random);
  throw std::invalid_argument("oneDNN is timed with lstm and gru, not \"" + shape.cell + "\"");
}

void run(const RnnCase& shape, const bench::Timing& timing) {
  if (shape.mode != "train" || shape.optimizer != "none")
    throw std::invalid_argument("oneDNN is timed in mode train without an optimizer");
  omp_set_num_threads(timing.threads);
  std::mt19937 random(static_cast<unsigned>(shape.seed));
  Device device;
  memory x = device.normal(floats({shape.time, shape.batch, shape.inputs}, Tag::tnc), 1, random);
  memory dy = device.normal(floats({shape.time, shape.batch, shape.units}, Tag::tnc), 1, random);
  std::vector<Layer> layers;
  for (int k = 0; k < shape.layers; ++k)
    layers.push_back(make_layer(device, shape, k ? shape.units : shape.inputs, k ? layers.back().y : x, random));
  auto step = [&] {
    for (Layer& layer : layers) layer.forward();
    memory gradient = dy;
    for (auto layer = layers.rbegin(); layer != layers.rend(); ++layer) {
      layer->backward(gradient);
      gradient = layer->dx;
    }
    device.stream.wait();
  };
  bench::Times times = bench::measure(timing, step);
  std::vector<std::int32_t> lengths = bench::row_lengths(shape.lengths, shape.batch, shape.time, shape.seed);
  const dnnl_version_t* v = dnnl_version();
  std::string version = std::to_string(v->major) + '.' + std::to_string(v->minor) + '.' + std::to_string(v->patch);
  bench::Subject subject{"onednn", version, "dx, dW, db, reorder of weights"};
  double tokens = std::accumulate(lengths.begin(), lengths.end(), 0.0);
  std::cout << bench::result_line(subject, shape, timing, times, tokens).dump() << '\n';
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Times one training step of oneDNN's recurrent primitives and prints a line of JSON.");
  RnnCase shape;
  bench::Timing timing;
  shape.add_to(app, "of gru: reset_before (default; TensorFlow v1's) or reset_after (PyTorch's)");
  timing.add_to(app);
  return bench::run_program(app, argc, argv, timing, [&] { run(shape, timing); });
}
