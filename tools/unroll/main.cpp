// unroll: looks into files of weights, takes them from one format to another, runs them, trains them, and draws
// curves of training.
#include <iostream>

#include "commands.hpp"
#include "unroll/core/errors.hpp"

std::map<std::string, unroll::program::AddCommand>& unroll::program::commands() {
  static std::map<std::string, AddCommand> all;
  return all;
}

int main(int argc, char** argv) {
  CLI::App app(
      "Looks into models, converts and runs them: unroll's own JSON, .npz, .npy, .safetensors, RTNeural, AIDA-X, NAM,\n"
      "GuitarML, ONNX. Trains models, and draws the curves of training runs.\n"
      "Exit status: 0; 1 if diff found differences; 2 for errors, which are said on one line of the standard error; "
      "130\n"
      "if training was interrupted.\n"
      "Example: unroll run amp.nam dry.wav wet.wav\n"
      "         unroll run --help",
      "unroll");
  app.require_subcommand(0, 1);
  for (const auto& [name, add] : unroll::program::commands()) add(app);

  constexpr int failed = 2;
  auto fail = [](std::string message) {
    for (char& c : message)
      if (c == '\n') c = ' ';
    std::cerr << "unroll: " << message << '\n';
    return failed;
  };
  try {
    app.parse(argc, argv);
    if (app.get_subcommands().empty()) return fail("a subcommand is required (see --help)");
    std::cout.flush();
    return std::cout ? 0 : fail("cannot write to the standard output");
  } catch (const CLI::RuntimeError& status) {
    return status.get_exit_code();
  } catch (const CLI::ParseError& error) {
    return error.get_exit_code() == 0 ? app.exit(error) : fail(std::string(error.what()) + " (see --help)");
  } catch (const std::exception& error) {
    return fail(error.what());
  }
}
