// parity [--executor eager|compiled] FILE...: runs the golden cases in the files and compares with TensorFlow's
// answers. With `compiled`, what cannot be compiled runs eagerly and is listed.
#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>

#include "runner.hpp"

using namespace parity;

namespace {

struct Counts {
  int passed = 0, failed = 0, skipped = 0;
};

// What a case calls, under the key that its kind of file uses.
std::string function_of(const Json& test) {
  for (const char* key : {"function", "optimizer", "layer", "schedule"})
    if (test.contains(key) && test.at(key).is_string()) return test.at(key).get<std::string>();
  if (test.contains("call")) return "error of " + test.at("call").value("function", "");
  if (test.contains("layer")) return test.at("layer").value("class", "layer");
  if (test.contains("state_dict")) return "state_dict";
  return "unknown";
}

void run(const std::string& file, const Json& test, Counts& counts) {
  std::string name = file + ": " + test.at("name").get<std::string>();
  try {
    const Runner* runner = find_runner(function_of(test));
    if (!runner) throw Skip("no " + function_of(test));
    Differences differences(read_tolerance(test));
    (*runner)(test, differences);
    for (const std::string& line : differences.lines()) std::cout << "FAILED " << name << ": " << line << '\n';
    ++(differences.lines().empty() ? counts.passed : counts.failed);
  } catch (const Skip& skip) {
    std::cout << "SKIPPED " << name << ": " << skip.what() << '\n';
    ++counts.skipped;
  } catch (const std::exception& error) {
    std::cout << "FAILED " << name << ": " << error.what() << '\n';
    ++counts.failed;
  }
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Compares unroll with golden cases. Prints a line for each failure and closes with the counts.");
  std::string executor = "eager";
  std::vector<std::string> files;
  app.add_option("--executor", executor, "eager or compiled")->check(CLI::IsMember({"eager", "compiled"}));
  app.add_option("FILE", files, "golden files")->required();
  CLI11_PARSE(app, argc, argv);
  chosen_executor() = executor == "eager" ? unroll::Executor::eager : unroll::Executor::automatic;

  Counts counts;
  for (const std::string& file : files) {
    try {
      std::ifstream in(file);
      if (!in) throw std::runtime_error("cannot be opened");
      Json document = Json::parse(in);
      if (document.at("format") != 1) throw std::runtime_error("is not of format 1");
      std::string name = file.substr(file.find_last_of('/') + 1);
      for (const Json& test : document.at("cases")) run(name, test, counts);
    } catch (const std::exception& error) {
      std::cout << "FAILED " << file << ": " << error.what() << '\n';
      ++counts.failed;
    }
  }
  std::cout << counts.passed << " passed, " << counts.failed << " failed, " << counts.skipped << " skipped\n";
  return counts.failed ? 1 : 0;
}
