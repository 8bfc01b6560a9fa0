// Polyphony: which notes come next? Songs that the program makes itself: a progression of four chords that goes round,
// in a key, at a tempo, with a melody of notes of the chord above it. Each step of time is the set of notes that sound,
// and the network gives each of 36 notes a probability to sound at the next step.
#include <iostream>
#include <unroll/unroll.hpp>

using namespace unroll;

namespace {

constexpr Index notes = 36, steps = 48;

// (steps + 1, notes) of 0 and 1.
Tensor song(RandomGenerator& random) {
  constexpr int progressions[4][4] = {{0, 5, 7, 0}, {0, 9, 5, 7}, {9, 5, 0, 7}, {2, 7, 0, 0}};  // roots above the key
  auto choose = [&](Index n) { return random.integers({}, 0, n).item<Index>(); };
  const Index key = choose(6), length = 2 * (1 + choose(2));
  const int* progression = progressions[choose(4)];
  Tensor out = zeros({steps + 1, notes});
  for (Index t = 0; t <= steps; ++t) {
    const Index degree = progression[t / length % 4], root = (key + degree) % 12;
    const bool minor = degree == 2 || degree == 9;
    const Index chord[3] = {root, root + (minor ? 3 : 4), root + 7};
    for (Index note : chord) out.set<float>({t, note}, 1);
    out.set<float>({t, 24 + chord[choose(3)] % 12}, 1);
  }
  return out;
}

std::vector<Example> songs(RandomGenerator& random, int count) {
  std::vector<Example> examples;
  for (int k = 0; k < count; ++k) {
    const Tensor all = song(random);
    examples.push_back({all.rows_view(0, steps), all.rows_view(1, steps + 1)});
  }
  return examples;
}

}  // namespace

int main() {
  set_random_seed(1);
  RandomGenerator random(2);
  const Batches batches(songs(random, 800), {.batch_size = 10}), held_out(songs(random, 200), {.batch_size = 200});
  LSTMCell cell(64);
  Dense head(notes);
  Adam adam({.learning_rate = cosine_decay({.learning_rate = 1e-2, .decay_steps = 2400, .alpha = 0.05})});
  auto logits = [&](const Tensor& x) { return head(dynamic_rnn(cell, x, {.dtype = float32}).outputs); };
  fit({&cell, &head}, adam, batches,
      [&](const Batch& batch) { return sigmoid_cross_entropy(batch.targets, logits(batch.inputs)); },
      {.epochs = 30, .clip_norm = 1, .validation = &held_out, .progress = &std::cout});

  // Of the chord's notes (the lower 24), in the second half of each song, when key and progression can be known.
  const Batch test = held_out.get(0, 0);
  auto chord = [](const Tensor& x) { return slice(x, {0, steps / 2, 0}, {-1, -1, 24}); };
  const Tensor truth = chord(test.targets);
  auto f1 = [&](const Tensor& guess) {
    return (reduce_sum(guess * truth) * 2.0 / (reduce_sum(guess) + reduce_sum(truth))).item<double>();
  };
  const double learned = f1(cast(greater(chord(logits(test.inputs)), Tensor(0.f)), float32));
  const double repeated = f1(chord(test.inputs));
  std::cout << "F1 of the notes of the next chord: " << learned << " (target 0.97; the last chord again " << repeated
            << ")\n";
  return learned >= 0.97 ? 0 : 1;
}
