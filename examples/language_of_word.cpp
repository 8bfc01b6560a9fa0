// Which language is this word? Words of six languages, read letter by letter by two LSTMs, one from each end. They have
// different lengths, and what is padded costs nothing. Ends with the confusion matrix on words that were held out.
#include <fstream>
#include <iomanip>
#include <iostream>
#include <unroll/unroll.hpp>

#include "data.hpp"

using namespace unroll;

namespace {

const std::vector<std::string> languages = {"danish", "dutch", "english", "german", "polish", "portuguese"};

// A word as its bytes in UTF-8, without its capital.
Example example(std::string word, Index language) {
  if (word[0] >= 'A' && word[0] <= 'Z') word[0] = static_cast<char>(word[0] + 'a' - 'A');
  std::vector<std::int32_t> bytes;
  for (unsigned char c : word) bytes.push_back(c);
  return {Tensor(Shape{static_cast<Index>(bytes.size())}, bytes), Tensor(static_cast<std::int32_t>(language))};
}

// So many words of a list, chosen at random.
std::vector<Example> read(Index language, int count, RandomGenerator& random) {
  std::ifstream file(data_file("words/" + languages[static_cast<std::size_t>(language)]));
  std::vector<std::string> words;
  for (std::string word; std::getline(file, word);)
    if (word.size() > 2 && word.find('\'') == std::string::npos) words.push_back(word);
  std::vector<Example> examples;
  const Tensor order = random.permutation(static_cast<Index>(words.size()));
  for (Index k = 0; k < count; ++k)
    examples.push_back(example(words[static_cast<std::size_t>(order.at<std::int64_t>({k}))], language));
  return examples;
}

struct Model {
  Embedding embedding{256, 16};
  LSTMCell forwards{64}, backwards{64};
  Dense head{6};

  Tensor operator()(const Batch& batch) {
    auto [outputs, states] = bidirectional_dynamic_rnn(forwards, backwards, embedding(batch.inputs),
                                                       {.sequence_length = batch.lengths, .dtype = float32});
    return head(concat(states[0]["h"], states[1]["h"], 1));
  }
};

}  // namespace

int main(int argc, char** argv) {
  const bool is_short = argc > 1 && std::string(argv[1]) == "--short";
  const int words = is_short ? 2000 : 10000, held_out = 500;
  set_random_seed(1);
  RandomGenerator random(2);
  std::vector<Example> training, test;
  for (Index language = 0; language < 6; ++language) {
    std::vector<Example> all = read(language, words + held_out, random);
    test.insert(test.end(), all.begin(), all.begin() + held_out);
    training.insert(training.end(), all.begin() + held_out, all.end());
  }

  Model model;
  Adam adam({.learning_rate = 4e-3});
  Batches batches(std::move(training), {.batch_size = 64});
  fit({&model.embedding, &model.forwards, &model.backwards, &model.head}, adam, batches,
      [&](const Batch& batch) {
        return reduce_mean(sparse_softmax_cross_entropy_with_logits(batch.targets, model(batch)));
      },
      {.epochs = is_short ? 4 : 5, .clip_norm = 5, .progress = &std::cout});

  std::vector<std::vector<int>> confusion(6, std::vector<int>(6, 0));
  Batches test_batches(std::move(test), {.batch_size = 500, .shuffle = false});
  for (Index k = 0; k < test_batches.size(); ++k) {
    const Batch batch = test_batches.get(0, k);
    const Tensor guesses = argmax(model(batch), 1, int32);
    for (Index row = 0; row < guesses.size(); ++row)
      ++confusion[static_cast<std::size_t>(batch.targets.at<std::int32_t>({row}))]
                 [static_cast<std::size_t>(guesses.at<std::int32_t>({row}))];
  }
  double right = 0;
  std::cout << std::setw(10) << "is \\ taken";
  for (const std::string& name : languages) std::cout << std::setw(11) << name;
  for (std::size_t is = 0; is < 6; ++is) {
    std::cout << '\n' << std::setw(10) << languages[is];
    for (int count : confusion[is]) std::cout << std::setw(11) << count;
    right += confusion[is][is];
  }
  const double share = right / (6 * held_out), target = is_short ? 0.65 : 0.8;
  std::cout << "\nright: " << share << " (target " << target << ", guessing 0.167)\n";
  return share >= target ? 0 : 1;
}
