#include "optimizer_runner.hpp"

namespace parity {

using namespace unroll;

RegisterOptimizer::RegisterOptimizer(const std::string& name, OptimizerMaker make, GradientsChange change) {
  RegisterRunner(name,
                 [make = std::move(make), change = std::move(change)](const Json& test, Differences& differences) {
                   std::unique_ptr<Optimizer> optimizer = make(test.at("arguments"));
                   std::vector<Variable> variables;
                   for (const Json& pair : test.at("variables")) variables.emplace_back(read_tensor(pair[1]), pair[0]);
                   for (std::size_t step = 0; step < test.at("steps").size(); ++step) {
                     const Json& now = test.at("steps")[step];
                     GradientsAndVariables gradients;
                     for (const Json& g : now.at("gradients"))
                       gradients.emplace_back(g.is_null() ? Tensor() : read_tensor(g), variables[gradients.size()]);
                     if (change) change(test.at("arguments"), static_cast<int>(step), gradients);
                     optimizer->apply_gradients(gradients);
                     for (std::size_t k = 0; k < variables.size(); ++k)
                       differences.compare(variables[k].name() + " after step " + std::to_string(step + 1),
                                           variables[k].value(), read_tensor(now.at("variables")[k]));
                   }
                   if (!has(test, "slot_variables")) return;
                   std::string got, want;
                   for (const Variable& v : optimizer->variables()) got += " " + v.name();
                   for (const Json& slot : test.at("slot_variables")) want += " " + slot.get<std::string>();
                   if (got != want) differences.add("slots are" + got + ", expected" + want);
                 });
}

}  // namespace parity
