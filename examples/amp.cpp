// An amplifier as a network: a sound before and after a circuit is all it learns from. The speech samples go through a
// model of a diode clipper, the heart of many distortion pedals; or give recordings of your own. What comes out loads
// in plug-ins: RTNeural, Neural Amp Modeler and AIDA-X.
//
//     amp [--short] [DRY.wav WET.wav]
#include <algorithm>
#include <cmath>
#include <iostream>
#include <sndfile.hh>
#include <unroll/unroll.hpp>

#include "data.hpp"
#include "diode_clipper.hpp"
#include "wav_sizes.hpp"

using namespace unroll;

namespace {

struct Sound {
  std::vector<float> samples;
  int rate = 48000;

  void add(const std::filesystem::path& path) {
    SndfileHandle file(path.string());
    if (!file || file.channels() != 1) throw std::runtime_error(path.string() + ": expected a sound of one channel");
    check_wav_sizes(path);
    const std::size_t before = samples.size();
    samples.resize(before + static_cast<std::size_t>(file.frames()));
    file.read(samples.data() + before, file.frames());
    rate = file.samplerate();
  }
  void write(const std::string& path) const {
    SndfileHandle(path, SFM_WRITE, SF_FORMAT_WAV | SF_FORMAT_FLOAT, 1, rate)
        .write(samples.data(), static_cast<sf_count_t>(samples.size()));
  }
  // (count, 1)
  Tensor part(std::size_t first, std::size_t count) const {
    return Tensor(Shape{static_cast<Index>(count), 1}, std::span(samples).subspan(first, count));
  }
};

struct Model {
  LSTMCell cell{24};
  Dense head{1};
  LearnedInitialState start{cell};

  Tensor operator()(const Tensor& dry, Nest& state) {
    auto [outputs, next] = dynamic_rnn(cell, dry, {.initial_state = state});
    state = next;
    return head(outputs);
  }
};

}  // namespace

int main(int argc, char** argv) try {
  const bool is_short = argc > 1 && std::string(argv[1]) == "--short", own = argc == 3 + is_short;
  set_random_seed(1);
  Sound dry, wet;
  if (own) {
    dry.add(argv[1 + is_short]);
    wet.add(argv[2 + is_short]);
  } else {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(data_file("speech"))) files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    for (const auto& file : files) dry.add(file);
    wet = {diode_clipper(dry.samples, dry.rate), dry.rate};
  }

  // Segments for training; the last eighth is held out.
  constexpr std::size_t segment = 4096, burn_in = 512;
  const std::size_t count = std::min(dry.samples.size(), wet.samples.size()), held_out = count - count / 8;
  std::vector<Example> segments;
  for (std::size_t at = 0; at + segment + burn_in <= held_out; at += segment)
    segments.push_back({dry.part(at, segment + burn_in), wet.part(at, segment + burn_in)});
  const Batches batches(std::move(segments), {.batch_size = 16});

  Model model;
  const TruncatedOptions truncated{
      .window = 512, .initial_state = [&](Index rows) { return model.start(rows); }, .burn_in = burn_in};
  const int epochs = is_short ? 12 : 50;
  const std::int64_t steps = epochs * batches.size() * static_cast<std::int64_t>(segment) / truncated.window;
  Adam adam({.learning_rate = cosine_decay({.learning_rate = 1e-2, .decay_steps = steps, .alpha = 0.01})});
  fit_truncated({&model.cell, &model.head, &model.start}, adam, batches,
                [&](const Batch& window, Nest& state) {
                  const Tensor out = model(window.inputs, state);
                  return error_to_signal_ratio(window.targets, out) + dc_loss(window.targets, out);
                },
                truncated, {.epochs = epochs, .clip_norm = 1, .progress = &std::cout});

  // The state of the model in silence is what a plug-in begins with.
  Nest silence = model.start(1);
  model(zeros({1, dry.rate, 1}), silence);
  NamInfo nam{
      .sample_rate = static_cast<double>(dry.rate), .initial_states = {}, .metadata = {{"name", "Diode clipper"}}};
  nam.initial_states.push_back({reshape(silence["h"], {-1}), reshape(silence["c"], {-1})});
  save_nam("amp.nam", model.cell, model.head, nam);
  save_rtneural("amp.json", model.cell, model.head);
  save_aidax("amp.aidax", model.cell, model.head, {.metadata = {{"name", "Diode clipper"}}});

  const Tensor in = expand_dims(dry.part(held_out, count - held_out), 0),
               truth = expand_dims(wet.part(held_out, count - held_out), 0), out = model(in, silence);
  Sound rendered{{out.data<float>(), out.data<float>() + out.size()}, dry.rate};
  rendered.write("amp.wav");
  const double error = error_to_signal_ratio(truth, out, {.epsilon = 0}).item<double>(),
               target = is_short ? 0.005 : 1e-3;
  std::cout << "wrote amp.nam, amp.json (RTNeural), amp.aidax and amp.wav\n"
            << "error-to-signal ratio on sound held out: " << error << " (target " << target << ")\n";
  return own || error < target ? 0 : 1;
} catch (const std::exception& error) {
  std::cerr << "amp: " << error.what() << '\n';
  return 1;
}
