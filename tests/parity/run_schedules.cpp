// Learning rate schedules: their value at given steps.
#include "runner.hpp"
#include "unroll/autograd/ops/slice.hpp"
#include "unroll/optim/cosine_decay.hpp"
#include "unroll/optim/exponential_decay.hpp"
#include "unroll/optim/piecewise_constant.hpp"
#include "unroll/optim/polynomial_decay.hpp"

namespace parity {
namespace {

using namespace unroll;

struct RegisterSchedule {
  RegisterSchedule(const std::string& name, std::function<Schedule(const Json& arguments)> make) {
    RegisterRunner("tf.compat.v1.train." + name, [make = std::move(make)](const Json& test, Differences& differences) {
      Schedule schedule = make(test.at("arguments"));
      const Tensor values = read_tensor(test.at("values"));
      for (std::size_t k = 0; k < test.at("steps").size(); ++k) {
        auto step = test.at("steps")[k].get<std::int64_t>();
        differences.compare("step " + std::to_string(step), Tensor(schedule(step)), row(values, static_cast<Index>(k)),
                            true);
      }
    });
  }
};

DecayOptions decay(const Json& a) {
  return {.learning_rate = a.at("learning_rate"),
          .decay_steps = a.at("decay_steps"),
          .decay_rate = a.at("decay_rate"),
          .staircase = get(a, "staircase", false)};
}

const RegisterSchedule schedules[] = {
    {"exponential_decay", [](const Json& a) { return exponential_decay(decay(a)); }},
    {"natural_exp_decay", [](const Json& a) { return natural_exp_decay(decay(a)); }},
    {"inverse_time_decay", [](const Json& a) { return inverse_time_decay(decay(a)); }},
    {"piecewise_constant",
     [](const Json& a) {
       return piecewise_constant(a.at("boundaries").get<std::vector<std::int64_t>>(),
                                 a.at("values").get<std::vector<double>>());
     }},
    {"polynomial_decay",
     [](const Json& a) {
       return polynomial_decay({.learning_rate = a.at("learning_rate"),
                                .decay_steps = a.at("decay_steps"),
                                .end_learning_rate = get(a, "end_learning_rate", 0.0001),
                                .power = get(a, "power", 1.0),
                                .cycle = get(a, "cycle", false)});
     }},
    {"cosine_decay",
     [](const Json& a) {
       return cosine_decay(
           {.learning_rate = a.at("learning_rate"), .decay_steps = a.at("decay_steps"), .alpha = get(a, "alpha", 0.0)});
     }},
    {"cosine_decay_restarts",
     [](const Json& a) {
       return cosine_decay_restarts({.learning_rate = a.at("learning_rate"),
                                     .first_decay_steps = a.at("first_decay_steps"),
                                     .t_mul = get(a, "t_mul", 2.0),
                                     .m_mul = get(a, "m_mul", 1.0),
                                     .alpha = get(a, "alpha", 0.0)});
     }},
    {"linear_cosine_decay",
     [](const Json& a) {
       return linear_cosine_decay({.learning_rate = a.at("learning_rate"),
                                   .decay_steps = a.at("decay_steps"),
                                   .num_periods = get(a, "num_periods", 0.5),
                                   .alpha = get(a, "alpha", 0.0),
                                   .beta = get(a, "beta", 0.001)});
     }},
};

}  // namespace
}  // namespace parity
