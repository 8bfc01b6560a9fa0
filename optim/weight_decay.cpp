#include "unroll/optim/weight_decay.hpp"

#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/optim/schedule_check.hpp"

namespace unroll {

void add_weight_decay(GradientsAndVariables& gradients_and_variables, const WeightDecay& decay) {
  detail::check_not_negative("add_weight_decay", "rate", decay.rate);
  for (auto& [gradient, variable] : gradients_and_variables)
    if (gradient && (!decay.filter || decay.filter(variable.name())))
      gradient = gradient + variable.value() * decay.rate;
}

}  // namespace unroll
