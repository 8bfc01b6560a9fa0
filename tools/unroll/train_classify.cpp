#include <algorithm>
#include <cmath>
#include <functional>
#include <iostream>
#include <map>

#include "csv_numbers.hpp"
#include "labelled_rows.hpp"
#include "scaling.hpp"
#include "sequence_model.hpp"
#include "text_alphabet.hpp"
#include "train.hpp"
#include "train_run.hpp"
#include "unroll/autograd/ops/cast.hpp"
#include "unroll/autograd/ops/comparison.hpp"
#include "unroll/autograd/ops/cross_entropy.hpp"
#include "unroll/autograd/ops/one_hot.hpp"
#include "unroll/autograd/ops/reduce.hpp"
#include "unroll/core/errors.hpp"
#include "unroll/core/random.hpp"
#include "unroll/io/json.hpp"
#include "unroll/optim/adam.hpp"

namespace unroll::program {
namespace {

struct ClassifyOptions {
  std::string file, label = "first";
  std::size_t features = 1;
  bool text = false;
};

// Rows in random order, the held-out ones first.
struct Data {
  std::vector<LabelledRow> rows;
  std::size_t held = 0;
  std::map<std::string, std::int32_t> labels;
};

std::vector<double> numbers(const std::string& file, const LabelledRow& row, std::size_t features) {
  std::vector<double> result;
  std::string_view text = row.content;
  const bool good = parse_numbers(text, result) &&
                    std::all_of(result.begin(), result.end(), [](double x) { return std::isfinite(x); });
  if (!good)
    raise<DataLossError>(file, "line ", row.line, ": expected finite numbers, got \"", row.content.substr(0, 40), "\"");
  if (result.size() % features != 0)
    raise<DataLossError>(file, "line ", row.line, ": expected a multiple of ", features, " numbers, got ",
                         result.size());
  return result;
}

Data read(const ClassifyOptions& classify, const TrainOptions& options) {
  Data data;
  std::vector<LabelledRow> rows = read_labelled_rows(classify.file, classify.label == "last");
  std::string_view first = rows[0].content;
  std::vector<double> ignored;
  if (!classify.text && !parse_numbers(first, ignored) && ignored.empty()) rows.erase(rows.begin());  // names
  std::vector<Index> order(rows.size());
  for (std::size_t k = 0; k < order.size(); ++k) order[k] = static_cast<Index>(k);
  shuffle(order, {.seed = options.seed});
  for (Index k : order) data.rows.push_back(std::move(rows[static_cast<std::size_t>(k)]));

  data.held = static_cast<std::size_t>(std::ceil(static_cast<double>(data.rows.size()) * options.validation));
  const std::span<const LabelledRow> all(data.rows);
  for (const LabelledRow& row : all.subspan(data.held)) data.labels.emplace(row.label, 0);
  std::int32_t count = 0;
  for (auto& [label, number] : data.labels) number = count++;
  if (count < 2) raise<ValueError>(classify.file, "there are ", count, " labels to learn from, expected at least 2");
  for (const LabelledRow& row : all.first(data.held))
    if (!data.labels.contains(row.label))
      raise<ValueError>(classify.file, "line ", row.line, ": the label \"", row.label.substr(0, 40),
                        "\" is in rows alone that are held out: it needs more rows, or another --seed");
  return data;
}

// Right answers as a share of all.
double accuracy(const Tensor& logits, const Batch& batch) {
  return reduce_mean(cast(equal(argmax(logits, 1, int32), batch.targets), float32)).item<double>();
}
double accuracy(const Batches& batches, const std::function<Tensor(const Batch&)>& logits) {
  double right = 0, count = 0;
  for (Index k = 0; k < batches.size(); ++k) {
    const Batch batch = batches.get(0, k);
    const auto rows = static_cast<double>(batch.targets.size());
    right += accuracy(logits(batch), batch) * rows;
    count += rows;
  }
  return right / count;
}

double share_of_most_frequent(std::span<const LabelledRow> rows) {
  std::map<std::string, double> counts;
  double most = 0;
  for (const LabelledRow& row : rows) most = std::max(most, ++counts[row.label]);
  return most / static_cast<double>(rows.size());
}

struct Sequences {
  std::vector<Example> examples;
  Scaling scaling;  // of the numbers of those to learn from
};

Sequences sequences(const ClassifyOptions& classify, const Data& data, const TextAlphabet& alphabet) {
  Sequences result{{}, Scaling(classify.features)};
  for (const LabelledRow& row : data.rows) {
    Tensor inputs;
    if (classify.text) {
      const std::vector<std::int32_t> ids = alphabet.ids(row.content);
      inputs = Tensor(Shape{static_cast<Index>(ids.size())}, ids);
    } else {
      const std::vector<double> values = numbers(classify.file, row, classify.features);
      const std::size_t steps = values.size() / classify.features;
      for (std::size_t k = 0; k < steps && result.examples.size() >= data.held; ++k)
        result.scaling.add(std::span(values).subspan(k * classify.features, classify.features));
      const Shape shape{static_cast<Index>(steps), static_cast<Index>(classify.features)};
      inputs = Tensor(Tensor(shape, values), float32);
    }
    result.examples.push_back({inputs, Tensor(data.labels.at(row.label))});
  }
  return result;
}

void train_classify(const ClassifyOptions& classify, const TrainOptions& options, const CLI::App& command) {
  TrainRun run(options, command);
  const Data data = read(classify, options);
  std::string text;
  for (const LabelledRow& row : data.rows) text += classify.text ? row.content : "";
  const TextAlphabet alphabet(text);
  const Sequences all = sequences(classify, data, alphabet);
  const Scaling& scaling = all.scaling;
  const auto first = all.examples.begin(), held_end = first + static_cast<std::ptrdiff_t>(data.held);
  const Batches batches({held_end, all.examples.end()}, {.batch_size = options.batch, .seed = options.seed}),
      held_out({first, held_end}, {.batch_size = options.batch, .shuffle = false});

  SequenceModel model(options, classify.text ? alphabet.size() : static_cast<Index>(classify.features),
                      static_cast<Index>(data.labels.size()));
  Adam adam({.learning_rate = options.schedule(batches.size())});
  auto logits = [&](const Batch& batch) {
    return model.last(classify.text ? one_hot(batch.inputs, alphabet.size()) : scaling(batch.inputs), batch.lengths);
  };
  FitOptions how = run.begin(held_out, batches.size());
  how.metric = [&](const Batch& batch) { return accuracy(logits(batch), batch); };
  how.metric_name = "accuracy";
  const FitResult result = fit(
      model.modules(), adam, batches,
      [&](const Batch& batch) {
        return reduce_mean(sparse_softmax_cross_entropy_with_logits(batch.targets, logits(batch)));
      },
      how);
  run.end(result);

  if (!classify.text) scaling.fold_into_inputs(model.cell());
  save_json(run.path("model.json"), model.modules());
  std::string labels;
  for (const auto& [label, number] : data.labels) labels += label + '\n';
  run.write("labels.txt", labels);
  if (classify.text) run.write("alphabet.csv", alphabet.table());
  const double right = accuracy(held_out, [&](const Batch& batch) {
    return model.last(classify.text ? one_hot(batch.inputs, alphabet.size()) : batch.inputs, batch.lengths);
  });
  std::cout << "wrote model.json" << (classify.text ? ", alphabet.csv" : "") << " and labels.txt to " << options.out
            << "\nheld out: " << right << " of " << data.held << " right (the most frequent label "
            << share_of_most_frequent(std::span(data.rows).first(data.held)) << ")\n";
}

void add_classify(CLI::App& train) {
  static ClassifyOptions classify;
  static TrainOptions options;
  auto* command = train.add_subcommand(
      "classify",
      "A classifier of sequences of any lengths. A line of the file is a label and a sequence: \"label,v1,v2,...\", "
      "so\n"
      "many numbers a time step one after another, or with --text \"label,some word\". The model's outputs are a "
      "logit\n"
      "for each label, in the order of labels.txt; those of the last time step are the answer. Numbers go in as they\n"
      "are, text as one-hot rows by alphabet.csv.\n"
      "Example: unroll train classify gestures.csv --features 3 --out run\n"
      "         unroll train classify data/digits.csv --label last --features 8 --out run\n"
      "         unroll train classify names.csv --text --out run --layers 2 --dropout 0.2");
  command->add_option("FILE", classify.file)->required();
  command->add_option("--features", classify.features, "numbers of a time step")
      ->check(CLI::Range(1, 1 << 16))
      ->capture_default_str();
  command->add_flag("--text", classify.text, "sequences are the bytes of a text")->excludes("--features");
  command->add_option("--label", classify.label, "where in a line it stands")
      ->check(CLI::IsMember({"first", "last"}))
      ->capture_default_str();
  add_train_options(*command, options);
  add_layer_options(*command, options);
  command->callback([command] { train_classify(classify, options, *command); });
}

const Recipe recipe("classify", add_classify);

}  // namespace

}  // namespace unroll::program
