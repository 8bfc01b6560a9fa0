#include "train.hpp"

namespace unroll::program {

std::map<std::string, AddCommand>& recipes() {
  static std::map<std::string, AddCommand> all;
  return all;
}

namespace {

void add_train(CLI::App& app) {
  auto* command = app.add_subcommand(
      "train",
      "Trains a model on a file and leaves a folder: model.json, loss.csv, event files of TensorBoard, checkpoints.\n"
      "Ctrl-C ends after a checkpoint, with status 130; the same command with --resume goes on, also after a crash, "
      "and\n"
      "reaches the same bits as a run that was not interrupted. Progress goes to the standard error.\n"
      "Example: unroll train lm book.txt --out run\n"
      "         unroll train lm --help");
  command->require_subcommand(1);
  for (const auto& [name, add] : recipes()) add(*command);
}

const Command command("train", add_train);

}  // namespace

}  // namespace unroll::program
