// The cells of tf.nn.rnn_cell from their descriptions.
#include "arguments.hpp"
#include "unroll/cells/basic_lstm_cell.hpp"
#include "unroll/cells/basic_rnn_cell.hpp"
#include "unroll/cells/gru_cell.hpp"
#include "unroll/cells/lstm_cell.hpp"
#include "unroll/cells/multi_rnn_cell.hpp"
#include "unroll/cells/nas_cell.hpp"

namespace parity {
namespace {

using namespace unroll;

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

const RegisterCell nas("tfa.NASCell", [](const Json& j) {
  only(j, {"units", "projection", "use_bias"});
  return std::make_shared<NASCell>(
      j.at("units").get<Index>(),
      NASCellOptions{.num_proj = optional<Index>(j, "projection"), .use_bias = get(j, "use_bias", false)});
});

const RegisterCell multi("MultiRNNCell", [](const Json& j) {
  only(j, {"cells", "state_is_tuple", "same_cell_object"});
  std::vector<std::shared_ptr<RNNCell>> cells;
  for (const Json& cell : j.at("cells"))
    cells.push_back(get(j, "same_cell_object", false) && !cells.empty() ? cells[0] : make_cell(cell));
  return std::make_shared<MultiRNNCell>(
      std::move(cells),
      MultiRNNCellOptions{.state_is_tuple = get(j, "state_is_tuple", true), .name = get<std::string>(j, "name", "")});
});

}  // namespace
}  // namespace parity
