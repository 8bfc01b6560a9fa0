// Losses and cross entropies: values and gradients.
#include <algorithm>
#include <map>

#include "runner.hpp"
#include "unroll/autograd/ops/cross_entropy.hpp"
#include "unroll/autograd/ops/ctc_loss.hpp"
#include "unroll/autograd/ops/losses.hpp"
#include "unroll/autograd/ops/sequence_loss.hpp"
#include "unroll/autograd/tape.hpp"

namespace parity {
namespace {

using namespace unroll;

struct Arguments {
  std::map<std::string, Tensor> inputs;
  const Json& json;

  const Tensor& operator[](const char* name) const { return inputs.at(name); }
  double number(const char* name, double otherwise) const { return get(json, name, otherwise); }
  LossOptions options() const {
    static const std::map<std::string, Reduction> reductions = {
        {"none", Reduction::none},
        {"weighted_sum", Reduction::sum},
        {"weighted_mean", Reduction::mean},
        {"weighted_sum_over_batch_size", Reduction::sum_over_batch_size},
        {"weighted_sum_by_nonzero_weights", Reduction::sum_by_nonzero_weights}};
    LossOptions result;
    if (inputs.contains("weights")) result.weights = inputs.at("weights");
    if (has(json, "reduction")) result.reduction = reductions.at(json.at("reduction").get<std::string>());
    return result;
  }
};

class LossRunner {
 public:
  // `at_least`: how precise TensorFlow is.
  LossRunner(const std::string& function, std::function<Tensor(const Arguments&)> loss, Tolerance at_least = {0, 0})
      : registration_(function, [loss, at_least](const Json& test, Differences& all) {
          Tolerance given = read_tolerance(test);
          Differences differences({std::max(given.rtol, at_least.rtol), std::max(given.atol, at_least.atol)});
          Arguments arguments{{}, test.at("arguments")};
          GradientTape tape({.persistent = true});
          for (auto& [name, json] : test.at("inputs").items()) {
            Tensor input = read_tensor(json);
            if (is_floating(input.dtype())) tape.watch(input);
            arguments.inputs[name] = input;
          }
          Tensor value = loss(arguments);
          // TensorFlow's losses are float32 for inputs of float64.
          differences.compare("value", value, read_tensor(test.at("value")), true);
          Tensor weights(read_tensor(test.at("cotangent")), value.dtype());
          for (auto& [name, json] : test.at("gradients").items())
            differences.compare("gradient of " + name,
                                tape.gradient(value, arguments.inputs.at(name), {.output_gradients = weights}),
                                read_tensor(json), true);
          for (const std::string& line : differences.lines()) all.add(line);
        }) {}

 private:
  RegisterRunner registration_;
};

Tensor run_ctc(const Arguments& a) {
  return ctc_loss(a["labels"], a["logits"], a["label_length"], a["logit_length"],
                  {.logits_time_major = get(a.json, "logits_time_major", true),
                   .blank_index = get<Index>(a.json, "blank_index", 0)});
}

Tensor run_sequence_loss(const Arguments& a) {
  return sequence_loss(a["logits"], a["targets"], a["weights"],
                       {.average_across_timesteps = get(a.json, "average_across_timesteps", true),
                        .average_across_batch = get(a.json, "average_across_batch", true),
                        .sum_over_timesteps = get(a.json, "sum_over_timesteps", false),
                        .sum_over_batch = get(a.json, "sum_over_batch", false)});
}

const LossRunner runners[] = {
    // For float64, too, it adds logarithms with log1pf(expf(x)).
    {"tf.compat.v1.nn.ctc_loss", run_ctc, {.rtol = 1e-6, .atol = 1e-7}},
    {"tf.nn.ctc_loss", run_ctc},
    {"tfa.seq2seq.sequence_loss", run_sequence_loss},
    {"tf.nn.softmax_cross_entropy_with_logits",
     [](auto& a) { return softmax_cross_entropy_with_logits(a["labels"], a["logits"]); }},
    {"tf.nn.sparse_softmax_cross_entropy_with_logits",
     [](auto& a) { return sparse_softmax_cross_entropy_with_logits(a["labels"], a["logits"]); }},
    {"tf.nn.sigmoid_cross_entropy_with_logits",
     [](auto& a) { return sigmoid_cross_entropy_with_logits(a["labels"], a["logits"]); }},
    {"tf.nn.weighted_cross_entropy_with_logits",
     [](auto& a) { return weighted_cross_entropy_with_logits(a["labels"], a["logits"], a.number("pos_weight", 1)); }},
    {"tf.nn.l2_loss", [](auto& a) { return l2_loss(a["t"]); }},
    {"tf.compat.v1.losses.mean_squared_error",
     [](auto& a) { return mean_squared_error(a["labels"], a["predictions"], a.options()); }},
    {"tf.compat.v1.losses.absolute_difference",
     [](auto& a) { return absolute_difference(a["labels"], a["predictions"], a.options()); }},
    {"tf.compat.v1.losses.huber_loss",
     [](auto& a) { return huber_loss(a["labels"], a["predictions"], a.number("delta", 1), a.options()); }},
    {"tf.compat.v1.losses.log_loss",
     [](auto& a) { return log_loss(a["labels"], a["predictions"], a.number("epsilon", 1e-7), a.options()); }},
    {"tf.compat.v1.losses.hinge_loss", [](auto& a) { return hinge_loss(a["labels"], a["logits"], a.options()); }},
    {"tf.compat.v1.losses.softmax_cross_entropy",
     [](auto& a) {
       return softmax_cross_entropy(a["onehot_labels"], a["logits"], a.number("label_smoothing", 0), a.options());
     }},
    {"tf.compat.v1.losses.sigmoid_cross_entropy",
     [](auto& a) {
       return sigmoid_cross_entropy(a["multi_class_labels"], a["logits"], a.number("label_smoothing", 0), a.options());
     }},
};

}  // namespace
}  // namespace parity
