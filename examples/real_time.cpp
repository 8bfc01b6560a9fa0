// A model in an audio plug-in: one sample in, one sample out, in a thread that must not wait for anything.
#include <cmath>
#include <iostream>
#include <unroll/unroll.hpp>

using namespace unroll;

// What guitar amplifiers are modelled with: an LSTM, a read-out, and the sound itself added.
class Amplifier : public RNNCell {
 public:
  std::string class_name() const override { return "Amplifier"; }
  SizeNest state_size() const override { return lstm_.state_size(); }
  SizeNest output_size() const override { return 1; }
  std::vector<Module*> submodules() override { return {&lstm_, &read_out_}; }

 private:
  StepResult call(const Nest& x, const Nest& state) override {
    auto [h, next] = lstm_(x, state);
    return {read_out_(h.leaf()) + x, next};
  }
  LSTMCell lstm_{24};
  Dense read_out_{1};
};

class PlugIn {
 public:
  explicit PlugIn(RNNCell& model) : step_(compile_step(model)), state_(step_.zero_state()) {}
  // Called by the audio thread.
  void process(const float* in, float* out, int samples) noexcept {
    for (int n = 0; n < samples; ++n) step_(in + n, state_, out + n);
  }

 private:
  StepFunction step_;
  StepState state_;
};

int main() {
  Amplifier model;
  Tensor sound = random_normal({4800, 1, 1}, {.seed = 1});  // (time, batch, depth): 0.1 s
  // Trained here, or built by load_json("amp.json", model); then:
  Tensor expected = dynamic_rnn(model, sound, {.dtype = float32, .time_major = true}).outputs.leaf();

  PlugIn plug_in(model);
  Tensor processed = zeros({4800, 1, 1});
  for (int n = 0; n < 4800; n += 64) plug_in.process(sound.data<float>() + n, processed.mutable_data<float>() + n, 64);
  bool same = allclose(processed, expected, 1e-5, 1e-5);
  std::cout << "by samples as by dynamic_rnn: " << (same ? "yes" : "no") << '\n';
  return same ? 0 : 1;
}
