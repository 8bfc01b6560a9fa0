// The cells of tf.nn.rnn_cell from their descriptions.
#include <set>

#include "formula.hpp"
#include "runner.hpp"
#include "unroll/cells/basic_lstm_cell.hpp"
#include "unroll/cells/basic_rnn_cell.hpp"
#include "unroll/cells/gru_cell.hpp"
#include "unroll/cells/lstm_cell.hpp"
#include "unroll/cells/multi_rnn_cell.hpp"

namespace parity {
namespace {

using namespace unroll;

// A case that gives an argument which the class here lacks cannot be run.
void only(const Json& json, std::set<std::string> known) {
  known.insert({"class", "name", "dtype", "reuse"});
  for (const auto& [key, value] : json.items())
    if (!known.contains(key)) throw Skip("no argument " + key + " of " + json.at("class").get<std::string>());
}

ActivationArgument read_activation(const Json& json) {
  if (!has(json, "activation")) return {};
  const Json& a = json.at("activation");
  if (a.is_string()) return a.get<std::string>();
  return [formula = a.at("custom").get<std::string>()](const Tensor& x) { return evaluate(formula, {{"x", x}}); };
}

template <class T>
std::optional<T> optional(const Json& json, const char* key) {
  return has(json, key) ? std::optional<T>(json.at(key).get<T>()) : std::nullopt;
}

std::optional<DType> read_dtype(const Json& json) {
  return has(json, "dtype") ? std::optional(dtype_from_name(json.at("dtype").get<std::string>())) : std::nullopt;
}

const RegisterCell basic_rnn("BasicRNNCell", [](const Json& j) {
  only(j, {"num_units", "activation"});
  return std::make_shared<BasicRNNCell>(
      j.at("num_units").get<Index>(),
      BasicRNNCellOptions{
          .activation = read_activation(j), .name = get<std::string>(j, "name", ""), .dtype = read_dtype(j)});
});

const RegisterCell gru("GRUCell", [](const Json& j) {
  only(j, {"num_units", "activation"});
  return std::make_shared<GRUCell>(
      j.at("num_units").get<Index>(),
      GRUCellOptions{
          .activation = read_activation(j), .name = get<std::string>(j, "name", ""), .dtype = read_dtype(j)});
});

const RegisterCell basic_lstm("BasicLSTMCell", [](const Json& j) {
  only(j, {"num_units", "activation", "forget_bias", "state_is_tuple"});
  return std::make_shared<BasicLSTMCell>(j.at("num_units").get<Index>(),
                                         BasicLSTMCellOptions{.forget_bias = get(j, "forget_bias", 1.0),
                                                              .state_is_tuple = get(j, "state_is_tuple", true),
                                                              .activation = read_activation(j),
                                                              .name = get<std::string>(j, "name", ""),
                                                              .dtype = read_dtype(j)});
});

const RegisterCell lstm("LSTMCell", [](const Json& j) {
  only(j, {"num_units", "activation", "forget_bias", "state_is_tuple", "use_peepholes", "cell_clip", "num_proj",
           "proj_clip"});
  return std::make_shared<LSTMCell>(j.at("num_units").get<Index>(),
                                    LSTMCellOptions{.use_peepholes = get(j, "use_peepholes", false),
                                                    .cell_clip = optional<double>(j, "cell_clip"),
                                                    .num_proj = optional<Index>(j, "num_proj"),
                                                    .proj_clip = optional<double>(j, "proj_clip"),
                                                    .forget_bias = get(j, "forget_bias", 1.0),
                                                    .state_is_tuple = get(j, "state_is_tuple", true),
                                                    .activation = read_activation(j),
                                                    .name = get<std::string>(j, "name", ""),
                                                    .dtype = read_dtype(j)});
});

const RegisterCell multi("MultiRNNCell", [](const Json& j) {
  only(j, {"cells", "state_is_tuple"});
  std::vector<std::shared_ptr<RNNCell>> cells;
  for (const Json& cell : j.at("cells")) cells.push_back(make_cell(cell));
  return std::make_shared<MultiRNNCell>(
      std::move(cells),
      MultiRNNCellOptions{.state_is_tuple = get(j, "state_is_tuple", true), .name = get<std::string>(j, "name", "")});
});

}  // namespace
}  // namespace parity
