#include "unroll/rnn/keras/bidirectional.hpp"

#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/concat.hpp"
#include "unroll/autograd/ops/reverse.hpp"

namespace unroll::keras {
namespace {

constexpr std::string_view who = "keras.Bidirectional";

RNNOptions direction(const RNN& layer, const std::string& name, bool backwards) {
  RNNOptions options = layer.options();
  options.name = name;
  options.go_backwards = backwards;
  options.zero_output_for_mask = options.return_sequences;
  return options;
}

void check_pair(const RNNOptions& fw, const RNNOptions& bw) {
  if (fw.go_backwards == bw.go_backwards)
    raise<ValueError>(who, "forward and backward layer must differ in go_backwards, both have ", fw.go_backwards);
  auto same = [](std::string_view what, bool a, bool b) {
    if (a != b) raise<ValueError>(who, "forward and backward layer must have the same ", what);
  };
  same("stateful", fw.stateful, bw.stateful);
  same("return_sequences", fw.return_sequences, bw.return_sequences);
  same("return_state", fw.return_state, bw.return_state);
  same("time_major", fw.time_major, bw.time_major);
}

}  // namespace

Bidirectional::Bidirectional(std::shared_ptr<RNN> layer, BidirectionalOptions options)
    : Module(options.name), merge_mode_(options.merge_mode) {
  if (!layer) raise<TypeError>(who, "the layer is null, expected an RNN");
  const RNN& reversed = options.backward_layer ? *options.backward_layer : *layer;
  bool backwards = options.backward_layer ? reversed.options().go_backwards : !layer->options().go_backwards;
  check_pair(layer->options(), direction(reversed, {}, backwards));
  forward_ = layer->remake(direction(*layer, "forward_" + layer->name(), layer->options().go_backwards));
  backward_ = reversed.remake(direction(reversed, "backward_" + reversed.name(), backwards));
}

Config Bidirectional::config() const {
  constexpr const char* names[] = {"concat", "sum", "mul", "ave", "none"};
  return {{"merge_mode", names[static_cast<int>(merge_mode_)]}};
}

Tensor Bidirectional::merge(const Tensor& fw, const Tensor& bw) const {
  switch (merge_mode_) {
    case MergeMode::sum:
      return fw + bw;
    case MergeMode::mul:
      return fw * bw;
    case MergeMode::ave:
      return (fw + bw) / 2.0;
    default:
      return concat(fw, bw, fw.rank() - 1);
  }
}

RNNResult Bidirectional::operator()(const Nest& inputs, const RNNCallOptions& options) {
  const std::vector<Tensor>& given = options.initial_state;
  if (given.size() % 2) raise<ValueError>(who, given.size(), " initial states are given, expected an even number");
  auto half = static_cast<std::ptrdiff_t>(given.size() / 2);
  RNNCallOptions of_forward = options, of_backward = options;
  of_forward.initial_state.assign(given.begin(), given.begin() + half);
  of_backward.initial_state.assign(given.begin() + half, given.end());

  if (!built()) build(specs(inputs));
  auto [fw, bw] =
      within_scope([&] { return std::pair((*forward_)(inputs, of_forward), (*backward_)(inputs, of_backward)); });
  if (forward_->options().return_sequences) {
    Index time_axis = forward_->options().time_major ? 0 : 1;
    Nest& reversed = forward_->options().go_backwards ? fw.output : bw.output;
    reversed = reversed.map([&](const Tensor& y) { return reverse(y, {time_axis}); });
  }
  RNNResult result{
      merge_mode_ == MergeMode::none ? Nest::tuple({fw.output, bw.output}) : Nest(merge(fw.output, bw.output)),
      std::move(fw.states)};
  result.states.insert(result.states.end(), bw.states.begin(), bw.states.end());
  return result;
}

void Bidirectional::reset_states() {
  forward_->reset_states();
  backward_->reset_states();
}

}  // namespace unroll::keras
