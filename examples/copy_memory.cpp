// Copy memory (Hochreiter and Schmidhuber 1997): ten symbols, a thousand steps of nothing, a mark; then the symbols are
// to be repeated. Back-propagation is truncated to a hundred steps, so no gradient ever goes from an answer back to
// what was to be remembered a thousand steps before. On such tasks alone the model would learn nothing. But rows are
// long, and tasks with pauses of all lengths follow one another in them, the state carried from window to window: from
// short pauses the model learns to write and to read, from those that nearly fill a window to keep, ever longer as the
// longest pause grows. What keeps well for a hundred steps has only little to mend for a thousand.
//
//     copy_memory [--short]
#include <cmath>
#include <iostream>
#include <string>
#include <unroll/unroll.hpp>

using namespace unroll;

namespace {

constexpr std::int32_t symbols = 8, mark = symbols + 1;  // 0 is the blank

// Tasks of so many symbols, as many as there is time for, with pauses of about as many lengths from 1 to 2 as from 500
// to 1000.
//
//     in:  s s s . . . . ! . . . s s s . ! . . .      targets:  . . . . . . . . s s s . . . . . s s s
Example make_row(Index count, Index longest_pause, Index time, RandomGenerator& random) {
  Tensor in = zeros({time}, int32), targets = zeros({time}, int32);
  for (Index start = 0;;) {
    const double most = static_cast<double>(longest_pause + 1);
    const auto pause = static_cast<Index>(std::pow(most, random.uniform({}).item<double>()));
    const Index answer = start + count + pause + 1;
    if (answer + count > time) return {in, targets};
    const Tensor s = random.integers({count}, 1, symbols + 1, int32);
    for (Index k = 0; k < count; ++k) {
      in.set({start + k}, s.at<std::int32_t>({k}));
      targets.set({answer + k}, s.at<std::int32_t>({k}));
    }
    in.set({answer - 1}, mark);
    start = answer + count;
  }
}

}  // namespace

int main(int argc, char** argv) {
  const bool is_short = argc > 1 && std::string(argv[1]) == "--short";
  set_random_seed(1);
  RandomGenerator random(2);
  const Index count = is_short ? 3 : 10, rows = 32, time = 1024, window = 100;
  const std::vector<Index> pauses =
      is_short ? std::vector<Index>{10, 30, 100} : std::vector<Index>{10, 30, 100, 300, 1000};
  GRUCell cell(is_short ? 64 : 96);
  Dense head(symbols + 1);
  auto logits = [&](const Tensor& ids, Nest& state) {
    auto [outputs, next] = dynamic_rnn(cell, one_hot(ids, symbols + 2), {.initial_state = state});
    state = next;
    return head(outputs);
  };
  auto zero_state = [&](Index batch) { return cell.zero_state(batch, float32); };

  for (Index longest : pauses) {
    const int batch_count = longest == pauses[0] ? (is_short ? 30 : 120) : (is_short ? 10 : 30);
    std::vector<Example> examples;
    for (Index k = 0; k < batch_count * rows; ++k) examples.push_back(make_row(count, longest, time, random));
    const Batches batches(std::move(examples), {.batch_size = rows});
    const std::int64_t steps = batches.size() * ((time + window - 1) / window);
    Adam adam({.learning_rate = cosine_decay({.learning_rate = 1e-2, .decay_steps = steps, .alpha = 0.1})});
    auto print_loss = [&](const FitStatus& status) {
      if (status.step % 50 == 0)
        std::cout << "pauses up to " << longest << "  step " << status.step << "  loss " << status.loss << std::endl;
      return true;
    };
    fit_truncated(
        {&cell, &head}, adam, batches,
        [&](const Batch& part, Nest& state) {
          return reduce_mean(sparse_softmax_cross_entropy_with_logits(part.targets, logits(part.inputs, state)));
        },
        {.window = window, .initial_state = zero_state}, {.epochs = 1, .clip_norm = 1, .on_step = print_loss});
  }

  // New tasks, all of the longest pause.
  const Index pause = pauses.back(), answer = count + pause + 1, test_rows = 200;
  const Tensor s = random.integers({test_rows, count}, 1, symbols + 1, int32);
  const Tensor in = concat(
      {s, zeros({test_rows, pause}, int32), full({test_rows, 1}, mark, int32), zeros({test_rows, count}, int32)}, 1);
  Nest state = zero_state(test_rows);
  const Tensor answers = slice(argmax(logits(in, state), 2, int32), {0, answer}, {-1, -1});
  const double recalled = reduce_mean(cast(equal(answers, s), float32)).item<double>();
  std::cout << "recalled after " << pause << " steps: " << recalled << " (target 0.95, guessing " << 1.0 / symbols
            << ")\n";
  return recalled >= 0.95 ? 0 : 1;
}
