#include <doctest/doctest.h>

#include <functional>

#include "files.hpp"
#include "modules.hpp"
#include "support/random_tensors.hpp"
#include "unroll/core/creation.hpp"
#include "unroll/io/json.hpp"

using namespace unroll;
using testing::Holder;
using testing::random_tensor;
using testing::read_file;
using testing::replaced;
using testing::TemporaryFolder;
using testing::write_file;

namespace {

const Tensor old_values = random_tensor({2, 3}, 1, 1, float32), new_values = random_tensor({2, 3}, 2, 1, float32);

std::string sound_text() {
  TemporaryFolder folder;
  Holder saved(new_values);
  saved.build({});
  save_json(folder / "m.json", saved);
  return read_file(folder / "m.json");
}

// Loads `text` into a module that is built and into one that is not. Both must fail with the same error, and stay as
// they were. Gives the message from the file's name on, or "" if both were loaded.
template <class E = DataLossError>
std::string message_of(const std::string& text) {
  TemporaryFolder folder;
  write_file(folder / "m.json", text);
  Holder built(old_values), unbuilt(old_values);
  built.build({});
  std::string messages[2];
  Holder* modules[2] = {&built, &unbuilt};
  for (int k = 0; k < 2; ++k) try {
      load_json(folder / "m.json", *modules[k]);
    } catch (const E& error) {
      messages[k] = error.what();
    }
  CHECK(messages[0] == messages[1]);
  CHECK(bit_equal(built.values(), old_values) == !messages[0].empty());
  CHECK(unbuilt.built() == messages[1].empty());
  std::string prefix = "load_json: " + (folder / "m.json").string() + ": ";
  if (!messages[0].empty()) CHECK(messages[0].starts_with(prefix));
  return messages[0].empty() ? "" : messages[0].substr(prefix.size());
}

std::string message_with(const std::string& from, const std::string& to) {
  return message_of(replaced(sound_text(), from, to));
}

}  // namespace

TEST_CASE("a file that cannot be read is an error with the system's reason") {
  TemporaryFolder folder;
  Holder holder(old_values);
  CHECK_THROWS_WITH_AS(load_json(folder / "none.json", holder),
                       doctest::Contains("none.json: cannot open: No such file or directory"), IOError);
  CHECK_THROWS_WITH_AS(load_json(folder.path(), holder), doctest::Contains("cannot read: Is a directory"), IOError);
  CHECK_THROWS_WITH_AS(load_json(folder / "none.json", std::vector<Module*>{}), doctest::Contains("cannot open"),
                       IOError);
  write_file(folder / "m.json", sound_text());
  CHECK_THROWS_WITH_AS(load_json(folder / "m.json", std::vector<Module*>{}), doctest::Contains("no module is given"),
                       ValueError);
  CHECK_THROWS_WITH_AS(load_json(folder / "m.json", std::vector<Module*>{nullptr}), doctest::Contains("null pointer"),
                       ValueError);
}

TEST_CASE("a file that ends anywhere before its end is an error, and nothing changes") {
  std::string text = sound_text();
  std::size_t last = text.rfind('}');
  CHECK(message_of(text.substr(0, last + 1)).empty());  // without the last end of line it is sound
  for (std::size_t length = 0; length <= last; ++length) {
    CAPTURE(length);
    CHECK_FALSE(message_of(text.substr(0, length)).empty());
  }
  CHECK(message_of("").starts_with("parse error at line 1, column 1"));
  std::string data = message_of(text.substr(0, text.find(']', text.find("\"data\"")) - 14));
  CHECK(data.starts_with("modules[0].variables[0].data[6]: parse error at line 21, column "));
}

TEST_CASE("whatever byte is wrong, a file is loaded or refused as a whole") {
  std::string text = sound_text();
  std::size_t refused = 0, tried = 0;
  for (std::size_t k = 0; k < text.size(); ++k)
    for (char wrong : {char(text[k] ^ 1), char(text[k] ^ 0x80), '\0', '"', '}', '9', '-', ' '}) {
      std::string other = text;
      other[k] = wrong;
      CAPTURE(k);
      CAPTURE(int(wrong));
      ++tried;
      refused += !message_of<Error>(other).empty();
    }
  CHECK(refused > tried / 2);
  CHECK(refused < tried);
}

TEST_CASE("what is no JSON, or not of this format, is an error with its place") {
  CHECK(message_of("garbage").starts_with("parse error at line 1, column 1: syntax error while parsing value"));
  CHECK(message_of(sound_text() + "x").find("expected end of input") != std::string::npos);
  CHECK(message_of("[1, 2]") == "it is an array, expected an object");
  CHECK(message_of("3") == "it is a number, expected an object");
  CHECK(message_of("{}") == "format is missing");
  CHECK(message_with("\"unroll\"", "\"other\"") == "format is \"other\", expected \"unroll\"");
  CHECK(message_with("\"version\": 1", "\"version\": 2") == "version is 2, expected 1");
  CHECK(message_with("\"version\": 1", "\"version\": 1.5") == "version is a number, expected an integer");
  CHECK(message_with("\"modules\": []", "\"modules\": {}") == "modules[0].modules is an object, expected an array");
  CHECK(message_with("\"modules\": []", "\"modules\": [7]") == "modules[0].modules[0] is a number, expected an object");
  CHECK(message_with("\"class\": \"Holder\",", "") == "modules[0].class is missing");
  CHECK(message_with("\"class\"", "\"color\": 3, \"class\"") == "modules[0].color is not known in version 1");
  CHECK(message_with("\"version\"", "\"color\": 3, \"version\"") == "color is not known in version 1");
  CHECK(message_with("\"class\": \"Holder\"", "\"class\": null") == "modules[0].class is null, expected a string");
  CHECK(message_with("\"scope\": \"holder\"", "\"scope\": \"rnn/lstm\"") ==
        "modules[0].scope is \"rnn/lstm\", which does not end with the name \"holder\"");
  CHECK(message_with("\"rank\": 2", "\"rank\": [2]").starts_with("modules[0].config.rank is an array, expected null"));
  CHECK(message_with("\"rank\": 2", "\"rank\": 9223372036854775808") ==
        "modules[0].config.rank is 9223372036854775808, which is too large");
}

TEST_CASE("a key that occurs twice is an error") {
  CHECK(message_with("\"class\"", "\"class\": \"A\", \"class\"") == "modules[0].class occurs twice");
  CHECK(message_with("\"data\"", "\"data\": [1], \"data\"") == "modules[0].variables[0].data occurs twice");
  CHECK(message_with("\"rank\": 2", "\"rank\": 2, \"rank\": 2") == "modules[0].config.rank occurs twice");
  CHECK(message_with("\"modules\": []\n    }\n  ]", "\"modules\": []\n    }\n  ], \"format\": \"unroll\"") ==
        "format occurs twice");
}

TEST_CASE("variables that are not sound are errors") {
  std::string at = "modules[0].variables[0].";
  CHECK(message_with("[2, 3]", "[2, 4]") == at + "data has 6 values, expected 8 for shape [2, 4]");
  CHECK(message_with("[2, 3]", "[]") == at + "data has 6 values, expected 1 for shape []");
  CHECK(message_with("[2, 3]", "[2, -3]").starts_with(at + "shape: Shape: (2, -3) has a negative dimension"));
  CHECK(message_with("[2, 3]", "[2, 3.0]") == at + "shape[1] is a number, expected an integer");
  CHECK(message_with("[2, 3]", "[1,1,1,1,1,1,1,2,3]").starts_with(at + "shape: Shape: rank is 9"));
  CHECK(message_with("[2, 3]", "[4611686018427387904, 8]").find("has more elements than can be counted") !=
        std::string::npos);
  CHECK(message_with("[2, 3]", "[1000000, 1000000, 1000]") ==
        at + "data has 6 values, expected 1000000000000000 for shape [1000000, 1000000, 1000]");
  CHECK(message_with("[2, 3]", "[99999999999999999999, 8]") == at + "shape[0] is a number, expected an integer");
  CHECK(message_with("\"float32\",\n          \"trainable\"", "\"float16\",\n          \"trainable\"")
            .starts_with(at + "dtype: dtype_from_name: there is no dtype \"float16\""));
  CHECK(message_with("\"trainable\": true", "\"trainable\": 1") == at + "trainable is a number, expected a boolean");
  CHECK(message_with("\"float32\",\n          \"trainable\": true", "\"int32\", \"trainable\": true") ==
        at + "trainable is true for int32");
  CHECK(message_with("\"data\": [", "\"data\": null, \"more\": [") == at + "more is not known in version 1");
  CHECK(message_with("\"data\": [", "\"data\": 3, \"modules\": [") == at + "modules is not known in version 1");
  CHECK(message_with("\"data\": [", "\"data\": [[") == at + "data[0] is an array, expected a number");
  CHECK(message_with("\"data\": [", "\"data\": [{") == at + "data[0] is an object, expected a number");
  CHECK(message_with("\"data\": [", "\"data\": [\"x\",") == at + "data[0] is a string, expected a number");
  CHECK(message_with("\"data\": [", "\"data\": [null,") == at + "data[0] is null, expected a number");
  CHECK(message_with("\"data\": [", "\"data\": [1e400,") == at + "data[0]: number overflow parsing '1e400'");
  CHECK(message_with("\"data\": [", "\"data\": [1,") == at + "data has 7 values, expected 6 for shape [2, 3]");
  std::string text = sound_text();
  std::size_t first = text.find_first_not_of(" \n", text.find("\"data\": [") + 9);
  auto with_number = [&](const std::string& number) {
    return message_of(text.substr(0, first) + number + text.substr(text.find(',', first)));
  };
  CHECK(with_number("-0.25").empty());
  CHECK(with_number("\"nan\"").empty());
  CHECK(with_number("1e39") == at + "data[0] is 1e39, expected float32");
  CHECK(with_number("true") == at + "data[0] is true, expected float32");
  CHECK(with_number("NaN").starts_with(at + "data[0]: parse error at line 2"));
}

TEST_CASE("the inputs of a module that are not sound are errors") {
  std::string inputs = "{\"shape\": [], \"dtype\": \"float32\"}";
  auto with = [&](const std::string& other) { return message_with(inputs, other); };
  CHECK(with("7") == "modules[0].inputs is a number, expected an object or an array");
  CHECK(with("[" + inputs + ", {\"shape\": []}]") == "modules[0].inputs[1].dtype is missing");
  CHECK(with("{\"dict\": []}") == "modules[0].inputs.dict is an array, expected an object");
  CHECK(with("{\"dict\": {}, \"x\": 1}") == "modules[0].inputs.x is not known in version 1");
  CHECK(with("{\"named_tuple\": \"T\", \"names\": [\"a\"], \"items\": []}") ==
        "modules[0].inputs has 1 names for 0 items");
  CHECK(with("{\"named_tuple\": \"T\", \"names\": [1], \"items\": [" + inputs + "]}") ==
        "modules[0].inputs.names[0] is a number, expected a string");
  CHECK(with("{\"named_tuple\": \"T\", \"names\": [\"a\", \"a\"], \"items\": [" + inputs + ", " + inputs + "]}") ==
        "modules[0].inputs: Nest: the name \"a\" is given twice");
}

TEST_CASE("absurd files are refused before they take memory") {
  auto repeated = [](const std::string& part, std::size_t times) {
    std::string out;
    for (std::size_t k = 0; k < times; ++k) out += part;
    return out;
  };
  CHECK(message_of(repeated("[", 1000000)).ends_with(" is nested deeper than 200 levels"));
  CHECK(message_of(repeated("{\"modules\":[", 1000000)).ends_with(" is nested deeper than 200 levels"));
  CHECK(message_of("[" + repeated("0,", 1100000) + "0]").find("more than 1000000 values beside data") !=
        std::string::npos);
  std::string long_name = replaced(sound_text(), "\"class\": \"Holder", "\"class\": \"" + repeated("x", 1000000));
  CHECK(message_of<ValueError>(long_name).size() < 1000);
  CHECK(message_of("{\"" + repeated("k", 1000000) + "\": [").size() < 1000);
}

TEST_CASE("a variable whose name occurs twice is an error") {
  std::string text = sound_text(), key = "\"variables\": [";
  std::size_t from = text.find(key) + key.size(), to = text.find("],\n      \"modules\"");
  text.insert(to, text.substr(from, to - from)).insert(to, ",");
  CHECK(message_of(text) ==
        "modules[0].variables[1].name is \"holder/values\", the name of modules[0].variables[0] too");
}
