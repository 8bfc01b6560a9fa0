#include "unroll/train/trainer.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "unroll/io/atomic_file.hpp"
#include "unroll/optim/clipping.hpp"
#include "unroll/train/interrupt.hpp"
#include "unroll/train/progress.hpp"
#include "unroll/train/windows.hpp"

namespace unroll {
namespace {

constexpr std::string_view who = "fit";

// The shortest decimal that reads back to the same bits.
std::string exact(double value) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

double read_number(const Checkpointer::Texts& texts, const std::string& key) {
  auto found = texts.find(key);
  double value = 0;
  if (found == texts.end() ||
      std::from_chars(found->second.data(), found->second.data() + found->second.size(), value).ec != std::errc())
    raise<ValueError>(who, "the checkpoint has no number \"", key, "\": it is none of fit()");
  return value;
}

std::int64_t read_integer(const Checkpointer::Texts& texts, const std::string& key) {
  return static_cast<std::int64_t>(read_number(texts, key));
}

class Fit {
 public:
  Fit(const std::vector<Module*>& modules, Optimizer& optimizer, const Batches& batches, const detail::Windows& windows,
      const FitOptions& options)
      : modules_(modules), optimizer_(optimizer), batches_(batches), windows_(windows), options_(options) {
    if ((options.epochs > 0) == (options.steps > 0))
      raise<ValueError>(who, "epochs is ", options.epochs, " and steps ", options.steps,
                        ", expected one of them to be greater than 0");
    if (options.restore_best && (options.folder.empty() || !options.validation))
      raise<ValueError>(who, "restore_best needs a folder and validation data");
    if (options.metric && !options.validation) raise<ValueError>(who, "metric needs validation data");
    if (!(options.clip_norm >= 0)) raise<ValueError>(who, "clip_norm is ", options.clip_norm, ", expected at least 0");
    last_ = options.steps > 0 ? options.steps : steps_of(options.epochs);
    optimizer.set_non_finite(options.non_finite);
  }

  FitResult run() {
    build();
    if (!options_.folder.empty())
      checkpointer_.emplace(options_.folder, TrainingState{modules_, &optimizer_, options_.others},
                            CheckpointerOptions{.keep = options_.keep});
    if (checkpointer_) resume();
    if (checkpointer_ && result_.step < last_) AtomicFile(who, options_.folder / "checkpoint");  // before any work
    std::optional<InterruptGuard> interrupt;
    if (options_.catch_interrupt) interrupt.emplace();
    std::optional<Progress> progress;
    if (options_.progress)
      progress.emplace(*options_.progress, result_.step, last_,
                       ProgressOptions{.terminal = options_.progress_on_terminal});
    if (progress)
      for (const std::string& text : result_.damaged) progress->say("damaged, so an older one is used: " + text);
    bool go_on = !has_stopped_early();
    while (go_on && result_.step < last_) {
      FitStatus status = step();
      if (progress) progress->update(status.step, shown(status));
      result_.stopped_early = has_stopped_early();
      result_.interrupted = interrupt && interrupt->requested();
      go_on = !result_.stopped_early && !result_.interrupted;
      if (options_.on_step && !options_.on_step(status)) go_on = false;
      const bool due = is_due(options_.checkpoint_every) || !go_on || result_.step == last_;
      if (checkpointer_ && due) result_.checkpoint = checkpointer_->save(result_.step, texts(), state());
    }
    if (progress) progress->finish();
    if (progress && result_.interrupted)
      progress->say(checkpointer_ ? "interrupted; checkpoint: " + result_.checkpoint.string() : "interrupted");
    if (options_.restore_best && !result_.interrupted)
      if (std::string wrong = restore_best(); !wrong.empty()) {
        if (progress) progress->say("damaged, so the last state is kept: " + wrong);
        result_.damaged.push_back(std::move(wrong));
      }
    return result_;
  }

 private:
  // What was wrong with its file, if anything.
  std::string restore_best() {
    try {
      if (!checkpointer_->restore_best() && result_.best_validation_loss)
        return "the best state is not in " + options_.folder.string();
    } catch (const DataLossError& error) {
      return error.what();
    }
    return {};
  }

  // Where training is: a window of a batch, counted from the start of all training, and the state before it.
  struct Position {
    std::int64_t batch = 0;
    Index window = 0;
    Nest carried = {};
  };

  std::int64_t epoch() const { return position_.batch / batches_.size(); }

  std::int64_t steps_of(std::int64_t epochs) const {
    const std::int64_t count = epochs * batches_.size();
    if (!windows_.truncated()) return count;
    std::int64_t steps = 0;
    for (std::int64_t k = 0; k < count; ++k)
      steps += windows_.count(batches_.time(k / batches_.size(), k % batches_.size()));
    return steps;
  }

  void build() {
    for (Module* module : modules_) {
      if (!module) raise<ValueError>(who, "expected a module, got a null pointer");
      if (!module->built()) {
        Nest carried;
        windows_.loss(batches_.get(0, 0), batches_.targets_have_time(), 0, carried);
        return;
      }
    }
  }

  void resume() {
    auto found = checkpointer_->restore();
    if (!found) return;
    result_.step = result_.resumed = found->step;
    result_.damaged = found->damaged;
    result_.skipped = read_integer(found->texts, "skipped");
    position_.batch = read_integer(found->texts, "batch");
    position_.window = read_integer(found->texts, "window");
    std::vector<Tensor> leaves;
    for (const auto& [name, tensor] : found->tensors) leaves.push_back(tensor);
    if (!leaves.empty()) position_.carried = windows_.state_of(leaves, leaves[0].shape(0));
    waited_ = static_cast<int>(read_number(found->texts, "waited"));
    if (found->texts.contains("best_validation_loss")) {
      result_.best_validation_loss = read_number(found->texts, "best_validation_loss");
      result_.best_step = read_integer(found->texts, "best_step");
    }
    if (options_.plateau) {
      options_.plateau->set_state({.best = read_number(found->texts, "plateau_best"),
                                   .waited = static_cast<int>(read_number(found->texts, "plateau_waited")),
                                   .cooling = static_cast<int>(read_number(found->texts, "plateau_cooling"))});
      optimizer_.set_learning_rate(read_number(found->texts, "learning_rate"));
    }
  }

  Checkpointer::Texts texts() const {
    Checkpointer::Texts texts{{"waited", std::to_string(waited_)},
                              {"skipped", std::to_string(result_.skipped)},
                              {"batch", std::to_string(position_.batch)},
                              {"window", std::to_string(position_.window)}};
    if (result_.best_validation_loss) {
      texts["best_validation_loss"] = exact(*result_.best_validation_loss);
      texts["best_step"] = std::to_string(result_.best_step);
    }
    if (options_.plateau) {
      texts["plateau_best"] = exact(options_.plateau->state().best);
      texts["plateau_waited"] = std::to_string(options_.plateau->state().waited);
      texts["plateau_cooling"] = std::to_string(options_.plateau->state().cooling);
      texts["learning_rate"] = exact(optimizer_.learning_rate());
    }
    return texts;
  }

  NamedTensors state() const {
    NamedTensors tensors;
    position_.carried.for_each([&](const Tensor& leaf) {
      if (leaf) tensors.emplace_back("state/" + std::to_string(tensors.size()), leaf);
    });
    return tensors;
  }

  // After every so many steps, or after each epoch.
  bool is_due(std::int64_t every) const {
    return every > 0 ? result_.step % every == 0 : position_.window == 0 && position_.batch % batches_.size() == 0;
  }
  bool has_stopped_early() const { return options_.patience > 0 && waited_ >= options_.patience; }

  Progress::Values shown(const FitStatus& status) {
    if (status.validation_loss) validated_ = status;
    Progress::Values values{{"loss", status.loss}};
    if (validated_.validation_loss) values.emplace_back("validation", *validated_.validation_loss);
    if (result_.best_validation_loss) values.emplace_back("best", *result_.best_validation_loss);
    if (validated_.metric) values.emplace_back(options_.metric_name, *validated_.metric);
    values.emplace_back("learning_rate", optimizer_.learning_rate());
    if (result_.skipped > 0) values.emplace_back("skipped", static_cast<double>(result_.skipped));
    return values;
  }

  FitStatus step() {
    if (position_.window == 0 || !batch_) batch_ = batches_.get(epoch(), position_.batch % batches_.size());
    const std::int64_t skipped = optimizer_.skipped_steps();
    {
      GradientTape tape;
      const Tensor loss = windows_.loss(*batch_, batches_.targets_have_time(), position_.window, position_.carried);
      result_.loss = loss.item<double>();
      if (options_.non_finite == NonFinite::raise && !std::isfinite(result_.loss))
        raise<InvalidArgumentError>(who, "the loss of step ", result_.step + 1, " is ", result_.loss);
      GradientsAndVariables gradients = optimizer_.compute_gradients(tape, loss, variables());
      if (options_.clip_norm > 0) clip(gradients);
      optimizer_.apply_gradients(gradients);
    }
    if (const std::int64_t more = optimizer_.skipped_steps() - skipped) {
      result_.skipped += more;
      position_.carried = {};
    }
    if (++position_.window == windows_.count(batch_->inputs.shape(1))) position_ = {.batch = position_.batch + 1};
    ++result_.step;
    FitStatus status{.step = result_.step, .epoch = epoch(), .loss = result_.loss, .validation_loss = {}, .metric = {}};
    if (options_.validation && is_due(options_.validate_every)) validate(status);
    return status;
  }

  std::vector<Variable> variables() const {
    std::vector<Variable> all;
    for (const Module* module : modules_)
      for (const Variable& v : module->trainable_variables())
        if (std::find(all.begin(), all.end(), v) == all.end()) all.push_back(v);
    return all;
  }

  void clip(GradientsAndVariables& gradients) const {
    std::vector<Tensor> tensors;
    for (auto& entry : gradients) tensors.push_back(std::move(entry.first));
    tensors = clip_by_global_norm(std::move(tensors), options_.clip_norm).tensors;
    for (std::size_t k = 0; k < gradients.size(); ++k) gradients[k].first = std::move(tensors[k]);
  }

  // The mean over rows, and over windows.
  void validate(FitStatus& status) {
    const Batches& batches = *options_.validation;
    double sum = 0, weights = 0, metrics = 0, all_rows = 0;
    for (Index k = 0; k < batches.size(); ++k) {
      const Batch batch = batches.get(0, k);
      Nest carried;
      const double rows = static_cast<double>(batch.inputs.shape(0));
      for (Index w = 0; w < windows_.count(batch.inputs.shape(1)); ++w) {
        sum += windows_.loss(batch, batches.targets_have_time(), w, carried).item<double>() * rows;
        weights += rows;
      }
      if (options_.metric) metrics += options_.metric(batch) * rows;
      all_rows += rows;
    }
    const double loss = sum / weights;
    status.validation_loss = loss;
    if (options_.metric) status.metric = metrics / all_rows;
    if (options_.plateau) options_.plateau->update(loss, optimizer_);
    if (!result_.best_validation_loss || loss < *result_.best_validation_loss) {
      result_.best_validation_loss = loss;
      result_.best_step = result_.step;
      waited_ = 0;
      if (checkpointer_) checkpointer_->save_best(result_.step, texts());
    } else {
      ++waited_;
    }
  }

  const std::vector<Module*>& modules_;
  Optimizer& optimizer_;
  const Batches& batches_;
  const detail::Windows& windows_;
  const FitOptions& options_;
  std::optional<Checkpointer> checkpointer_;
  std::optional<Batch> batch_;  // at the present position
  Position position_;
  FitResult result_;
  FitStatus validated_;  // when that was last done
  std::int64_t last_ = 0;
  int waited_ = 0;
};

}  // namespace

FitResult fit(const std::vector<Module*>& modules, Optimizer& optimizer, const Batches& batches,
              const std::function<Tensor(const Batch&)>& loss, const FitOptions& options) {
  const detail::Windows whole([&](const Batch& batch, Nest&) { return loss(batch); }, {});
  return Fit(modules, optimizer, batches, whole, options).run();
}

FitResult fit_truncated(const std::vector<Module*>& modules, Optimizer& optimizer, const Batches& batches,
                        const TruncatedLoss& loss, const TruncatedOptions& truncated, const FitOptions& options) {
  if (truncated.window < 1 || truncated.burn_in < 0 || !truncated.initial_state)
    raise<ValueError>("fit_truncated", "window is ", truncated.window, " and burn_in ", truncated.burn_in,
                      ", expected at least 1 and 0, and an initial_state");
  return Fit(modules, optimizer, batches, detail::Windows(loss, truncated), options).run();
}

}  // namespace unroll
