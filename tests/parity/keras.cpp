// Cells and layers of Keras and tensorflow-addons.
#include <map>

#include "arguments.hpp"
#include "run_call.hpp"
#include "unroll/cells/keras/gru_cell.hpp"
#include "unroll/cells/keras/layer_norm_lstm_cell.hpp"
#include "unroll/cells/keras/layer_norm_simple_rnn_cell.hpp"
#include "unroll/cells/keras/peephole_lstm_cell.hpp"
#include "unroll/cells/keras/simple_rnn_cell.hpp"
#include "unroll/rnn/keras/bidirectional.hpp"
#include "unroll/rnn/keras/gru.hpp"
#include "unroll/rnn/keras/lstm.hpp"
#include "unroll/rnn/keras/simple_rnn.hpp"

namespace parity {
namespace {

using namespace unroll;

keras::CellOptions read_cell_options(const Json& j) {
  return {.activation = read_activation(j),
          .recurrent_activation = read_activation(j, "recurrent_activation"),
          .use_bias = get(j, "use_bias", true),
          .reset_after = get(j, "reset_after", true)};
}

const std::set<std::string> cell_arguments = {"units", "activation", "recurrent_activation", "use_bias", "reset_after"};

template <class Cell, class Options = keras::CellOptions>
std::shared_ptr<RNNCell> make_keras_cell(const Json& j) {
  only(j, cell_arguments);
  return std::make_shared<Cell>(j.at("units").get<Index>(), Options{read_cell_options(j)});
}

const RegisterCell cells[] = {
    {"keras.LSTMCell", make_keras_cell<keras::LSTMCell>},
    {"keras.GRUCell", make_keras_cell<keras::GRUCell>},
    {"keras.SimpleRNNCell", make_keras_cell<keras::SimpleRNNCell>},
    {"tfa.PeepholeLSTMCell", make_keras_cell<keras::PeepholeLSTMCell>},
    {"tfa.LayerNormLSTMCell", make_keras_cell<keras::LayerNormLSTMCell, keras::LayerNormLSTMCellOptions>},
    {"tfa.LayerNormSimpleRNNCell",
     make_keras_cell<keras::LayerNormSimpleRNNCell, keras::LayerNormSimpleRNNCellOptions>},
};

keras::RNNOptions read_layer_options(const Json& j) {
  std::set<std::string> known = cell_arguments;
  known.insert({"cell", "return_sequences", "return_state", "go_backwards", "stateful", "unroll", "time_major",
                "zero_output_for_mask"});
  only(j, known);
  return {.return_sequences = get(j, "return_sequences", false),
          .return_state = get(j, "return_state", false),
          .go_backwards = get(j, "go_backwards", false),
          .stateful = get(j, "stateful", false),
          .unroll = get(j, "unroll", false),
          .time_major = get(j, "time_major", false),
          .zero_output_for_mask = get(j, "zero_output_for_mask", false),
          .name = "layer"};
}

// "legacy.LSTMCell" is the v1 cell.
std::shared_ptr<RNNCell> make_layer_cell(Json j) {
  auto name = j.at("class").get<std::string>();
  if (name.starts_with("legacy.")) j["class"] = name.substr(7);
  return make_cell(j);
}

std::shared_ptr<keras::RNN> make_layer(const Json& j) {
  auto name = j.at("class").get<std::string>();
  keras::RNNOptions options = read_layer_options(j);
  if (name == "RNN") {
    if (!j.at("cell").is_array()) return std::make_shared<keras::RNN>(make_layer_cell(j.at("cell")), options);
    std::vector<std::shared_ptr<RNNCell>> all;
    for (const Json& cell : j.at("cell")) all.push_back(make_layer_cell(cell));
    return std::make_shared<keras::RNN>(std::move(all), options);
  }
  Index units = j.at("units").get<Index>();
  if (name == "LSTM") return std::make_shared<keras::LSTM>(units, options, read_cell_options(j));
  if (name == "GRU") return std::make_shared<keras::GRU>(units, options, read_cell_options(j));
  if (name == "SimpleRNN") return std::make_shared<keras::SimpleRNN>(units, options, read_cell_options(j));
  throw Skip("no layer " + name);
}

using LayerCall = std::function<keras::RNNResult(const Nest& inputs, const keras::RNNCallOptions& options)>;

void run_layer(const Json& test, Differences& differences, Module& module, const LayerCall& layer) {
  keras::RNNCallOptions options;
  if (has(test, "mask")) options.mask = read_tensor(test.at("mask"));
  run_call(test, differences,
           {.modules = {&module},
            .inputs = read_nest(test.at("inputs")),
            .states = {{"initial_state", argument(test, "initial_state")}},
            .call = [&](const Nest& inputs, const std::vector<Nest>& states) {
              options.initial_state.clear();
              if (has(test, "initial_state")) options.initial_state = states[0].flatten();
              auto [output, last] = layer(inputs, options);
              return Nest::tuple({output, Nest::tuple({last.begin(), last.end()})});
            }});
}

// Calls one after another, the first from a zero state.
void run_stateful(const Json& test, Differences& differences, keras::RNN& layer) {
  keras::RNNCallOptions options;
  if (has(test, "mask")) options.mask = read_tensor(test.at("mask"));
  layer(read_nest(test.at("calls")[0].at("inputs")), options);
  layer.reset_states();
  const Json& pairs = test.at("variables");
  for (std::size_t k = 0; k < pairs.size(); ++k) {
    Variable v = layer.variables().at(k);
    if (v.name() != pairs[k][0].get<std::string>()) differences.add("a variable is " + v.name());
    v.assign(read_tensor(pairs[k][1]));
  }
  for (const Json& call : test.at("calls"))
    differences.compare("outputs", layer(read_nest(call.at("inputs")), options).output, read_nest(call.at("outputs")));
  std::vector<Nest> last(layer.states().begin(), layer.states().end());
  differences.compare("state", Nest::tuple(last), read_nest(test.at("state_after_the_last_call")));
}

void run_rnn_layer(const Json& test, Differences& differences) {
  auto layer = make_layer(test.at("layer"));
  if (test.contains("calls")) return run_stateful(test, differences, *layer);
  run_layer(test, differences, *layer, [&](auto& inputs, auto& options) { return (*layer)(inputs, options); });
}

void run_bidirectional(const Json& test, Differences& differences) {
  static const std::map<std::string, keras::MergeMode> modes = {{"concat", keras::MergeMode::concat},
                                                                {"sum", keras::MergeMode::sum},
                                                                {"mul", keras::MergeMode::mul},
                                                                {"ave", keras::MergeMode::ave}};
  const Json& j = test.at("layer");
  keras::Bidirectional layer(make_layer(j.at("layer")),
                             {.merge_mode = modes.at(get<std::string>(j, "merge_mode", "concat")), .name = "layer"});
  run_layer(test, differences, layer, [&](auto& inputs, auto& options) { return layer(inputs, options); });
}

const RegisterRunner runners[] = {{"tf.keras.layers.LSTM", run_rnn_layer},
                                  {"tf.keras.layers.GRU", run_rnn_layer},
                                  {"tf.keras.layers.SimpleRNN", run_rnn_layer},
                                  {"tf.keras.layers.RNN", run_rnn_layer},
                                  {"tf.keras.layers.Bidirectional", run_bidirectional}};

}  // namespace
}  // namespace parity
