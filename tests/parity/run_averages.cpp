// Exponential moving averages of variables and of tensors.
#include "runner.hpp"
#include "unroll/optim/exponential_moving_average.hpp"

namespace parity {
namespace {

using namespace unroll;

const RegisterRunner exponential_moving_average("ExponentialMovingAverage", [](const Json& test,
                                                                               Differences& differences) {
  const Json& a = test.at("arguments");
  ExponentialMovingAverage average(a.at("decay"), {.zero_debias = get(a, "zero_debias", false)});
  const bool of_tensor = !has(test, "initial_value");
  Variable variable;
  if (!of_tensor) {
    variable = Variable(read_tensor(test.at("initial_value")), "v");
    average.build({variable});
    differences.compare("average before any update", average.average(variable).value(),
                        read_tensor(test.at("average_before_any_update")));
  }
  for (std::size_t k = 0; k < test.at("values").size(); ++k) {
    std::optional<std::int64_t> num_updates;
    if (has(test, "num_updates")) num_updates = test.at("num_updates")[k].get<std::int64_t>();
    Tensor value = read_tensor(test.at("values")[k]), got;
    if (of_tensor) {
      got = average.apply("t", value, num_updates);
    } else {
      variable.assign(value);
      average.apply({variable}, num_updates);
      got = average.average(variable);
    }
    differences.compare("average after update " + std::to_string(k + 1), got, read_tensor(test.at("averages")[k]));
  }
  std::string got, want;
  if (!of_tensor) got += " v";
  for (const Variable& v : average.variables()) got += " " + v.name();
  for (const Json& name : test.at("variable_names")) want += " " + name.get<std::string>();
  if (got != want) differences.add("variables are" + got + ", expected" + want);
});

}  // namespace
}  // namespace parity
