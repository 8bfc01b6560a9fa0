#include <algorithm>
#include <cmath>
#include <iostream>

#include "rows.hpp"
#include "scaling.hpp"
#include "sequence_model.hpp"
#include "train.hpp"
#include "train_run.hpp"
#include "unroll/autograd/ops/concat.hpp"
#include "unroll/autograd/ops/losses.hpp"
#include "unroll/autograd/ops/reshape.hpp"
#include "unroll/core/errors.hpp"
#include "unroll/io/json.hpp"
#include "unroll/optim/adam.hpp"
#include "unroll/train/truncated.hpp"

namespace unroll::program {
namespace {

struct RegressOptions {
  std::string series;
  Index window = 50, horizon = 1;
};

// (time, columns)
Tensor read_series(const std::string& path) {
  const std::unique_ptr<RowReader> file = open_rows(path);
  std::vector<double> row(file->width()), all;
  for (Index time = 0; file->read(row); ++time) {
    for (double value : row)
      if (!std::isfinite(value)) raise<DataLossError>(path, "time step ", time, ": expected finite numbers");
    all.insert(all.end(), row.begin(), row.end());
  }
  const auto width = static_cast<Index>(row.size());
  return Tensor(Tensor(Shape{static_cast<Index>(all.size()) / width, width}, all), float32);
}

Scaling scaling_of(const Tensor& series) {
  const auto width = static_cast<std::size_t>(series.shape(1));
  Scaling scaling(width);
  const Tensor numbers(series, float64);
  for (Index t = 0; t < series.shape(0); ++t)
    scaling.add(numbers.values<double>().subspan(static_cast<std::size_t>(t) * width, width));
  return scaling;
}

// Rows from `first` on, and to each the rows that follow, side by side.
Example cut(const Tensor& series, Index first, Index length, Index horizon) {
  const Index width = series.shape(1);
  Tensor targets(TensorSpec{{length, horizon * width}, float32});
  for (Index t = 0; t < length; ++t)
    std::copy_n(series.data<float>() + (first + t + 1) * width, horizon * width,
                targets.mutable_data<float>() + t * horizon * width);
  return {series.rows_view(first, first + length).clone(), targets};
}

// So many stretches of one length, a multiple of the window if it is longer than that.
std::vector<Example> stretches(const Tensor& series, Index rows, const RegressOptions& regress) {
  const Index stride = series.shape(0) / rows, most = stride - regress.horizon;
  const Index length = most > regress.window ? most / regress.window * regress.window : most;
  std::vector<Example> result;
  for (Index row = 0; row < rows; ++row) result.push_back(cut(series, row * stride, length, regress.horizon));
  return result;
}

// Of predictions for the rows from `first` on, in standard deviations.
double root_mean_square_error(const Example& all, const Tensor& predictions, Index first, Index horizon,
                              const Scaling& scaling) {
  const auto columns = static_cast<Index>(scaling.width());
  double sum = 0, count = 0;
  for (Index t = 0; t < all.targets.shape(0); ++t)
    for (Index k = 0; k < horizon; ++k)
      for (Index c = 0; c < columns && t + 1 + k >= first; ++c, ++count) {
        const double error = all.targets.at<float>({t, k * columns + c}) - predictions.at<float>({t, k * columns + c});
        sum += std::pow(error / scaling.deviation(static_cast<std::size_t>(c)), 2);
      }
  return std::sqrt(sum / count);
}

void train_regress(const RegressOptions& regress, const TrainOptions& options, const CLI::App& command) {
  TrainRun run(options, command);
  const Tensor series = read_series(regress.series);
  const Index time = series.shape(0), columns = series.shape(1), window = regress.window, horizon = regress.horizon;
  const Index held = static_cast<Index>(static_cast<double>(time) * options.validation), training = time - held;
  if (training < window + horizon || held <= horizon)
    raise<ValueError>(regress.series, "there are ", training, " time steps to learn from and ", held,
                      " held out, expected at least ", window + horizon, " and ", horizon + 1);
  const Scaling scaling = scaling_of(series.rows_view(0, training));
  const Tensor scaled = scaling(series);
  const Batches batches(
      stretches(scaled.rows_view(0, training), std::min(options.batch, training / (window + horizon)), regress),
      {.batch_size = options.batch}),
      held_out(stretches(scaled.rows_view(training, time), 1, regress));
  const std::int64_t steps_per_epoch = (batches.time(0, 0) + window - 1) / window;

  SequenceModel model(options, columns, horizon * columns);
  Adam adam({.learning_rate = options.schedule(steps_per_epoch)});
  const FitResult result = fit_truncated(
      model.modules(), adam, batches,
      [&](const Batch& part, Nest& state) { return mean_squared_error(part.targets, model(part.inputs, state)); },
      {.window = window, .initial_state = [&](Index rows) { return model.zero_state(rows); }},
      run.begin(held_out, steps_per_epoch));
  run.end(result);

  scaling.fold_into_inputs(model.cell());
  scaling.fold_into_outputs(model.head());
  save_json(run.path("model.json"), model.modules());
  const Example all = cut(series, 0, time - horizon, horizon);
  Nest state = model.zero_state(1);
  const Tensor predictions = squeeze(model(expand_dims(all.inputs, 0), state), {0});
  std::vector<Tensor> again(static_cast<std::size_t>(horizon), all.inputs);
  auto error = [&](const Tensor& guess) { return root_mean_square_error(all, guess, training, horizon, scaling); };
  std::cout << "wrote model.json to " << options.out << "\nheld out: root mean square error " << error(predictions)
            << " of the standard deviation (the last value again " << error(concat(again, 1)) << ")\n";
}

void add_regress(CLI::App& train) {
  static RegressOptions regress;
  static TrainOptions options{.batch = 8, .epochs = 200, .patience = 20};
  auto* command = train.add_subcommand(
      "regress",
      "A forecast of a time series: after each time step, the next one or several of all columns. The file is .csv, "
      ".npy\n"
      "or .wav as for unroll run; its end is held out. The model takes and gives numbers as they are in the file, one\n"
      "row a time step, those of the first step ahead first.\n"
      "Example: unroll train regress temperatures.csv --out run\n"
      "         unroll train regress temperatures.csv --horizon 24 --window 168 --out run\n"
      "         unroll run run/model.json temperatures.csv forecasts.csv");
  command->add_option("SERIES", regress.series)->required();
  command->add_option("--horizon", regress.horizon, "time steps ahead")
      ->check(CLI::Range(1, 1 << 14))
      ->capture_default_str();
  command->add_option("--window", regress.window, "time steps that a gradient goes back through")
      ->check(CLI::Range(1, 1 << 20))
      ->capture_default_str();
  add_train_options(*command, options);
  add_layer_options(*command, options);
  command->callback([command] { train_regress(regress, options, *command); });
}

const Recipe recipe("regress", add_regress);

}  // namespace

}  // namespace unroll::program
