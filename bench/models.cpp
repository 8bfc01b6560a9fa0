#include "models.hpp"

#include <memory>
#include <unroll/unroll.hpp>

using namespace unroll;

namespace bench {
namespace {

constexpr Index alphabet = 80, embedding_depth = 64;

// What both models share: named parts whose variables one Adam changes, gradients clipped before.
struct Training {
  Adam adam{{.learning_rate = 1e-3}};
  std::vector<Variable> variables;

  void step(GradientTape& tape, const Tensor& loss, std::initializer_list<const Module*> parts) {
    if (variables.empty())
      for (const Module* part : parts)
        for (const Variable& v : part->variables()) variables.push_back(v);
    auto [gradients, norm] = clip_by_global_norm(tape.gradient(loss, variables), 5.0);
    adam.apply_gradients(gradients, variables);
  }
};

struct CharModel {
  Embedding embedding{alphabet, embedding_depth};
  MultiRNNCell cell;
  Dense head{alphabet};
  Training training;
  Tensor ids, next;
  Nest state;

  CharModel(Index batch, Index time, Index units) : cell(LSTMCell(units), LSTMCell(units)) {
    RandomGenerator random(1);
    ids = random.integers({batch, time}, 0, alphabet, int32);
    next = random.integers({batch, time}, 0, alphabet, int32);
    state = cell.zero_state(batch, float32);
  }
  void step() {
    GradientTape tape;
    auto [outputs, last] = dynamic_rnn(cell, embedding(ids), {.initial_state = state, .dtype = float32});
    state = last;
    Tensor loss = reduce_mean(sparse_softmax_cross_entropy_with_logits(next, head(outputs)));
    training.step(tape, loss, {&embedding, &cell, &head});
  }
};

struct AddingModel {
  LSTMCell cell;
  Dense head{1};
  Training training;
  Tensor x, sum;

  AddingModel(Index batch, Index time, Index units) : cell(units) {
    RandomGenerator random(1);
    x = random.uniform({batch, time, 2});
    sum = random.uniform({batch, 1});
  }
  void step() {
    GradientTape tape;
    Nest state = dynamic_rnn(cell, x, {.dtype = float32}).state;
    training.step(tape, mean_squared_error(sum, head(state["h"])), {&cell, &head});
  }
};

template <class Model>
TrainedModel make(const std::string& name, int batch, int time, int units) {
  auto model = std::make_shared<Model>(batch, time, units);
  return {name, static_cast<double>(batch) * time, [model] { model->step(); }};
}

}  // namespace

TrainedModel char_model(int batch, int time, int units) { return make<CharModel>("char", batch, time, units); }
TrainedModel adding_model(int batch, int time, int units) { return make<AddingModel>("adding", batch, time, units); }

}  // namespace bench
