#include <algorithm>
#include <cmath>
#include <iostream>

#include "sequence_model.hpp"
#include "text_alphabet.hpp"
#include "train.hpp"
#include "train_run.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/cross_entropy.hpp"
#include "unroll/autograd/ops/one_hot.hpp"
#include "unroll/autograd/ops/reduce.hpp"
#include "unroll/autograd/ops/reshape.hpp"
#include "unroll/autograd/ops/softmax.hpp"
#include "unroll/core/errors.hpp"
#include "unroll/core/random.hpp"
#include "unroll/io/file_bytes.hpp"
#include "unroll/io/json.hpp"
#include "unroll/optim/adam.hpp"
#include "unroll/train/truncated.hpp"

namespace unroll::program {
namespace {

struct LmOptions {
  std::string text;
  Index window = 64, sample = 400;
};

// Cuts ids into so many streams of one length, a multiple of the window if it is longer than that; to each id belongs
// the one that follows.
std::vector<Example> streams(std::span<const std::int32_t> ids, std::size_t rows, std::size_t window) {
  const std::size_t stride = ids.size() / rows;
  const std::size_t length = stride > window ? (stride - 1) / window * window : stride - 1;
  const Shape shape{static_cast<Index>(length)};
  std::vector<Example> result;
  for (std::size_t row = 0; row < rows; ++row)
    result.push_back(
        {Tensor(shape, ids.subspan(row * stride, length)), Tensor(shape, ids.subspan(row * stride + 1, length))});
  return result;
}

std::string sample(SequenceModel& model, const TextAlphabet& alphabet, std::int32_t first, Index length) {
  constexpr double temperature = 0.7;
  RandomGenerator random(3);
  Nest state = model.zero_state(1);
  std::string out;
  for (std::int32_t id = first; length > 0; --length) {
    const Tensor logits = model(one_hot(Tensor{{id}}, alphabet.size()), state);
    const Tensor p = softmax(reshape(logits, {-1}) / temperature);
    float u = random.uniform({}).item<float>();
    for (id = 0; id < p.size() - 1 && (u -= p.at<float>({id})) > 0;) ++id;
    out += alphabet.byte(id);
  }
  return out;
}

void train_lm(const LmOptions& lm, const TrainOptions& options, const CLI::App& command) {
  TrainRun run(options, command);
  const std::string text = read_file_bytes(lm.text, lm.text);
  const TextAlphabet alphabet(text);
  const std::vector<std::int32_t> all = alphabet.ids(text);
  const auto window = static_cast<std::size_t>(lm.window), batch = static_cast<std::size_t>(options.batch);
  const std::span<const std::int32_t> ids(all);
  const auto held = static_cast<std::size_t>(static_cast<double>(ids.size()) * options.validation);
  const std::size_t training = ids.size() - held;
  if (held < 2 || training <= window)
    raise<ValueError>(lm.text, "there are ", training, " characters to learn from and ", held,
                      " held out, expected more than a window of ", window, ", and 2");
  constexpr std::size_t long_enough = 1024;  // for the state to come to life
  const std::size_t rows = std::min(batch, training / (window + 1));
  const Batches batches(streams(ids.first(training), rows, window), {.batch_size = options.batch}),
      held_out(streams(ids.subspan(training), std::clamp<std::size_t>(held / long_enough, 1, batch), window),
               {.batch_size = options.batch, .shuffle = false});
  const std::int64_t steps_per_epoch = (batches.time(0, 0) + lm.window - 1) / lm.window;

  SequenceModel model(options, alphabet.size(), alphabet.size());
  Adam adam({.learning_rate = options.schedule(steps_per_epoch)});
  const FitResult result = fit_truncated(
      model.modules(), adam, batches,
      [&](const Batch& part, Nest& state) {
        const Tensor logits = model(one_hot(part.inputs, alphabet.size()), state);
        return reduce_mean(sparse_softmax_cross_entropy_with_logits(part.targets, logits)) / std::log(2.0);
      },
      {.window = lm.window, .initial_state = [&](Index count) { return model.zero_state(count); }},
      run.begin(held_out, steps_per_epoch));
  run.end(result);

  save_json(run.path("model.json"), model.modules());
  run.write("alphabet.csv", alphabet.table());
  const std::string made_up = sample(model, alphabet, all[0], lm.sample);
  run.write("sample.txt", made_up);
  std::cout << made_up << "\n\nwrote model.json, alphabet.csv and sample.txt to " << options.out
            << "\nheld out: " << *result.best_validation_loss << " bits a character (guessing "
            << std::log2(static_cast<double>(alphabet.size())) << ")\n";
}

void add_lm(CLI::App& train) {
  static LmOptions lm;
  static TrainOptions options{.units = 128, .batch = 16, .epochs = 40, .learning_rate = 1e-2, .clip = 5};
  auto* command = train.add_subcommand(
      "lm",
      "A language model of the characters (bytes) of a text, by truncated back-propagation; its end is held out. The\n"
      "model's inputs are one-hot rows, its outputs logits of the next character; alphabet.csv says which byte a "
      "column\n"
      "is. sample.txt is a text of its own.\n"
      "Example: unroll train lm book.txt --out run\n"
      "         unroll train lm book.txt --out run --units 256 --layers 2 --dropout 0.3\n"
      "         unroll train lm book.txt --out run --resume");
  command->add_option("TEXT", lm.text)->required();
  command->add_option("--window", lm.window, "characters that a gradient goes back through")
      ->check(CLI::Range(1, 1 << 20))
      ->capture_default_str();
  command->add_option("--sample", lm.sample, "characters of sample.txt")
      ->check(CLI::Range(0, 1 << 20))
      ->capture_default_str();
  add_train_options(*command, options);
  add_layer_options(*command, options);
  command->callback([command] { train_lm(lm, options, *command); });
}

const Recipe recipe("lm", add_lm);

}  // namespace

}  // namespace unroll::program
