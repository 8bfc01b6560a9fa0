// Keras's optimisers: the variables after each step.
#include <cmath>

#include "optimizer_runner.hpp"
#include "unroll/autograd/ops/selection.hpp"
#include "unroll/optim/adagrad.hpp"
#include "unroll/optim/adamax.hpp"
#include "unroll/optim/adamw.hpp"
#include "unroll/optim/clipping.hpp"
#include "unroll/optim/lion.hpp"
#include "unroll/optim/momentum.hpp"
#include "unroll/optim/nadam.hpp"
#include "unroll/optim/rmsprop.hpp"

namespace parity {
namespace {

using namespace unroll;

void clip(const Json& a, int, GradientsAndVariables& gradients) {
  std::vector<Tensor> tensors;
  for (auto& [gradient, variable] : gradients) tensors.push_back(gradient);
  if (has(a, "clipnorm")) tensors = clip_by_norm(tensors, a.at("clipnorm"));
  if (has(a, "clipvalue")) tensors = clip_by_value(tensors, -number(a, "clipvalue"), a.at("clipvalue"));
  if (has(a, "global_clipnorm")) tensors = clip_by_global_norm(tensors, a.at("global_clipnorm")).tensors;
  for (std::size_t k = 0; k < gradients.size(); ++k) gradients[k].first = tensors[k];
}

const RegisterOptimizer optimizers[] = {
    {"tf.keras.optimizers.SGD",
     [](const Json& a) {
       auto sgd = std::make_unique<Momentum>(MomentumOptions{.learning_rate = number(a, "learning_rate"),
                                                             .momentum = get(a, "momentum", 0.0),
                                                             .use_nesterov = get(a, "nesterov", false)});
       sgd->set_weight_decay({.rate = get(a, "weight_decay", 0.0)});
       return sgd;
     },
     clip},
    {"tf.keras.optimizers.Adam",
     [](const Json& a) {
       return std::make_unique<Adam>(AdamOptions{.learning_rate = number(a, "learning_rate"),
                                                 .beta1 = number(a, "beta_1"),
                                                 .beta2 = number(a, "beta_2"),
                                                 .epsilon = number(a, "epsilon"),
                                                 .amsgrad = get(a, "amsgrad", false)});
     },
     clip},
    {"tf.keras.optimizers.AdamW",
     [](const Json& a) {
       return std::make_unique<AdamW>(AdamWOptions{.learning_rate = number(a, "learning_rate"),
                                                   .weight_decay = {.rate = number(a, "weight_decay")},
                                                   .beta1 = number(a, "beta_1"),
                                                   .beta2 = number(a, "beta_2"),
                                                   .epsilon = number(a, "epsilon"),
                                                   .epsilon_hat = true});
     }},
    // Keras has rounded its 0.96 to float32.
    {"tf.keras.optimizers.Nadam",
     [](const Json& a) {
       return std::make_unique<NAdam>(
           NAdamOptions{.learning_rate = number(a, "learning_rate"),
                        .beta1 = number(a, "beta_1"),
                        .beta2 = number(a, "beta_2"),
                        .epsilon = number(a, "epsilon"),
                        .momentum_decay = std::log(static_cast<double>(0.96f)) / std::log(0.96)});
     }},
    {"tf.keras.optimizers.Adamax",
     [](const Json& a) {
       return std::make_unique<Adamax>(AdamaxOptions{.learning_rate = number(a, "learning_rate"),
                                                     .beta1 = number(a, "beta_1"),
                                                     .beta2 = number(a, "beta_2"),
                                                     .epsilon = number(a, "epsilon")});
     }},
    {"tf.keras.optimizers.Lion",
     [](const Json& a) {
       return std::make_unique<Lion>(LionOptions{
           .learning_rate = number(a, "learning_rate"), .beta1 = number(a, "beta_1"), .beta2 = number(a, "beta_2")});
     }},
    {"tf.keras.optimizers.RMSprop",
     [](const Json& a) {
       return std::make_unique<RMSProp>(RMSPropOptions{.learning_rate = number(a, "learning_rate"),
                                                       .decay = number(a, "rho"),
                                                       .momentum = get(a, "momentum", 0.0),
                                                       .epsilon = number(a, "epsilon"),
                                                       .centered = get(a, "centered", false),
                                                       .initial_rms = 0});
     }},
    {"tf.keras.optimizers.Adagrad",
     [](const Json& a) {
       return std::make_unique<Adagrad>(
           AdagradOptions{.learning_rate = number(a, "learning_rate"),
                          .initial_accumulator_value = number(a, "initial_accumulator_value"),
                          .epsilon = number(a, "epsilon")});
     }},
};

}  // namespace
}  // namespace parity
