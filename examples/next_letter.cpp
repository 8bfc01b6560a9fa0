// The next letter: a word list as one long text, learned with truncated back-propagation. Each row of a batch is a
// piece of the text; the state is carried from window to window, gradients stay within one. Then the model makes up
// words.
//
//     next_letter [--short] [LANGUAGE]      of data/words, by default english
#include <cmath>
#include <fstream>
#include <iostream>
#include <set>
#include <unroll/unroll.hpp>

#include "data.hpp"

using namespace unroll;

namespace {

constexpr Index letters = 27;  // 0 ends a word

// The words of a list that have only the letters a to z, in random order.
std::vector<std::string> read_words(const std::string& language) {
  std::ifstream file(data_file("words/" + language));
  std::vector<std::string> words;
  for (std::string word; std::getline(file, word);)
    if (word.size() > 2 && word.find_first_not_of("abcdefghijklmnopqrstuvwxyz") == std::string::npos)
      words.push_back(word);
  std::vector<Index> order(words.size());
  for (std::size_t k = 0; k < words.size(); ++k) order[k] = static_cast<Index>(k);
  shuffle(order, {.seed = 1});
  std::vector<std::string> shuffled;
  for (Index k : order) shuffled.push_back(words[static_cast<std::size_t>(k)]);
  return shuffled;
}

std::vector<std::int32_t> text_of(std::span<const std::string> words) {
  std::vector<std::int32_t> text{0};
  for (const std::string& word : words) {
    for (char c : word) text.push_back(c - 'a' + 1);
    text.push_back(0);
  }
  return text;
}

// Pieces of so many letters; to each letter belongs the one that follows.
std::vector<Example> pieces(const std::vector<std::int32_t>& text, Index length) {
  std::vector<Example> result;
  for (auto at = text.begin(); text.end() - at > length; at += length)
    result.push_back(
        {Tensor(Shape{length}, std::span<const std::int32_t>(&*at, static_cast<std::size_t>(length))),
         Tensor(Shape{length}, std::span<const std::int32_t>(&*at + 1, static_cast<std::size_t>(length)))});
  return result;
}

struct Model {
  Embedding embedding{letters, 32};
  LSTMCell cell{128};
  Dense head{letters};

  Tensor logits(const Tensor& ids, Nest& state) {
    auto [outputs, next] = dynamic_rnn(cell, embedding(ids), {.initial_state = state});
    state = next;
    return head(outputs);
  }
  Nest start(Index rows) const { return cell.zero_state(rows, float32); }
};

std::string made_up_word(Model& model, RandomGenerator& random) {
  std::string word;
  Nest state = model.start(1);
  for (std::int32_t letter = 0; word.size() < 30;) {
    const Tensor p = softmax(reshape(model.logits(Tensor{{letter}}, state), {-1}));
    float u = random.uniform({}).item<float>();
    for (letter = 0; letter < letters - 1 && (u -= p.at<float>({letter})) > 0;) ++letter;
    if (letter == 0) break;
    word += static_cast<char>('a' + letter - 1);
  }
  return word;
}

}  // namespace

int main(int argc, char** argv) {
  const bool is_short = argc > 1 && std::string(argv[1]) == "--short", named = argc > 1 + is_short;
  set_random_seed(1);
  const std::vector<std::string> words = read_words(named ? argv[1 + is_short] : "english");
  const std::size_t held_out = words.size() / 10;
  const std::span<const std::string> all(words);
  const Batches batches(pieces(text_of(all.subspan(held_out)), 640), {.batch_size = 32}),
      test(pieces(text_of(all.first(held_out)), 640), {.batch_size = 32, .shuffle = false});

  Model model;
  Adam adam({.learning_rate = 5e-3});
  const FitResult result = fit_truncated(
      {&model.embedding, &model.cell, &model.head}, adam, batches,
      [&](const Batch& window, Nest& state) {
        const Tensor logits = model.logits(window.inputs, state);
        return reduce_mean(sparse_softmax_cross_entropy_with_logits(window.targets, logits)) / std::log(2.0);
      },
      {.window = 64, .initial_state = [&](Index rows) { return model.start(rows); }},
      {.epochs = is_short ? 1 : 5, .clip_norm = 5, .validation = &test, .progress = &std::cout});

  std::cout << "made up:";
  const std::set<std::string> known(words.begin(), words.end());
  RandomGenerator random(2);
  for (int shown = 0; shown < 12;)
    if (const std::string word = made_up_word(model, random); word.size() > 3 && !known.contains(word))
      std::cout << ' ' << word, ++shown;
  const double bits = *result.best_validation_loss, target = is_short ? 3.3 : 2.85;
  std::cout << "\nwords held out: " << bits << " bits a letter (target " << target << ", guessing 4.75)\n";
  return named || bits < target ? 0 : 1;
}
