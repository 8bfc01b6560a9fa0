#include <nlohmann/json.hpp>

#include "layer_models.hpp"
#include "unroll/autograd/tape.hpp"
#include "unroll/autograd/variable_store.hpp"
#include "unroll/core/random.hpp"
#include "unroll/io/aidax.hpp"
#include "unroll/io/guitarml.hpp"
#include "unroll/io/nam.hpp"

using namespace unroll;
using namespace testing;

using Json = nlohmann::json;

TEST_CASE("GuitarML's JSON has PyTorch's names, orders and shapes") {
  TemporaryFolder folder;
  LSTMCell cell(1, {.forget_bias = 0.5});
  Dense head(1);
  built(cell, 2), built(head, 1);
  enumerate(cell);
  save_guitarml(folder / "m.json", cell, head, {.skip = false});
  const Json json = Json::parse(read_file(folder / "m.json"));
  CHECK(json.at("model_data") == Json::parse(R"({"model":"SimpleRNN","input_size":2,"skip":0,"output_size":1,
      "unit_type":"LSTM","num_layers":1,"hidden_size":1,"bias_fl":true})"));
  const Json& dict = json.at("state_dict");
  CHECK(dict.at("rec.weight_ih_l0") == Json::parse("[[0,4],[2,6],[1,5],[3,7]]"));
  CHECK(dict.at("rec.weight_hh_l0") == Json::parse("[[8],[10],[9],[11]]"));
  CHECK(dict.at("rec.bias_ih_l0") == Json::parse("[0,2.5,1,3]"));
  CHECK(dict.at("rec.bias_hh_l0") == Json::parse("[0,0,0,0]"));
}

TEST_CASE("models come back from GuitarML's JSON; two biases are added") {
  TemporaryFolder folder;
  Dense head(2), loaded_head(2);
  built(head, 3);
  LSTMCell lstm(3), lstm_loaded(3);
  CudnnCompatibleGRUCell gru(3), gru_loaded(3);
  built(lstm, 2), built(gru, 1);
  save_guitarml(folder / "l.json", lstm, head);
  CHECK(load_guitarml(folder / "l.json", lstm_loaded, loaded_head).skip);
  check_same_values(lstm_loaded, lstm);
  check_same_values(loaded_head, head);
  save_guitarml(folder / "g.json", gru, head, {.skip = false});
  CHECK_FALSE(load_guitarml(folder / "g.json", gru_loaded, loaded_head).skip);
  check_same_values(gru_loaded, gru);
  Json json = Json::parse(read_file(folder / "l.json"));
  for (Json& value : json["state_dict"]["rec.bias_hh_l0"]) value = 0.25;
  write_file(folder / "l.json", json.dump());
  load_guitarml(folder / "l.json", lstm_loaded, loaded_head);
  CHECK(allclose(lstm_loaded.variables()[1], Tensor(lstm.variables()[1].value(), float32).clone(), 1, 0.26));
  CHECK(lstm_loaded.variables()[1].value().at<float>({0}) ==
        doctest::Approx(lstm.variables()[1].value().at<float>({0}) + 0.25).epsilon(1e-5));
}

TEST_CASE("NAM's weights are one row of numbers: layer by layer, gates, bias, initial state, then the head") {
  TemporaryFolder folder;
  MultiRNNCell cell(LSTMCell(1, {.forget_bias = 0}), LSTMCell(1, {.forget_bias = 0}));
  Dense head(1);
  built(cell, 1), built(head, 1);
  enumerate(cell), enumerate(head);
  save_nam(folder / "m.nam", cell, head,
           {.sample_rate = 44100,
            .initial_states = {{Tensor{0.5f}, Tensor{0.25f}}, {Tensor{-0.5f}, Tensor{-0.25f}}},
            .metadata = {{"name", "amp"}}});
  const Json json = Json::parse(read_file(folder / "m.nam"));
  CHECK(json.at("architecture") == "LSTM");
  CHECK(json.at("config") == Json::parse(R"({"input_size":1,"hidden_size":1,"num_layers":2})"));
  CHECK(json.at("sample_rate") == 44100);
  CHECK(json.at("weights") == Json::parse("[0,4,2,6,1,5,3,7, 0,2,1,3, 0.5,0.25,"
                                          " 0,4,2,6,1,5,3,7, 0,2,1,3, -0.5,-0.25, 0,0]"));
  MultiRNNCell loaded(LSTMCell(1), LSTMCell(1));
  Dense loaded_head(1);
  NamInfo info = load_nam(folder / "m.nam", loaded, loaded_head);
  CHECK(info.sample_rate == 44100);
  CHECK(info.metadata.at("name") == "amp");
  REQUIRE(info.initial_states.size() == 2);
  CHECK(info.initial_states[1].cell.item<double>() == -0.25);
  CHECK(allclose(loaded.variables()[1], Tensor{0.f, 1.f, 1.f, 3.f}));  // the forget bias is no longer in it
}

TEST_CASE("NAM's own count of weights: three units give 70 numbers") {
  TemporaryFolder folder;
  LSTMCell cell(3);
  Dense head(1);
  built(cell, 1), built(head, 3);
  save_nam(folder / "m.nam", cell, head);
  CHECK(Json::parse(read_file(folder / "m.nam")).at("weights").size() == 70);
}

TEST_CASE("AIDA-X files are RTNeural's with gains and a skip") {
  TemporaryFolder folder;
  CudnnCompatibleGRUCell cell(8), loaded(8);
  Dense head(1), loaded_head(1);
  built(cell, 1), built(head, 8);
  save_aidax(folder / "m.aidax", cell, head,
             {.in_skip = true, .in_gain = -3, .out_gain = 1.5, .metadata = {{"author", "me"}}});
  AidaxInfo info = load_aidax(folder / "m.aidax", loaded, loaded_head);
  check_same_values(loaded, cell);
  CHECK(info.in_skip);
  CHECK(info.in_gain == -3);
  CHECK(info.out_gain == 1.5);
  CHECK(info.metadata.at("author") == "me");
  write_file(folder / "s.aidax", replaced(read_file(folder / "m.aidax"), "\"in_skip\":1", "\"in_skip\":2"));
  CHECK_THROWS_WITH_AS(load_aidax(folder / "s.aidax", loaded, loaded_head), doctest::Contains("in_skip is 2"),
                       DataLossError);
}

TEST_CASE("AIDA-X files have a self-test, which another computation of the model passes") {
  TemporaryFolder folder;
  LSTMCell lstm(8), loaded(8);
  CudnnCompatibleGRUCell gru(8);
  Dense head(1), loaded_head(1);
  built(lstm, 2), built(gru, 1), built(head, 8);
  auto check = [&](RNNCell& cell, Index inputs, const AidaxInfo& info) {
    save_aidax(folder / "m.aidax", cell, head, info);
    const Json json = Json::parse(read_file(folder / "m.aidax"));
    const auto in = json.at("input_batch").get<std::vector<float>>();
    const auto out = json.at("output_batch").get<std::vector<float>>();
    REQUIRE(in.size() == 2048);
    REQUIRE(out.size() == 2048);
    Nest state = cell.zero_state(1, float32);
    float largest = 0;
    for (std::size_t k = 0; k < in.size(); ++k) {
      std::vector<float> row(static_cast<std::size_t>(inputs));
      row[0] = in[k] * static_cast<float>(std::pow(10, info.in_gain / 20));
      StepResult step = cell(Tensor({1, inputs}, row), state);
      state = step.state;
      const float y = (head(step.output.leaf()).item<float>() + (info.in_skip ? row[0] : 0)) *
                      static_cast<float>(std::pow(10, info.out_gain / 20));
      largest = std::max(largest, std::abs(y - out[k]));
    }
    CHECK(largest < 1e-5f);
    CHECK(*std::max_element(out.begin(), out.end()) - *std::min_element(out.begin(), out.end()) > 0.1f);
  };
  check(lstm, 2, {});
  check(lstm, 2, {.in_skip = true, .in_gain = 3});
  check(gru, 1, {.in_gain = -6, .out_gain = 2});
  save_aidax(folder / "m.aidax", lstm, head, {.in_skip = true, .out_gain = 2});
  CHECK(read_file(folder / "m.aidax").find("input_batch") == std::string::npos);
}

TEST_CASE("a file of AIDA-X whose self-test fails is an error that names the first sample") {
  TemporaryFolder folder;
  LSTMCell cell(8), loaded(8);
  Dense head(1), loaded_head(1);
  built(cell, 1), built(head, 8);
  save_aidax(folder / "m.aidax", cell, head);
  const Json sound = Json::parse(read_file(folder / "m.aidax"));
  auto message = [&](auto damage) {
    Json json = sound;
    damage(json);
    write_file(folder / "d.aidax", json.dump());
    return message_of<DataLossError>([&] { load_aidax(folder / "d.aidax", loaded, loaded_head); });
  };
  auto contains = [](const std::string& text, const std::string& part) {
    CAPTURE(text);
    CHECK(text.find(part) != std::string::npos);
  };
  contains(message([](Json& j) { j["output_batch"][700] = 7; }), "the self-test fails: output_batch[700] is 7, the");
  contains(message([](Json& j) { std::swap(j["layers"][0]["weights"][0][0][0], j["layers"][0]["weights"][0][0][8]); }),
           "the self-test fails: output_batch[");
  contains(message([](Json& j) { j["in_gain"] = 1; }), "the self-test fails");
  contains(message([](Json& j) { j["output_batch"].erase(5); }), "input_batch has 2048 samples, output_batch 2047");
  contains(message([](Json& j) { j.erase("output_batch"); }), "there is no \"output_batch\"");
  contains(message([](Json& j) { j["input_batch"] = 1; }), "input_batch: expected arrays");
  contains(message([](Json& j) { j["input_batch"][3] = "x"; }), "\"x\" is no number");
  CHECK_FALSE(loaded.built());
  CHECK(message([](Json& j) { j.erase("input_batch"), j.erase("output_batch"); }).empty());
  CHECK(message([](Json& j) { j["output_batch"][700] = j["output_batch"][700].get<double>() + 1e-6; }).empty());
  check_same_values(loaded, cell);
}

TEST_CASE("AIDA-X's self-test leaves the caller's random numbers, tapes and names of variables alone") {
  TemporaryFolder folder;
  for (const bool lstm : {true, false}) {
    VariableStore store;
    LSTMCell long_memory(8);
    CudnnCompatibleGRUCell gated(8);
    Dense head(1);
    built(long_memory, 1), built(gated, 1), built(head, 8);
    RNNCell& cell = lstm ? static_cast<RNNCell&>(long_memory) : gated;
    const std::size_t variables = store.variables().size();
    set_random_seed(3);
    const Tensor expected = random_normal({4});
    set_random_seed(3);
    GradientTape tape;
    VariableScope within("outer", Reuse::yes);
    save_aidax(folder / "m.aidax", cell, head);
    load_aidax(folder / "m.aidax", cell, head);
    CHECK(array_equal(random_normal({4}), expected));
    CHECK(tape.size() < 100);  // of 2048 steps and more
    CHECK(store.variables().size() == variables);
  }
}

TEST_CASE("AIDA-X reads a sample rate that is a number") {
  TemporaryFolder folder;
  LSTMCell cell(8);
  Dense head(1);
  built(cell, 1), built(head, 8);
  save_aidax(folder / "m.aidax", cell, head, {.metadata = {{"samplerate", "44100"}, {"name", "1"}}});
  const Json metadata = Json::parse(read_file(folder / "m.aidax")).at("metadata");
  CHECK(metadata == Json::parse(R"({"name":"1","samplerate":44100})"));
  CHECK(load_aidax(folder / "m.aidax", cell, head).metadata.at("samplerate") == "44100");
}

TEST_CASE("what a plug-in does not run is refused before anything is written") {
  TemporaryFolder folder;
  const auto path = folder / "m";
  LSTMCell nine(9), eight(8), wide(8), clipped(8, {.cell_clip = 1.0});
  GRUCell before(8);
  Dense head(1), head9(1), active(1, {.activation = "tanh"}), two(2);
  built(nine, 1), built(eight, 1), built(wide, 4), built(clipped, 1), built(before, 1);
  built(head, 8), built(head9, 9), built(active, 8), built(two, 8);
  CHECK_THROWS_WITH_AS(save_aidax(path, nine, head9), doctest::Contains("LSTMCell \"lstm_cell\" has 9 units"),
                       ValueError);
  CHECK_THROWS_WITH_AS(save_aidax(path, wide, head), doctest::Contains("LSTMCell \"lstm_cell\" has 4 inputs"),
                       ValueError);
  CHECK_THROWS_WITH_AS(save_aidax(path, eight, two), doctest::Contains("Dense \"dense\" has 2 units"), ValueError);
  CHECK_THROWS_AS(save_aidax(path, eight, active), ValueError);
  CHECK_THROWS_AS(save_aidax(path, before, head), ValueError);
  CHECK_THROWS_WITH_AS(save_guitarml(path, before, head), doctest::Contains("no GRU (reset before"), ValueError);
  CHECK_THROWS_WITH_AS(save_guitarml(path, clipped, head), doctest::Contains("cell_clip"), ValueError);
  CHECK_THROWS_AS(save_guitarml(path, eight, active), ValueError);
  CHECK_THROWS_WITH_AS(save_guitarml(path, wide, head), doctest::Contains("4 inputs"), ValueError);
  CHECK_THROWS_AS(save_guitarml(path, nine, head), ValueError);
  CHECK_THROWS_WITH_AS(save_nam(path, before, head), doctest::Contains("no GRU (reset before"), ValueError);
  CHECK_THROWS_AS(save_nam(path, eight, active), ValueError);
  CHECK_THROWS_AS(save_nam(path, nine, head), ValueError);
  CHECK_THROWS_WITH_AS(save_nam(path, eight, head, {.initial_states = {{}, {}}}),
                       doctest::Contains("2 initial states given for 1 layers"), ValueError);
  CHECK(folder.files() == 0);
}

TEST_CASE("damaged files of amplifiers are errors") {
  TemporaryFolder folder;
  LSTMCell cell(8);
  Dense head(1);
  built(cell, 1), built(head, 8);
  save_nam(folder / "m.nam", cell, head);
  save_guitarml(folder / "m.json", cell, head);
  const std::string nam = read_file(folder / "m.nam"), guitarml = read_file(folder / "m.json");
  auto nam_message = [&](const std::string& text) {
    write_file(folder / "d", text);
    return message_of<DataLossError>([&] { load_nam(folder / "d", cell, head); });
  };
  auto guitarml_message = [&](const std::string& text) {
    write_file(folder / "d", text);
    return message_of<DataLossError>([&] { load_guitarml(folder / "d", cell, head); });
  };
  for (std::size_t length = 0; length < nam.size(); ++length) CHECK_FALSE(nam_message(nam.substr(0, length)).empty());
  for (std::size_t length = 0; length < guitarml.size(); ++length)
    CHECK_FALSE(guitarml_message(guitarml.substr(0, length)).empty());
  CHECK(nam_message(replaced(nam, "LSTM", "WaveNet")).find("architecture is \"WaveNet\"") != std::string::npos);
  CHECK(nam_message(replaced(nam, "\"weights\":[", "\"weights\":[1.0,")).find("numbers, expected") !=
        std::string::npos);
  CHECK(nam_message(replaced(nam, "\"hidden_size\":8", "\"hidden_size\":9")).find("expected more") !=
        std::string::npos);
  CHECK(nam_message(replaced(nam, "\"hidden_size\":8", "\"hidden_size\":2000000000")).find("more than the weights") !=
        std::string::npos);
  CHECK(nam_message(replaced(nam, "\"weights\":[", "\"weights\":[null,")).find("null is no number") !=
        std::string::npos);
  CHECK(guitarml_message(replaced(guitarml, "\"hidden_size\":8", "\"hidden_size\":9")).find("expected (36, 1)") !=
        std::string::npos);
  CHECK(guitarml_message(replaced(guitarml, "\"LSTM\"", "\"RNN\"")).find("unit_type is \"RNN\"") != std::string::npos);
  CHECK(
      guitarml_message(replaced(guitarml, "rec.weight_hh_l0", "rec.weight")).find("there is no \"rec.weight_hh_l0\"") !=
      std::string::npos);
}
