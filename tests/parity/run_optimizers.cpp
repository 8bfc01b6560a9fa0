// TensorFlow 1's optimisers: the variables after each step.
#include "optimizer_runner.hpp"
#include "unroll/optim/adadelta.hpp"
#include "unroll/optim/adagrad.hpp"
#include "unroll/optim/adam.hpp"
#include "unroll/optim/ftrl.hpp"
#include "unroll/optim/gradient_descent.hpp"
#include "unroll/optim/momentum.hpp"
#include "unroll/optim/proximal_adagrad.hpp"
#include "unroll/optim/proximal_gradient_descent.hpp"
#include "unroll/optim/rmsprop.hpp"

namespace parity {
namespace {

using namespace unroll;

const RegisterOptimizer optimizers[] = {
    {"tf.compat.v1.train.AdadeltaOptimizer",
     [](const Json& a) {
       return std::make_unique<Adadelta>(AdadeltaOptions{.learning_rate = get(a, "learning_rate", 0.001),
                                                         .rho = get(a, "rho", 0.95),
                                                         .epsilon = get(a, "epsilon", 1e-8)});
     }},
    {"tf.compat.v1.train.AdagradOptimizer",
     [](const Json& a) {
       return std::make_unique<Adagrad>(
           AdagradOptions{.learning_rate = number(a, "learning_rate"),
                          .initial_accumulator_value = get(a, "initial_accumulator_value", 0.1)});
     }},
    {"tf.compat.v1.train.FtrlOptimizer",
     [](const Json& a) {
       return std::make_unique<Ftrl>(
           FtrlOptions{.learning_rate = number(a, "learning_rate"),
                       .learning_rate_power = get(a, "learning_rate_power", -0.5),
                       .initial_accumulator_value = get(a, "initial_accumulator_value", 0.1),
                       .l1_regularization_strength = get(a, "l1_regularization_strength", 0.0),
                       .l2_regularization_strength = get(a, "l2_regularization_strength", 0.0),
                       .l2_shrinkage_regularization_strength = get(a, "l2_shrinkage_regularization_strength", 0.0)});
     }},
    {"tf.compat.v1.train.ProximalGradientDescentOptimizer",
     [](const Json& a) {
       return std::make_unique<ProximalGradientDescent>(
           ProximalGradientDescentOptions{.learning_rate = number(a, "learning_rate"),
                                          .l1_regularization_strength = get(a, "l1_regularization_strength", 0.0),
                                          .l2_regularization_strength = get(a, "l2_regularization_strength", 0.0)});
     }},
    {"tf.compat.v1.train.ProximalAdagradOptimizer",
     [](const Json& a) {
       return std::make_unique<ProximalAdagrad>(
           ProximalAdagradOptions{.learning_rate = number(a, "learning_rate"),
                                  .initial_accumulator_value = get(a, "initial_accumulator_value", 0.1),
                                  .l1_regularization_strength = get(a, "l1_regularization_strength", 0.0),
                                  .l2_regularization_strength = get(a, "l2_regularization_strength", 0.0)});
     }},
    {"tf.compat.v1.train.GradientDescentOptimizer",
     [](const Json& a) {
       return std::make_unique<GradientDescent>(GradientDescentOptions{.learning_rate = number(a, "learning_rate")});
     }},
    {"tf.compat.v1.train.MomentumOptimizer",
     [](const Json& a) {
       return std::make_unique<Momentum>(MomentumOptions{.learning_rate = number(a, "learning_rate"),
                                                         .momentum = number(a, "momentum"),
                                                         .use_nesterov = get(a, "use_nesterov", false)});
     }},
    {"tf.compat.v1.train.RMSPropOptimizer",
     [](const Json& a) {
       return std::make_unique<RMSProp>(RMSPropOptions{.learning_rate = number(a, "learning_rate"),
                                                       .decay = get(a, "decay", 0.9),
                                                       .momentum = get(a, "momentum", 0.0),
                                                       .epsilon = get(a, "epsilon", 1e-10),
                                                       .centered = get(a, "centered", false)});
     }},
    {"tf.compat.v1.train.AdamOptimizer",
     [](const Json& a) {
       return std::make_unique<Adam>(AdamOptions{.learning_rate = get(a, "learning_rate", 0.001),
                                                 .beta1 = get(a, "beta1", 0.9),
                                                 .beta2 = get(a, "beta2", 0.999),
                                                 .epsilon = get(a, "epsilon", 1e-8)});
     }},
};

}  // namespace
}  // namespace parity
