// What was written? Pen strokes of several digits in a row, drawn by the program with a shaky hand: at each step how
// far the pen moved, and whether it was down. Which digits they are is known in training, not where each begins and
// ends: connectionist temporal classification (CTC) finds out.
#include <cmath>
#include <iostream>
#include <unroll/unroll.hpp>

using namespace unroll;

namespace {

struct Point {
  double x, y;
};

// The corners of the digits 0 to 9 in a square of 1, y upwards.
const std::vector<std::vector<Point>> shapes = {
    {{0, 1}, {0, 0}, {1, 0}, {1, 1}, {0, 1}},           {{0.2, 0.7}, {0.6, 1}, {0.6, 0}},
    {{0, 1}, {1, 1}, {1, 0.5}, {0, 0}, {1, 0}},         {{0, 1}, {1, 1}, {0.4, 0.5}, {1, 0.3}, {0, 0}},
    {{0.3, 1}, {0, 0.4}, {1, 0.4}, {0.8, 0}},           {{1, 1}, {0, 1}, {0, 0.5}, {1, 0.4}, {0, 0}},
    {{0.8, 1}, {0, 0.3}, {0.5, 0}, {1, 0.3}, {0, 0.4}}, {{0, 1}, {1, 1}, {0.3, 0}},
    {{1, 1}, {0, 0.8}, {1, 0.2}, {0.2, 0}, {0.9, 0.9}}, {{1, 0.8}, {0, 0.8}, {0.1, 1}, {1, 0.9}, {0.8, 0}}};

constexpr Index most_labels = 5, classes = 11;  // class 10 is the blank

// (steps, 3): dx, dy, pen down; and labels (most_labels,), -1 behind the last.
Example drawing(RandomGenerator& random) {
  auto between = [&](double low, double high) { return random.uniform({}, low, high).item<double>(); };
  const Index count = random.integers({}, 1, most_labels + 1).item<Index>();
  const double slant = between(-0.3, 0.3), size = between(0.8, 1.2), speed = between(0.3, 0.5);
  Tensor labels = full({most_labels}, -1, int32);
  std::vector<float> steps;
  Point pen{0, 0};
  auto move = [&](Point to, bool down) {
    const double distance = std::hypot(to.x - pen.x, to.y - pen.y);
    const int parts = std::max(1, static_cast<int>(std::lround(distance / speed)));
    const Tensor shake = random.normal({parts, 2}, 0, 0.03);
    for (Index k = 0; k < parts; ++k) {
      steps.push_back(static_cast<float>((to.x - pen.x) / parts) + shake.at<float>({k, 0}));
      steps.push_back(static_cast<float>((to.y - pen.y) / parts) + shake.at<float>({k, 1}));
      steps.push_back(down ? 1.f : 0.f);
    }
    pen = to;
  };
  for (Index k = 0; k < count; ++k) {
    const Index digit = random.integers({}, 0, 10).item<Index>();
    labels.set<std::int32_t>({k}, static_cast<std::int32_t>(digit));
    const double left = 1.5 * static_cast<double>(k);
    bool down = false;
    for (const Point& corner : shapes[static_cast<std::size_t>(digit)]) {
      move({left + size * (corner.x + slant * corner.y), size * corner.y}, down);
      down = true;
    }
  }
  return {Tensor(Shape{static_cast<Index>(steps.size()) / 3, 3}, steps), labels};
}

// How many insertions, deletions and changes make `a` into `b` (Levenshtein).
std::size_t distance(const std::vector<std::int64_t>& a, const std::vector<std::int64_t>& b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i)
    for (std::size_t j = 0, diagonal = 0; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = j == 0 ? i : std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1])});
      diagonal = above;
    }
  return row.back();
}

// The labels of a row, up to the first -1.
std::vector<std::int64_t> labels_of(const Tensor& table, Index row) {
  std::vector<std::int64_t> labels;
  for (Index k = 0; k < table.shape(1) && table.at<std::int64_t>({row, k}) >= 0; ++k)
    labels.push_back(table.at<std::int64_t>({row, k}));
  return labels;
}

}  // namespace

int main() {
  set_random_seed(1);
  RandomGenerator random(2);
  std::vector<Example> drawings, held_out;
  for (int k = 0; k < 3000; ++k) drawings.push_back(drawing(random));
  for (int k = 0; k < 300; ++k) held_out.push_back(drawing(random));
  const Batches batches(std::move(drawings), {.batch_size = 32});

  LSTMCell forwards(48), backwards(48);
  Dense head(classes);
  Adam adam({.learning_rate = cosine_decay({.learning_rate = 1e-2, .decay_steps = 8 * batches.size()})});
  auto logits = [&](const Batch& batch) {
    auto [outputs, states] = bidirectional_dynamic_rnn(forwards, backwards, batch.inputs,
                                                       {.sequence_length = batch.lengths, .dtype = float32});
    return head(concat(outputs[0], outputs[1], 2));
  };
  fit({&forwards, &backwards, &head}, adam, batches,
      [&](const Batch& batch) {
        const Tensor real = greater_equal(batch.targets, Tensor(0)), count = reduce_sum(cast(real, int32), {1});
        return reduce_mean(ctc_loss(maximum(batch.targets, Tensor(0)), logits(batch), count, batch.lengths,
                                    {.logits_time_major = false, .blank_index = -1}));
      },
      {.epochs = 8, .clip_norm = 5, .progress = &std::cout});

  const Batch test = Batches(std::move(held_out), {.batch_size = 300}).get(0, 0);
  const Tensor decoded = ctc_greedy_decoder(transpose(logits(test), {1, 0, 2}), test.lengths).decoded;
  std::size_t errors = 0, labels = 0;
  for (Index row = 0; row < 300; ++row) {
    const auto truth = labels_of(cast(test.targets, int64), row);
    errors += distance(labels_of(decoded, row), truth);
    labels += truth.size();
  }
  const double rate = static_cast<double>(errors) / static_cast<double>(labels);
  std::cout << "label error rate: " << rate << " (target 0.03)\n";
  return rate < 0.03 ? 0 : 1;
}
