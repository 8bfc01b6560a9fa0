// A character-level language model: embedding, two LSTM layers, softmax; truncated back-propagation with carried state.
//
//     char_lm [--short] [FILE]      any text; by default the GNU General Public License
#include <unistd.h>

#include <array>
#include <chrono>
#include <cmath>
#include <fstream>
#include <iostream>
#include <iterator>
#include <unroll/unroll.hpp>

using namespace unroll;

namespace {

constexpr Index batch = 16, window = 64, units = 128;

// The characters of a text as numbers 0, 1, ...
struct Text {
  std::vector<std::int32_t> ids;
  std::string alphabet;

  explicit Text(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::string all{std::istreambuf_iterator<char>(file), {}};
    constexpr std::size_t least = batch * (window + 2) * 10 / 9;
    if (all.size() < least)
      throw std::runtime_error(path + " cannot be read, or has fewer than " + std::to_string(least) + " characters");
    std::array<std::int32_t, 256> number;
    number.fill(-1);
    for (unsigned char c : all) {
      if (number[c] < 0) {
        number[c] = static_cast<std::int32_t>(alphabet.size());
        alphabet += static_cast<char>(c);
      }
      ids.push_back(number[c]);
    }
  }
};

struct Model {
  Embedding embedding;
  MultiRNNCell cell;
  Dense head;

  explicit Model(Index alphabet) : embedding(alphabet, 64), cell(LSTMCell(units), LSTMCell(units)), head(alphabet) {}

  // Logits (rows, time, alphabet) for ids (rows, time); `state` goes on from call to call.
  Tensor operator()(const Tensor& ids, Nest& state) {
    auto [outputs, next] = dynamic_rnn(cell, embedding(ids), {.initial_state = state, .dtype = float32});
    state = next;
    return head(outputs);
  }
  Nest start(Index rows) const { return cell.zero_state(rows, float32); }
  std::vector<Variable> variables() const {
    std::vector<Variable> all = embedding.variables();
    for (const Module* part : {static_cast<const Module*>(&cell), static_cast<const Module*>(&head)})
      for (const Variable& v : part->variables()) all.push_back(v);
    return all;
  }
};

// `rows` streams of `time` ids, `stride` apart, from position `first` on.
Tensor cut(const std::vector<std::int32_t>& ids, Index first, Index rows, Index stride, Index time) {
  Tensor out = zeros({rows, time}, int32);
  for (Index row = 0; row < rows; ++row)
    std::copy_n(ids.begin() + first + row * stride, time, out.mutable_data<std::int32_t>() + row * time);
  return out;
}

Tensor bits_per_character(const Tensor& logits, const Tensor& next) {
  return reduce_mean(sparse_softmax_cross_entropy_with_logits(next, logits)) / std::log(2.0);
}

std::string sample(Model& model, const Text& text, std::int32_t first, int length) {
  RandomGenerator random(3);
  Nest state = model.start(1);
  std::string out;
  for (int k = 0; k < length; ++k) {
    Tensor p = softmax(reshape(model(Tensor{{first}}, state), {-1}) / 0.7);
    float u = random.uniform({}).item<float>();
    for (first = 0; first < p.size() - 1 && (u -= p.at<float>({first})) > 0;) ++first;
    out += text.alphabet[static_cast<std::size_t>(first)];
  }
  return out;
}

}  // namespace

int main(int argc, char** argv) try {
  bool is_short = argc > 1 && std::string(argv[1]) == "--short";
  const bool own_text = argc > 1 + is_short;
  std::string path = own_text ? argv[1 + is_short] : "/usr/share/common-licenses/GPL-3";
  set_random_seed(2);
  Text text(path);
  const Index train = static_cast<Index>(text.ids.size()) * 9 / 10, stride = train / batch;
  const int steps = is_short ? 60 : 1500;
  Model model(static_cast<Index>(text.alphabet.size()));
  Adam adam({.learning_rate = 4e-3});

  Nest state = model.start(batch);
  Index at = 0;
  float training_loss = 0;
  auto begin = std::chrono::steady_clock::now();
  for (int step = 1; step <= steps; ++step, at += window) {
    if (at + window + 1 > stride) {
      at = 0;
      state = model.start(batch);
    }
    GradientTape tape;
    Tensor logits = model(cut(text.ids, at, batch, stride, window), state);
    Tensor loss = bits_per_character(logits, cut(text.ids, at + 1, batch, stride, window));
    std::vector<Variable> variables = model.variables();
    auto [gradients, norm] = clip_by_global_norm(tape.gradient(loss, variables), 5.0);
    adam.apply_gradients(gradients, variables);
    training_loss = loss.item<float>();
    if (step % (is_short ? 20 : 50) == 0) {
      double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
      std::cout << "step " << step << "/" << steps << "  loss " << training_loss << " bits/char  "
                << static_cast<Index>(step * batch * window / seconds) << " chars/s  "
                << static_cast<int>(seconds / step * (steps - step) + 0.5) << " s left" << std::endl;
    }
  }

  Nest from_start = model.start(1);
  Index held_out = static_cast<Index>(text.ids.size()) - train - 1;
  Tensor logits = model(cut(text.ids, train, 1, 0, held_out), from_start);
  float loss = bits_per_character(logits, cut(text.ids, train + 1, 1, 0, held_out)).item<float>();
  double uniform = std::log2(static_cast<double>(text.alphabet.size()));
  std::cout << "held-out tenth: " << loss << " bits/char (" << uniform << " for guessing)\n\n"
            << sample(model, text, text.ids[0], 400) << "\n\n";

  save_json("charlm.json", model.embedding, model.cell, model.head);
  Model again(static_cast<Index>(text.alphabet.size()));
  load_json("charlm.json", again.embedding, again.cell, again.head);
  Nest a = model.start(1), b = again.start(1);
  Tensor ids = cut(text.ids, train, 1, 0, 50);
  bool same = bit_equal(model(ids, a), again(ids, b));
  std::cout << "wrote charlm.json; loaded into a fresh model its outputs are " << (same ? "bit-identical" : "DIFFERENT")
            << "\nnext: ./dev demo FILE for a text of your own; examples/char_lm.cpp to change the model\n";
  bool learned = own_text || (is_short ? training_loss < 0.75 * uniform : loss < 0.6 * uniform);
  if (!learned) std::cerr << "char_lm: the model has not learned what it should have\n";
  return same && learned ? 0 : 1;
} catch (const std::exception& error) {
  std::cerr << "char_lm: " << error.what() << '\n';
  return 1;
}
