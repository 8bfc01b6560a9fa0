// Cells that drop: the compiled executor draws the masks that the eager one draws.
#include <doctest/doctest.h>

#include "unroll/unroll.hpp"

using namespace unroll;

namespace {

// Drops from its input, its state and its output.
class DroppingCell : public RNNCell {
 public:
  DroppingCell() : RNNCell("dropping", float64) {}
  std::string class_name() const override { return "DroppingCell"; }
  SizeNest state_size() const override { return 6; }
  SizeNest output_size() const override { return 6; }

 private:
  void create(const SpecNest& inputs) override { kernel_ = add_variable("kernel", {inputs.leaf().shape[1] + 6, 6}); }
  StepResult call(const Nest& x, const Nest& state) override {
    Tensor h = tanh(matmul(concat(dropout(x, 0.3), dropout(state, 0.2), 1), kernel_));
    return {dropout(h, 0.5), h};
  }
  Variable kernel_;
};

std::vector<Tensor> train(RNNCell& cell, const Tensor& lengths, Executor executor) {
  Tensor x = random_normal({9, 5, 4}, {.seed = 1}, float64);
  std::vector<Tensor> all;
  for (int call = 0; call < 2; ++call) {
    GradientTape tape;
    tape.watch(x);
    auto [y, state] =
        dynamic_rnn(cell, x, {.sequence_length = lengths, .dtype = float64, .time_major = true, .executor = executor});
    Tensor loss = reduce_sum(square(y.leaf()));
    state.for_each([&](const Tensor& s) { loss = loss + reduce_sum(s * s * s); });
    std::vector<Tensor> sources{x};
    for (const Variable& v : cell.trainable_variables()) sources.push_back(v.value());
    all.push_back(y.leaf());
    for (Tensor& g : tape.gradient(loss, sources)) all.push_back(std::move(g));
  }
  return all;
}

// Both from the same generator; and what is drawn afterwards is the same, too.
void check_same_masks(RNNCell& cell, const Tensor& lengths) {
  train(cell, lengths, Executor::eager);  // makes the variables
  set_random_seed(7);
  std::vector<Tensor> eager = train(cell, lengths, Executor::eager);
  std::uint64_t after_eager = global_generator().next_stream();
  set_random_seed(7);
  std::vector<Tensor> compiled = train(cell, lengths, Executor::compiled);
  CHECK(global_generator().next_stream() == after_eager);
  for (std::size_t k = 0; k < eager.size(); ++k) CHECK(allclose(compiled[k], eager[k], 1e-12, 1e-13));
}

std::shared_ptr<RNNCell> lstm() { return std::make_shared<LSTMCell>(6, LSTMCellOptions{.dtype = float64}); }

}  // namespace

TEST_CASE("a compiled cell that drops draws the masks of the eager one, full and ragged") {
  for (const Tensor& lengths : {Tensor(), Tensor{9, 3, 0, 5, 7}}) {
    DroppingCell own;
    check_same_masks(own, lengths);
    DropoutWrapper dropout(lstm(), {.input_keep_prob = 0.7, .output_keep_prob = 0.6, .state_keep_prob = 0.8});
    check_same_masks(dropout, lengths);
    ZoneoutWrapper zoneout(lstm(), {.zoneout_factor_cell = 0.3, .zoneout_factor_output = 0.4});
    check_same_masks(zoneout, lengths);
    DropoutWrapper variational(lstm(), {.input_keep_prob = 0.7,
                                        .output_keep_prob = 0.6,
                                        .state_keep_prob = 0.8,
                                        .variational_recurrent = true,
                                        .input_size = SizeNest(4),
                                        .dtype = float64});
    check_same_masks(variational, lengths);
  }
}

TEST_CASE("masks of a compiled cell differ from step to step and from call to call") {
  DropoutWrapper cell(std::make_shared<BasicRNNCell>(50), {.output_keep_prob = 0.5});
  Tensor x = ones({4, 3, 2});
  auto dropped = [&] {
    Tensor y = dynamic_rnn(cell, x, {.dtype = float32, .time_major = true, .executor = Executor::compiled}).outputs;
    return equal(y, 0.0);
  };
  Tensor first = dropped(), second = dropped();
  CHECK_FALSE(array_equal(first, second));
  for (Index t = 1; t < 4; ++t) CHECK_FALSE(array_equal(first.rows_view(0, 1), first.rows_view(t, t + 1)));
}

TEST_CASE("a cell that draws random numbers otherwise runs eagerly") {
  struct Noisy : RNNCell {
    std::string class_name() const override { return "Noisy"; }
    SizeNest state_size() const override { return 3; }
    SizeNest output_size() const override { return 3; }
    StepResult call(const Nest& x, const Nest&) override {
      Tensor y = x + random_normal({2, 3});
      return {y, y};
    }
  } cell;
  Tensor x = zeros({4, 2, 3});
  DynamicRnnOptions options{.dtype = float32, .time_major = true};
  CHECK(explain(cell, x, options).starts_with("eager: "));
  Tensor y = dynamic_rnn(cell, x, options).outputs;
  CHECK_FALSE(array_equal(y.rows_view(0, 1), y.rows_view(1, 2)));
}
