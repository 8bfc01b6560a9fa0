#include <iostream>

#include "commands.hpp"

namespace unroll::program {
namespace {

// "--tolerance --help" of a subcommand.
std::string option_names(const CLI::App& command) {
  std::string names;
  for (const CLI::Option* option : command.get_options())
    for (const std::string& name : option->get_lnames()) names += (names.empty() ? "--" : " --") + name;
  return names;
}

std::string subcommand_names(const CLI::App& command) {
  std::string names;
  for (const CLI::App* below : command.get_subcommands({})) names += (names.empty() ? "" : " ") + below->get_name();
  return names;
}

// The words that may stand at a place of the command line, and below it those of each subcommand.
void print_words(const CLI::App& command, int place) {
  const std::string indent(static_cast<std::size_t>(4 * place - 2), ' ');
  const bool has_subcommands = !command.get_subcommands({}).empty();
  if (has_subcommands) std::cout << indent << "subcommands='" << subcommand_names(command) << "'\n";
  std::cout << indent << "words='" << option_names(command) << "'\n";
  for (const CLI::Option* option : command.get_options()) {
    const std::string description = option->get_type_name();  // "TEXT:{json,npz}" where there is a choice
    const std::size_t open = description.find('{'), close = description.find('}');
    if (open == std::string::npos || close == std::string::npos) continue;
    std::string choice = description.substr(open + 1, close - open - 1);
    std::replace(choice.begin(), choice.end(), ',', ' ');
    if (option->get_lnames().empty())
      std::cout << indent << "subcommands='" << choice << "'\n";
    else
      std::cout << indent << "[[ $before == --" << option->get_lnames()[0] << " ]] && COMPREPLY=($(compgen -W '"
                << choice << "' -- \"$word\")) && return\n";
  }
  if (!has_subcommands) return;
  std::cout << indent << "if ((COMP_CWORD > " << place << ")); then\n"
            << indent << "  subcommands=\n"
            << indent << "  case ${COMP_WORDS[" << place << "]} in\n";
  for (const CLI::App* below : command.get_subcommands({})) {
    std::cout << indent << "  " << below->get_name() << ")\n";
    print_words(*below, place + 1);
    std::cout << indent << "    ;;\n";
  }
  std::cout << indent << "  esac\n" << indent << "fi\n";
}

void print_bash(const CLI::App& app) {
  std::cout << "# Completion of unroll's command line, for bash.\n"
               "_unroll() {\n"
               "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} words= subcommands=\n"
               "  compopt +o filenames 2>/dev/null\n";
  print_words(app, 1);
  std::cout << "  if [[ $word == -* || $subcommands ]]; then\n"
               "    COMPREPLY=($(compgen -W \"$subcommands $words\" -- \"$word\"))\n"
               "  else\n"
               "    compopt -o filenames 2>/dev/null\n"
               "    COMPREPLY=($(compgen -f -- \"$word\"))\n"
               "  fi\n"
               "}\n"
               "complete -F _unroll unroll\n";
}

void add_completion(CLI::App& app) {
  static std::string shell;
  auto* command = app.add_subcommand("completion",
                                     "Prints what a shell needs to complete unroll's command line.\n"
                                     "Example: source <(unroll completion bash)");
  command->add_option("SHELL", shell)->required()->check(CLI::IsMember({"bash"}));
  command->callback([&app] { print_bash(app); });
}

const Command command("completion", add_completion);

}  // namespace

}  // namespace unroll::program
