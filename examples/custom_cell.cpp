// A cell of your own: the minimal gated unit (Zhou et al. 2016, arXiv:1603.09420), trained to count to three.
#include <iostream>
#include <unroll/unroll.hpp>

using namespace unroll;

//     f  = sigmoid([x, h] gate + gate_bias)
//     c  = tanh([x, f * h] candidate)
//     h' = (1 - f) * h + f * c
class MinimalGatedUnit : public RNNCell {
 public:
  explicit MinimalGatedUnit(Index units) : units_(units) {}
  std::string class_name() const override { return "MinimalGatedUnit"; }
  SizeNest state_size() const override { return units_; }
  SizeNest output_size() const override { return units_; }
  Config config() const override { return {{"num_units", units_}}; }

 private:
  void create(const SpecNest& inputs) override {
    Index depth = inputs.leaf().shape[1];
    gate_ = add_variable("gate", {depth + units_, units_});
    gate_bias_ = add_variable("gate_bias", {units_}, zeros_initializer());
    candidate_ = add_variable("candidate", {depth + units_, units_});
  }
  StepResult call(const Nest& x, const Nest& h) override {
    Tensor f = sigmoid(bias_add(matmul(concat(x, h, 1), gate_), gate_bias_));
    Tensor c = tanh(matmul(concat(x, f * h, 1), candidate_));
    Tensor next = (1.0 - f) * h + f * c;
    return {next, next};
  }
  Index units_;
  Variable gate_, gate_bias_, candidate_;
};

// Its gradients beside central differences, in float64.
bool gradients_are_right() {
  MinimalGatedUnit cell(3);
  Tensor x = random_normal({2, 5, 4}, {.seed = 1}, float64);
  auto run = [&] { return dynamic_rnn(cell, x, {.sequence_length = Tensor{5, 3}, .dtype = float64}).outputs; };
  run();  // makes the variables
  GradientCheck check = check_gradients(run, cell.variables());
  std::cout << check.to_string() << '\n';
  return static_cast<bool>(check);
}

// The output is 1 after every third pulse.
int main() {
  set_random_seed(1);
  const bool right = gradients_are_right();
  RandomGenerator random(2);
  MinimalGatedUnit cell(16);
  Dense head(1);
  Adam adam({.learning_rate = 1e-2});
  float accuracy = 0;
  for (int step = 1; step <= 400; ++step) {
    Tensor pulses = cast(less(random.uniform({32, 20, 1}), Tensor(0.5f)), float32);
    Tensor count = cast(cumsum(pulses, 1), int32);
    Tensor third = cast(equal(count, multiply(cast(cast(count, float32) / 3.0, int32), Tensor(3))), float32);
    GradientTape tape;
    Tensor logits = head(dynamic_rnn(cell, pulses, {.dtype = float32}).outputs);
    adam.minimize(tape, reduce_mean(sigmoid_cross_entropy_with_logits(third, logits)));
    accuracy =
        reduce_mean(cast(equal(greater(logits, Tensor(0.f)), greater(third, Tensor(0.5f))), float32)).item<float>();
    if (step % 25 == 0) std::cout << "step " << step << "  accuracy " << accuracy << '\n';
  }
  std::cout << "accuracy " << accuracy << " (target 0.98)\n";
  return right && accuracy >= 0.98f ? 0 : 1;
}
