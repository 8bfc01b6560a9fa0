#include "unroll/train/trainer.hpp"

#include <cmath>
#include <csignal>
#include <sstream>

#include "toy.hpp"
#include "unroll/train/interrupt.hpp"

using namespace unroll;
using namespace testing;

TEST_CASE("fit takes the steps that a loop by hand takes") {
  Toy by_fit, by_hand;
  const FitResult result = by_fit.fit({.epochs = 2, .clip_norm = 1e9});
  CHECK(result.step == 6);
  const Batches batches = toy_batches();
  set_random_seed(3);
  by_hand.loss(batches.get(0, 0));
  double loss = 0;
  for (int step = 0; step < 6; ++step) {
    GradientTape tape;
    Tensor now = by_hand.loss(batches.get(step / 3, step % 3));
    by_hand.adam.minimize(tape, now);
    loss = now.item<double>();
  }
  CHECK(result.loss == loss);
  check_same_bits(by_fit.values(), by_hand.values());
}

TEST_CASE("a run that is ended and started again reaches the same bits") {
  TemporaryFolder folder;
  const Batches validation = toy_batches(50, 4);
  auto options = [&](const char* name) {
    return FitOptions{.steps = 20, .folder = folder / name, .checkpoint_every = 4, .validation = &validation};
  };
  Toy whole, first, second;
  set_random_seed(3);
  ReduceOnPlateau plateau({.patience = 1, .min_delta = 0}), plateau1({.patience = 1, .min_delta = 0}),
      plateau2({.patience = 1, .min_delta = 0});
  FitOptions all = options("whole");
  all.plateau = &plateau;
  whole.fit(all);
  set_random_seed(3);
  FitOptions cut = options("cut");
  cut.plateau = &plateau1;
  cut.on_step = [](const FitStatus& status) { return status.step < 11; };
  CHECK(first.fit(cut).step == 11);
  set_random_seed(99);
  cut.plateau = &plateau2;
  cut.on_step = {};
  const FitResult result = second.fit(cut);
  CHECK(result.resumed == 11);
  CHECK(result.step == 20);
  check_same_bits(second.values(), whole.values());
  CHECK(second.adam.learning_rate() == whole.adam.learning_rate());
  CHECK(plateau2.state() == plateau.state());
  Toy third;
  CHECK(third.fit(cut).resumed == 20);  // nothing is left to do
  check_same_bits(third.values(), whole.values());
}

TEST_CASE("training ends early when validation gets no better, with the best state if asked") {
  TemporaryFolder folder;
  Toy toy;
  const Batches validation = toy_batches(50, 4);
  std::vector<double> losses;
  const FitResult result = toy.fit({.steps = 500,
                                    .folder = folder.path(),
                                    .validation = &validation,
                                    .validate_every = 2,
                                    .patience = 3,
                                    .restore_best = true,
                                    .on_step = [&](const FitStatus& status) {
                                      if (status.validation_loss) losses.push_back(*status.validation_loss);
                                      return true;
                                    }});
  CHECK(result.stopped_early);
  CHECK(result.step < 500);
  CHECK(result.step == static_cast<std::int64_t>(losses.size()) * 2);
  CHECK(*result.best_validation_loss == *std::min_element(losses.begin(), losses.end()));
  CHECK(result.best_step == result.step - 6);
  CHECK(toy.adam.iterations() == result.best_step);
}

TEST_CASE("a metric is the mean over the rows of validation, told the callback and shown") {
  Toy toy;
  const Batches validation = toy_batches(50, 4);  // batches of 3 rows and 1
  std::vector<double> told;
  std::ostringstream out;
  FitOptions options{.steps = 4,
                     .validation = &validation,
                     .validate_every = 2,
                     .metric = [](const Batch& batch) { return double(batch.inputs.shape(0)); },
                     .metric_name = "rows",
                     .on_step =
                         [&](const FitStatus& status) {
                           CHECK(status.metric.has_value() == (status.step % 2 == 0));
                           CHECK(status.metric.has_value() == status.validation_loss.has_value());
                           if (status.metric) told.push_back(*status.metric);
                           return true;
                         },
                     .progress = &out};
  toy.fit(options);
  CHECK(told == std::vector<double>{2.5, 2.5});
  CHECK(out.str().find("  rows 2.5  ") != std::string::npos);
  CHECK(out.str().find("  validation ") != std::string::npos);
  options.validation = nullptr;
  CHECK_THROWS_WITH_AS(toy.fit(options), "fit: metric needs validation data", ValueError);
}

TEST_CASE("if the best state is damaged, or gone, the last one is kept and that is said") {
  for (bool gone : {false, true}) {
    TemporaryFolder folder;
    Toy toy, same;
    const Batches validation = toy_batches(50, 4);
    std::ostringstream out;
    FitOptions options{.steps = 6,
                       .folder = folder.path(),
                       .validation = &validation,
                       .validate_every = 2,
                       .restore_best = true,
                       .on_step =
                           [&](const FitStatus& status) {
                             if (status.step < 6) return true;
                             if (gone)
                               std::filesystem::remove(folder / "best.safetensors");
                             else
                               write_file(folder / "best.safetensors", "damaged");
                             return true;
                           },
                       .progress = &out};
    set_random_seed(3);
    const FitResult result = toy.fit(options);
    CHECK(result.damaged.size() == 1);
    CHECK(out.str().find("damaged, so the last state is kept: ") != std::string::npos);
    CHECK(toy.adam.iterations() == 6);
    options.folder = folder / "same";
    options.restore_best = false;
    options.on_step = {};
    set_random_seed(3);
    same.fit(options);
    check_same_bits(toy.values(), same.values());
  }
}

TEST_CASE("an interrupt ends the step and writes a checkpoint, and says where") {
  TemporaryFolder folder;
  Toy toy;
  std::ostringstream out;
  const FitResult result = toy.fit({.steps = 100,
                                    .folder = folder.path(),
                                    .on_step =
                                        [](const FitStatus& status) {
                                          if (status.step == 5) std::raise(SIGINT);
                                          return true;
                                        },
                                    .progress = &out,
                                    .catch_interrupt = true});
  // The signal came after the step was looked at, so one more was taken.
  CHECK(result.interrupted);
  CHECK(result.step == 6);
  CHECK(out.str().find("6/100 [=>") != std::string::npos);
  CHECK(out.str().find("interrupted; checkpoint: " + (folder / "checkpoint-0000000006.safetensors").string()) !=
        std::string::npos);
}

TEST_CASE("there is one interrupt guard at a time") {
  {
    InterruptGuard guard;
    CHECK_FALSE(guard.requested());
    CHECK_THROWS_AS(InterruptGuard(), RuntimeError);
    std::raise(SIGINT);
    CHECK(guard.requested());
  }
  InterruptGuard next;
  CHECK_FALSE(next.requested());
}

TEST_CASE("a damaged checkpoint is said") {
  TemporaryFolder folder;
  Toy first, second;
  const FitResult before = first.fit({.steps = 6, .folder = folder.path(), .checkpoint_every = 2});
  write_file(before.checkpoint, "damaged");
  std::ostringstream out;
  const FitResult result = second.fit({.steps = 6, .folder = folder.path(), .checkpoint_every = 2, .progress = &out});
  CHECK(result.resumed == 4);
  CHECK(result.damaged.size() == 1);
  CHECK(out.str().find("damaged, so an older one is used") != std::string::npos);
  check_same_bits(second.values(), first.values());
}

TEST_CASE("what is not finite ends training by name of its step, or is skipped and counted") {
  TemporaryFolder folder;
  Toy toy;
  auto run = [&](const FitOptions& options) {
    return fit(
        toy.modules(), toy.adam, toy_batches(),
        [&](const Batch& b) {
          const Tensor loss = toy.loss(b);
          return toy.adam.iterations() == 2 && toy.adam.skipped_steps() < 3 ? loss * NAN : loss;
        },
        options);
  };
  FitOptions options{.steps = 8, .folder = folder.path(), .checkpoint_every = 1};
  CHECK_THROWS_WITH_AS(run(options), doctest::Contains("fit: the loss of step 3 is nan"), InvalidArgumentError);
  options.non_finite = NonFinite::skip;
  options.on_step = [](const FitStatus& status) { return status.step < 6; };
  std::ostringstream out;
  options.progress = &out;
  FitResult result = run(options);
  CHECK(result.resumed == 2);
  CHECK(result.skipped == 3);
  CHECK(result.step == 6);
  CHECK(toy.adam.iterations() == 3);
  CHECK(out.str().find("skipped 3") != std::string::npos);
  options.on_step = {};
  result = run(options);
  CHECK(result.skipped == 3);
  CHECK(toy.adam.iterations() == 5);
  for (const Tensor& value : toy.values())
    for (float x : value.values<float>()) CHECK(std::isfinite(x));
}

TEST_CASE("options that do not go together are refused") {
  Toy toy;
  CHECK_THROWS_WITH_AS(toy.fit({}), doctest::Contains("expected one of them"), ValueError);
  CHECK_THROWS_AS(toy.fit({.epochs = 1, .steps = 1}), ValueError);
  CHECK_THROWS_WITH_AS(toy.fit({.steps = 1, .restore_best = true}), doctest::Contains("needs a folder"), ValueError);
  CHECK_THROWS_AS(toy.fit({.steps = 1, .clip_norm = -1}), ValueError);
}
