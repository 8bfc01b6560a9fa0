#include "runner.hpp"

#include <map>

namespace parity {
namespace {

std::map<std::string, Runner>& runners() {
  static std::map<std::string, Runner> all;
  return all;
}
std::map<std::string, CellMaker>& makers() {
  static std::map<std::string, CellMaker> all;
  return all;
}

}  // namespace

RegisterRunner::RegisterRunner(const std::string& function, Runner runner) { runners()[function] = std::move(runner); }

const Runner* find_runner(const std::string& function) {
  auto found = runners().find(function);
  return found == runners().end() ? nullptr : &found->second;
}

RegisterCell::RegisterCell(const std::string& class_name, CellMaker maker) { makers()[class_name] = std::move(maker); }

std::shared_ptr<unroll::RNNCell> make_cell(const Json& description) {
  std::string name = description.at("class").get<std::string>();
  if (description.contains("units") && !name.starts_with("tfa.")) name = "keras." + name;
  if (name == "custom") name += " " + description.at("custom").get<std::string>();
  auto found = makers().find(name);
  if (found == makers().end()) throw Skip("no " + name);
  return found->second(description);
}

unroll::Executor& chosen_executor() {
  static unroll::Executor executor = unroll::Executor::eager;
  return executor;
}

}  // namespace parity
