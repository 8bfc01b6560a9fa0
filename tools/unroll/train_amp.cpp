#include <algorithm>
#include <iostream>

#include "diode_clipper.hpp"
#include "sequence_model.hpp"
#include "sound.hpp"
#include "train.hpp"
#include "train_run.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/reshape.hpp"
#include "unroll/autograd/ops/signal_losses.hpp"
#include "unroll/cells/learned_initial_state.hpp"
#include "unroll/core/creation.hpp"
#include "unroll/core/errors.hpp"
#include "unroll/io/aidax.hpp"
#include "unroll/io/nam.hpp"
#include "unroll/io/rtneural.hpp"
#include "unroll/optim/adam.hpp"
#include "unroll/train/truncated.hpp"

namespace unroll::program {
namespace {

struct AmpOptions {
  std::string dry, wet, speech = "data/speech", name = "made with unroll";
  Index window = 512;
  double pre_emphasis = 0;
};

struct Recordings {
  Sound dry, wet;
};

Recordings read(const AmpOptions& amp) {
  if (amp.dry.empty()) {
    Sound dry = read_sounds(amp.speech);
    Sound wet{diode_clipper(dry.samples, dry.rate), dry.rate};
    return {std::move(dry), std::move(wet)};
  }
  Recordings both{read_sound(amp.dry), read_sound(amp.wet)};
  const auto& [dry, wet] = both;
  if (dry.rate != wet.rate)
    raise<ValueError>(amp.wet, "its rate is ", wet.rate, " Hz, that of ", amp.dry, " ", dry.rate, " Hz");
  if (dry.size() != wet.size())
    raise<ValueError>(amp.wet, "it has ", wet.size(), " samples, ", amp.dry, " ", dry.size(),
                      ": expected recordings of one length, in time with each other");
  return both;
}

void check_heard(const Sound& sound, const char* which, std::size_t first, std::size_t end, const char* part) {
  const auto begin = sound.samples.begin();
  const auto [low, high] =
      std::minmax_element(begin + static_cast<std::ptrdiff_t>(first), begin + static_cast<std::ptrdiff_t>(end));
  if (*low == *high) raise<ValueError>("train amp", "the ", which, " sound is silent in ", part);
}

constexpr std::size_t windows_per_segment = 8;

// Segments, each with a burn-in before it.
std::vector<Example> segments(const Recordings& both, std::size_t first, std::size_t end, std::size_t window) {
  const std::size_t segment = windows_per_segment * window;
  std::vector<Example> result;
  for (; first + window + segment <= end; first += segment)
    result.push_back({both.dry.part(first, window + segment), both.wet.part(first, window + segment)});
  return result;
}

Sound render(SequenceModel& model, const Sound& dry, Nest state) {
  constexpr std::size_t most = 1 << 16;
  Sound wet{{}, dry.rate};
  while (wet.size() < dry.size()) {
    const Tensor part = dry.part(wet.size(), std::min(most, dry.size() - wet.size()));
    const Tensor out = model(expand_dims(part, 0), state);
    wet.samples.insert(wet.samples.end(), out.data<float>(), out.data<float>() + out.size());
  }
  return wet;
}

// Plug-ins begin with the state that the model has in silence.
Nest state_in_silence(SequenceModel& model, Nest state, double rate) {
  model(zeros({1, static_cast<Index>(rate), 1}), state);
  return state;
}

void save(const TrainRun& run, SequenceModel& model, const AmpOptions& amp, double rate, const Nest& silence) {
  NamInfo nam{.sample_rate = rate, .initial_states = {}, .metadata = {{"name", amp.name}}};
  nam.initial_states.push_back({reshape(silence["h"], {-1}), reshape(silence["c"], {-1})});
  save_nam(run.path("model.nam"), model.cell(), model.head(), nam);
  save_aidax(run.path("model.aidax"), model.cell(), model.head(),
             {.metadata = {{"name", amp.name}, {"samplerate", std::to_string(std::lround(rate))}}});
  save_rtneural(run.path("rtneural.json"), model.modules());
}

void train_amp(const AmpOptions& amp, const TrainOptions& options, const CLI::App& command) {
  TrainRun run(options, command);
  const Recordings both = read(amp);
  const auto window = static_cast<std::size_t>(amp.window), least = (1 + windows_per_segment) * window;
  const std::size_t all = both.dry.size(),
                    held = static_cast<std::size_t>(static_cast<double>(all) * options.validation),
                    training = all - held;
  if (training < least || held < least)
    raise<ValueError>("train amp", "there are ", training, " samples to learn from and ", held,
                      " held out, expected at least ", least, " of each");
  for (const auto& [sound, which] : {std::pair(&both.dry, "dry"), std::pair(&both.wet, "wet")}) {
    check_heard(*sound, which, 0, training, "the part to learn from");
    check_heard(*sound, which, training, all, "the part that is held out");
  }
  const Batches batches(segments(both, 0, training, window), {.batch_size = options.batch, .seed = options.seed}),
      held_out(segments(both, training, all, window), {.batch_size = options.batch, .shuffle = false});
  const auto steps_per_epoch = batches.size() * static_cast<std::int64_t>(windows_per_segment);

  SequenceModel model(options, 1, 1);
  LearnedInitialState start(model.cell());
  std::vector<Module*> modules = model.modules();
  modules.push_back(&start);
  Adam adam({.learning_rate = options.schedule(steps_per_epoch)});
  const FitResult result = fit_truncated(
      modules, adam, batches,
      [&](const Batch& part, Nest& state) {
        const Tensor out = model(part.inputs, state);
        return error_to_signal_ratio(part.targets, out, {.pre_emphasis = amp.pre_emphasis}) +
               dc_loss(part.targets, out);
      },
      {.window = amp.window, .initial_state = [&](Index rows) { return start(rows); }, .burn_in = amp.window},
      run.begin(held_out, steps_per_epoch));
  run.end(result);

  const Nest silence = state_in_silence(model, start(1), both.dry.rate);
  save(run, model, amp, both.dry.rate, silence);
  const Sound rendered = render(model, both.dry, silence);
  write_sound(run.path("rendered.wav"), rendered);
  const Tensor error = error_to_signal_ratio(both.wet.part(training, held), rendered.part(training, held),
                                             {.time_axis = 0, .epsilon = 0});
  std::cout << "wrote model.nam, model.aidax, rtneural.json and rendered.wav to " << options.out
            << "\nheld out: error-to-signal ratio " << error.item<float>() << '\n';
}

void add_amp(CLI::App& train) {
  static AmpOptions amp;
  static TrainOptions options{
      .units = 24, .batch = 16, .epochs = 50, .learning_rate = 1e-2, .validation = 0.125, .patience = 0};
  auto* command = train.add_subcommand(
      "amp",
      "An amplifier or an effect as an LSTM of one layer, from two WAV files of one channel, one rate and one length: "
      "the\n"
      "sound that goes in, and the sound that comes out; their end is held out. Without files: speech through a model "
      "of\n"
      "a diode clipper, a distortion circuit. The loss is the error-to-signal ratio and a DC loss. The model goes out "
      "as\n"
      "model.nam for Neural Amp Modeler, model.aidax for AIDA-X and rtneural.json for RTNeural; rendered.wav is what "
      "it\n"
      "makes of the dry sound.\n"
      "Example: unroll train amp --out run\n"
      "         unroll train amp dry.wav wet.wav --out run --name 'My amplifier' --epochs 200\n"
      "         unroll run run/model.nam guitar.wav amplified.wav");
  auto* dry = command->add_option("DRY", amp.dry);
  dry->needs(command->add_option("WET", amp.wet));
  command->add_option("--speech", amp.speech, "folder of WAV files; ./dev data puts those of alsa-utils there")
      ->excludes(dry)
      ->capture_default_str();
  command->add_option("--name", amp.name, "that plug-ins show")->capture_default_str();
  command->add_option("--window", amp.window, "samples that a gradient goes back through, and of a burn-in")
      ->check(CLI::Range(1, 1 << 20))
      ->capture_default_str();
  command->add_option("--pre-emphasis", amp.pre_emphasis, "weighs high frequencies more, as the ear does: 0.85, say")
      ->check(CLI::Range(0.0, 0.99))
      ->capture_default_str();
  add_train_options(*command, options);
  command->get_option("--units")->check(CLI::IsMember({8, 12, 16, 20, 24, 32, 40, 64, 80}));  // those of AIDA-X
  command->callback([command] { train_amp(amp, options, *command); });
}

const Recipe recipe("amp", add_amp);

}  // namespace

}  // namespace unroll::program
