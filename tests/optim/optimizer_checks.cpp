#include "optim/optimizer_checks.hpp"

#include "support/golden.hpp"

namespace unroll {

double argument(const nlohmann::json& arguments, const char* name, double otherwise) {
  return arguments.contains(name) ? golden_number(arguments.at(name)) : otherwise;
}

bool flag(const nlohmann::json& arguments, const char* name) { return arguments.value(name, false); }

void check_golden(const std::string& tensorflow_class,
                  const std::function<std::unique_ptr<Optimizer>(const nlohmann::json&)>& make) {
  int count = 0;
  for (const auto& test : golden_cases("optimizers.json")) {
    if (test.at("optimizer") != "tf.compat.v1.train." + tensorflow_class) continue;
    CAPTURE(test.at("name").get<std::string>());
    ++count;
    auto optimizer = make(test.at("arguments"));
    std::vector<Variable> variables;
    for (const auto& item : test.at("variables"))
      variables.emplace_back(golden_tensor(item.at(1)), item.at(0).get<std::string>());
    const double rtol = test.at("tolerance").at("rtol"), atol = test.at("tolerance").at("atol");
    for (const auto& step : test.at("steps")) {
      std::vector<Tensor> gradients;
      for (const auto& gradient : step.at("gradients")) gradients.push_back(golden_tensor(gradient));
      optimizer->apply_gradients(gradients, variables);
      CAPTURE(optimizer->iterations());
      for (std::size_t k = 0; k < variables.size(); ++k)
        CHECK(allclose(variables[k], golden_tensor(step.at("variables").at(k)), rtol, atol, true));
    }
    std::vector<std::string> names;
    for (const Variable& variable : optimizer->variables()) names.push_back(variable.name());
    CHECK(names == test.value("slot_variables", std::vector<std::string>()));
  }
  CHECK(count > 0);
}

double error_after(Optimizer& optimizer, int steps) {
  Variable x(numbers({3, 5}, 1), "x"), y(numbers({4}, 2, float32), "y");
  const Tensor x_target = numbers({3, 5}, 3), y_target = numbers({4}, 4, float32);
  const Tensor curvature = numbers({3, 5}, 5) * numbers({3, 5}, 5) * 0.25 + 0.5;
  for (int k = 0; k < steps; ++k) {
    GradientTape tape;
    Tensor dx = x - x_target, dy = y - y_target;
    auto gradients = tape.gradient(Nest::tuple({curvature * dx * dx, 0.75 * dy * dy}), std::vector<Variable>{x, y});
    optimizer.apply_gradients(gradients, {x, y});
  }
  return std::max(difference(x, x_target), difference(y, y_target));
}

void check_same_bits(const MakeOptimizer& make) {
  for (DType dtype : {float32, float64}) {
    constexpr Index n = 67;
    auto whole = make(), parts = make();
    Variable x(numbers({n}, 1, dtype), "x");
    std::vector<Variable> elements;
    for (Index i = 0; i < n; ++i) elements.emplace_back(x.value().rows_view(i, i + 1), "element");
    for (int step = 0; step < 4; ++step) {
      Tensor gradient = numbers({n}, step + 2, dtype);
      std::vector<Tensor> pieces;
      for (Index i = 0; i < n; ++i) pieces.push_back(gradient.rows_view(i, i + 1));
      whole->apply_gradients({gradient}, {x});
      parts->apply_gradients(pieces, elements);
    }
    for (Index i = 0; i < n; ++i)
      CHECK(bit_equal(elements[static_cast<std::size_t>(i)], x.value().rows_view(i, i + 1)));
    CHECK_FALSE(bit_equal(x, numbers({n}, 1, dtype)));
  }
}

}  // namespace unroll
