// torch.nn's recurrent modules: weights from a state_dict and back, outputs, states and gradients.
#include "runner.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/concat.hpp"
#include "unroll/autograd/ops/reverse.hpp"
#include "unroll/autograd/ops/slice.hpp"
#include "unroll/autograd/ops/transpose.hpp"
#include "unroll/autograd/tape.hpp"
#include "unroll/cells/basic_rnn_cell.hpp"
#include "unroll/cells/cudnn_compatible_gru_cell.hpp"
#include "unroll/cells/lstm_cell.hpp"
#include "unroll/core/creation.hpp"
#include "unroll/io/torch.hpp"
#include "unroll/rnn/dynamic_rnn.hpp"

namespace parity {
namespace {

using namespace unroll;

std::shared_ptr<RNNCell> make(const std::string& function, const Json& a) {
  const Index units = a.at("hidden_size");
  if (function == "torch.nn.RNN")
    return std::make_shared<BasicRNNCell>(
        units, BasicRNNCellOptions{.activation = get(a, "nonlinearity", std::string("tanh"))});
  if (function == "torch.nn.GRU") return std::make_shared<CudnnCompatibleGRUCell>(units);
  LSTMCellOptions options;
  if (get(a, "proj_size", Index{0}) > 0) options.num_proj = a.at("proj_size").get<Index>();
  return std::make_shared<LSTMCell>(units, options);
}

class Network {
 public:
  explicit Network(const Json& test) : lstm_(test.at("function") == "torch.nn.LSTM") {
    const Json& a = test.at("arguments");
    directions_ = get(a, "bidirectional", false) ? 2 : 1;
    const Index count = get(a, "num_layers", Index{1}) * directions_;
    for (Index k = 0; k < count; ++k) cells_.push_back(make(test.at("function"), a));
    for (std::size_t k = 0; k < cells_.size(); k += static_cast<std::size_t>(directions_))
      layers_.push_back({cells_[k].get(), directions_ == 2 ? cells_[k + 1].get() : nullptr});
  }
  const std::vector<RecurrentLayer>& layers() const { return layers_; }

  struct Result {
    Tensor output, hn, cn;
  };
  Result run(Tensor x, const Tensor& lengths, const Tensor& h0, const Tensor& c0) {
    std::vector<Tensor> hs, cs;
    for (std::size_t k = 0; k < cells_.size(); k += static_cast<std::size_t>(directions_)) {
      std::vector<Tensor> outputs;
      for (Index d = 0; d < directions_; ++d) {
        const Index layer = static_cast<Index>(k) + d;
        auto turned = [&](const Tensor& y) { return d == 1 ? reverse_sequence(y, lengths, 0, 1) : y; };
        Nest initial;
        if (h0 && lstm_)
          initial = Nest::named_tuple("LSTMStateTuple", {{"c", row(c0, layer)}, {"h", row(h0, layer)}});
        else if (h0)
          initial = row(h0, layer);
        auto [y, state] =
            dynamic_rnn(*cells_[static_cast<std::size_t>(layer)], turned(x),
                        {.sequence_length = lengths, .initial_state = initial, .dtype = x.dtype(), .time_major = true});
        outputs.push_back(turned(y.leaf()));
        hs.push_back(lstm_ ? state["h"].leaf() : state.leaf());
        if (lstm_) cs.push_back(state["c"].leaf());
      }
      x = concat(outputs, -1);
    }
    return {x, stack(hs), lstm_ ? stack(cs) : Tensor()};
  }

 private:
  bool lstm_;
  Index directions_ = 1;
  std::vector<std::shared_ptr<RNNCell>> cells_;
  std::vector<RecurrentLayer> layers_;
};

// Both biases of PyTorch are one here: their sum has to be the same, except for the candidate of a GRU.
void compare_state_dict(const NamedTensors& got, const NamedTensors& want, bool is_gru, Differences& differences) {
  for (const auto& [name, tensor] : got) {
    const Tensor expected = find_tensor(want, name);
    if (!expected) {
      if (name.find("bias") == std::string::npos) differences.add(name + " is not expected");
      continue;
    }
    if (name.find("bias") == std::string::npos) {
      differences.compare(name, tensor, expected);
      continue;
    }
    if (name.find("bias_ih") == std::string::npos) continue;
    std::string other = name;
    other.replace(other.find("_ih"), 3, "_hh");
    differences.compare(name + " + " + other, tensor + find_tensor(got, other), expected + find_tensor(want, other));
    const Index candidate = tensor.shape(0) / 3 * 2;
    if (is_gru)
      differences.compare(name + ", candidate", slice_rows(tensor, candidate, tensor.shape(0)),
                          slice_rows(expected, candidate, tensor.shape(0)));
  }
  for (const auto& [name, tensor] : want)
    if (!find_tensor(got, name)) differences.add(name + " is missing");
}

void run(const Json& test, Differences& differences) {
  NamedTensors state_dict;
  for (const Json& pair : test.at("state_dict")) state_dict.emplace_back(pair[0], read_tensor(pair[1]));
  Network network(test);
  load_torch_state_dict(state_dict, network.layers());
  compare_state_dict(torch_state_dict(network.layers()), state_dict, test.at("function") == "torch.nn.GRU",
                     differences);

  const bool batch_first = get(test.at("arguments"), "batch_first", false);
  auto turned = [&](const Tensor& x) { return batch_first ? transpose(x, {1, 0, 2}) : x; };
  auto optional = [&](const char* key) { return has(test, key) ? read_tensor(test.at(key)) : Tensor(); };
  const Tensor input = read_tensor(test.at("input")), h0 = optional("h0"), c0 = optional("c0");
  const Tensor steps = turned(input);
  Tensor lengths = full({steps.shape(1)}, static_cast<double>(steps.shape(0)), int32);
  if (has(test, "lengths")) {
    auto list = test.at("lengths").get<std::vector<std::int32_t>>();
    lengths = Tensor(Shape{steps.shape(1)}, list);
  }
  GradientTape tape;
  std::vector<Tensor> sources;
  for (const Tensor& source : {input, h0, c0})
    if (source) tape.watch(source), sources.push_back(source);
  Network::Result result = network.run(turned(input), lengths, h0, c0);
  const Tensor output = turned(result.output);
  differences.compare("output", output, read_tensor(test.at("output")));
  differences.compare("hn", result.hn, read_tensor(test.at("hn")));
  if (result.cn) differences.compare("cn", result.cn, read_tensor(test.at("cn")));
  std::vector<Nest> targets{output, result.hn}, weights;
  if (result.cn) targets.emplace_back(result.cn);
  for (const char* key : {"output", "hn", "cn"})
    if (has(test.at("cotangents"), key)) weights.emplace_back(read_tensor(test.at("cotangents").at(key)));
  std::vector<Tensor> gradients =
      tape.gradient(Nest::tuple(targets), sources, {.output_gradients = Nest::tuple(weights)});
  std::size_t next = 0;
  for (const char* key : {"input", "h0", "c0"})
    if (has(test, key))
      differences.compare(std::string("gradient of ") + key, gradients[next++],
                          read_tensor(test.at("gradients").at(key)));
}

const RegisterRunner runners[] = {{"torch.nn.RNN", run}, {"torch.nn.LSTM", run}, {"torch.nn.GRU", run}};

}  // namespace
}  // namespace parity
