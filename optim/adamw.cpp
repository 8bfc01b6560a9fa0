#include "unroll/optim/adamw.hpp"

namespace unroll {

AdamW::AdamW(AdamWOptions options)
    : Adam({.learning_rate = std::move(options.learning_rate),
            .beta1 = options.beta1,
            .beta2 = options.beta2,
            .epsilon = options.epsilon,
            .amsgrad = options.amsgrad,
            .epsilon_hat = options.epsilon_hat,
            .name = std::move(options.name)}) {
  set_weight_decay(std::move(options.weight_decay));
}

}  // namespace unroll
