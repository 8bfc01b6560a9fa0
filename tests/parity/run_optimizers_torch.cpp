// PyTorch's optimisers: the variables after each step.
#include "optimizer_runner.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/optim/adadelta.hpp"
#include "unroll/optim/adagrad.hpp"
#include "unroll/optim/adamax.hpp"
#include "unroll/optim/adamw.hpp"
#include "unroll/optim/exponential_decay.hpp"
#include "unroll/optim/momentum.hpp"
#include "unroll/optim/nadam.hpp"
#include "unroll/optim/radam.hpp"
#include "unroll/optim/rmsprop.hpp"
#include "unroll/optim/weight_decay.hpp"

namespace parity {
namespace {

using namespace unroll;

double beta(const Json& a, int which, double otherwise) {
  return has(a, "betas") ? a.at("betas")[static_cast<std::size_t>(which)].get<double>() : otherwise;
}

// PyTorch adds the decay to the gradient; dampening makes all gradients smaller but the first.
void decay(const Json& a, int step, GradientsAndVariables& gradients) {
  add_weight_decay(gradients, {.rate = get(a, "weight_decay", 0.0)});
  if (step == 0) return;
  for (auto& [gradient, variable] : gradients) gradient = gradient * (1 - get(a, "dampening", 0.0));
}

const RegisterOptimizer optimizers[] = {
    {"torch.optim.SGD",
     [](const Json& a) {
       return std::make_unique<Momentum>(MomentumOptions{.learning_rate = number(a, "lr"),
                                                         .momentum = get(a, "momentum", 0.0),
                                                         .use_nesterov = get(a, "nesterov", false)});
     },
     decay},
    {"torch.optim.Adam",
     [](const Json& a) {
       return std::make_unique<Adam>(AdamOptions{.learning_rate = number(a, "lr"),
                                                 .beta1 = beta(a, 0, 0.9),
                                                 .beta2 = beta(a, 1, 0.999),
                                                 .epsilon = get(a, "eps", 1e-8),
                                                 .amsgrad = get(a, "amsgrad", false),
                                                 .epsilon_hat = false});
     },
     decay},
    {"torch.optim.AdamW",
     [](const Json& a) {
       return std::make_unique<AdamW>(AdamWOptions{.learning_rate = number(a, "lr"),
                                                   .weight_decay = {.rate = get(a, "weight_decay", 0.01)},
                                                   .beta1 = beta(a, 0, 0.9),
                                                   .beta2 = beta(a, 1, 0.999),
                                                   .epsilon = get(a, "eps", 1e-8),
                                                   .amsgrad = get(a, "amsgrad", false)});
     }},
    {"torch.optim.RAdam",
     [](const Json& a) {
       return std::make_unique<RAdam>(
           RAdamOptions{.learning_rate = number(a, "lr"), .beta1 = beta(a, 0, 0.9), .beta2 = beta(a, 1, 0.999)});
     },
     decay},
    {"torch.optim.NAdam",
     [](const Json& a) {
       return std::make_unique<NAdam>(NAdamOptions{.learning_rate = number(a, "lr"),
                                                   .beta1 = beta(a, 0, 0.9),
                                                   .beta2 = beta(a, 1, 0.999),
                                                   .product_dtype = float32});
     }},
    {"torch.optim.Adamax",
     [](const Json& a) {
       return std::make_unique<Adamax>(AdamaxOptions{.learning_rate = number(a, "lr"), .epsilon_in_maximum = true});
     }},
    {"torch.optim.RMSprop",
     [](const Json& a) {
       return std::make_unique<RMSProp>(RMSPropOptions{.learning_rate = number(a, "lr"),
                                                       .decay = get(a, "alpha", 0.99),
                                                       .momentum = get(a, "momentum", 0.0),
                                                       .epsilon = get(a, "eps", 1e-8),
                                                       .centered = get(a, "centered", false),
                                                       .epsilon_in_root = false,
                                                       .initial_rms = 0});
     },
     decay},
    {"torch.optim.Adagrad",
     [](const Json& a) {
       return std::make_unique<Adagrad>(AdagradOptions{
           .learning_rate = inverse_time_decay(
               {.learning_rate = number(a, "lr"), .decay_steps = 1, .decay_rate = get(a, "lr_decay", 0.0)}),
           .initial_accumulator_value = get(a, "initial_accumulator_value", 0.0),
           .epsilon = get(a, "eps", 1e-10),
           .epsilon_in_root = false});
     }},
    {"torch.optim.Adadelta",
     [](const Json& a) {
       return std::make_unique<Adadelta>(AdadeltaOptions{
           .learning_rate = number(a, "lr"), .rho = get(a, "rho", 0.9), .epsilon = get(a, "eps", 1e-6)});
     }},
};

}  // namespace
}  // namespace parity
