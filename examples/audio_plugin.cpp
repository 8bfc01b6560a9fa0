// From two sounds to a plug-in: an effect is learned, written for RTNeural, NAM and AIDA-X, and run sample by sample.
#include <cmath>
#include <iostream>
#include <unroll/unroll.hpp>

#include "print_loss.hpp"

using namespace unroll;

namespace {

// One time step of the model: an LSTM and a read-out.
class Effect : public RNNCell {
 public:
  std::string class_name() const override { return "Effect"; }
  SizeNest state_size() const override { return lstm.state_size(); }
  SizeNest output_size() const override { return 1; }
  std::vector<Module*> submodules() override { return {&lstm, &head}; }

  LSTMCell lstm{12};
  Dense head{1};

 private:
  StepResult call(const Nest& x, const Nest& state) override {
    auto [h, next] = lstm(x, state);
    return {head(h), next};
  }
};

// What is to be learned: a filter with an overdriven stage behind it. In its place two recordings would do.
Tensor overdrive(const Tensor& dry) {
  Tensor wet = dry.clone();
  float low = 0;
  for (Index n = 0; n < dry.size(); ++n) {
    low += 0.3f * (dry.at<float>({n, 0}) - low);
    wet.set({n, 0}, std::tanh(4 * low));
  }
  return wet;
}

// Noise that comes and goes.
Tensor make_sound(Index samples, RandomGenerator& random) {
  Tensor noise = random.normal({samples, 1}), t = reshape(linspace(0, 20, samples), {samples, 1});
  return 0.5 * noise * square(sin(t));
}

class PlugIn {
 public:
  explicit PlugIn(const std::filesystem::path& nam) {
    const NamInfo info = load_nam(nam, effect_.lstm, effect_.head);
    effect_.build(TensorSpec{{1, 1}, float32});
    step_.emplace(compile_step(effect_));
    state_.emplace(step_->zero_state());
    const auto& [hidden, cell] = info.initial_states[0];
    const auto row = [](const Tensor& x) { return cast(expand_dims(x, 0), float32); };
    step_->set_state(*state_, LSTMStateTuple(row(cell), row(hidden)));
  }
  // Called by the audio thread: no memory is allocated, no lock taken.
  void process(const float* in, float* out, Index samples) noexcept {
    for (Index n = 0; n < samples; ++n) (*step_)(in + n, *state_, out + n);
  }

 private:
  Effect effect_;
  std::optional<StepFunction> step_;
  std::optional<StepState> state_;
};

}  // namespace

int main() {
  set_random_seed(1);
  RandomGenerator random(2);
  constexpr Index segment = 2048, burn_in = 256;
  std::vector<Example> segments;
  for (int k = 0; k < 64; ++k) {
    Tensor dry = make_sound(segment + burn_in, random);
    segments.push_back({dry, overdrive(dry)});
  }
  Batches batches(std::move(segments), {.batch_size = 16});

  Effect effect;
  LearnedInitialState start(effect);
  Adam adam({.learning_rate = 1e-2});
  fit_truncated({&effect, &start}, adam, batches,
                [&](const Batch& window, Nest& state) {
                  auto [out, next] = dynamic_rnn(effect, window.inputs, {.initial_state = state});
                  state = next;
                  return error_to_signal_ratio(window.targets, out) + dc_loss(window.targets, out);
                },
                {.window = 256, .initial_state = [&](Index rows) { return start(rows); }, .burn_in = burn_in},
                {.epochs = 10, .clip_norm = 1, .on_step = print_loss_every(32)});

  // A plug-in begins with the state that the model has in silence.
  Nest silence = dynamic_rnn(effect, zeros({1, 48000, 1}), {.initial_state = start(1)}).state;
  NamInfo nam{.sample_rate = 48000, .initial_states = {}, .metadata = {{"name", "Overdrive"}}};
  nam.initial_states.push_back({reshape(silence["h"], {-1}), reshape(silence["c"], {-1})});
  save_nam("overdrive.nam", effect.lstm, effect.head, nam);
  save_rtneural("overdrive.json", effect.lstm, effect.head);
  save_aidax("overdrive.aidax", effect.lstm, effect.head, {.metadata = {{"name", "Overdrive"}}});

  PlugIn plug_in("overdrive.nam");
  Tensor dry = make_sound(48000, random), processed = zeros({48000, 1});
  for (Index n = 0; n < 48000; n += 64) plug_in.process(dry.data<float>() + n, processed.mutable_data<float>() + n, 64);

  Tensor expected = dynamic_rnn(effect, expand_dims(dry, 0), {.initial_state = silence}).outputs;
  const bool same = allclose(processed, squeeze(expected, {0}), 1e-4, 1e-4);
  const double error = error_to_signal_ratio(expand_dims(overdrive(dry), 0), expand_dims(processed, 0)).item<double>();
  std::cout << "sample by sample as by dynamic_rnn: " << (same ? "yes" : "no") << '\n'
            << "error-to-signal ratio of the plug-in: " << error << " (target 0.01)\n";
  return same && error < 0.01 ? 0 : 1;
}
