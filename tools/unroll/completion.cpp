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

void print_bash(const CLI::App& app) {
  std::string commands;
  for (const CLI::App* command : app.get_subcommands({}))
    commands += (commands.empty() ? "" : " ") + command->get_name();
  std::cout << "# Completion of unroll's command line, for bash.\n"
               "_unroll() {\n"
               "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} words=\n"
               "  compopt +o filenames 2>/dev/null\n"
               "  if ((COMP_CWORD == 1)); then\n"
               "    words='"
            << commands << ' ' << option_names(app)
            << "'\n"
               "  else\n"
               "    case ${COMP_WORDS[1]} in\n";
  for (const CLI::App* command : app.get_subcommands({})) {
    std::cout << "      " << command->get_name() << ")\n        words='" << option_names(*command) << "'\n";
    for (const CLI::Option* option : command->get_options()) {
      const std::string description = option->get_type_name();  // "TEXT:{json,npz}" where there is a choice
      const std::size_t open = description.find('{'), close = description.find('}');
      if (open == std::string::npos || close == std::string::npos) continue;
      std::string choice = description.substr(open + 1, close - open - 1);
      std::replace(choice.begin(), choice.end(), ',', ' ');
      if (option->get_lnames().empty())
        std::cout << "        words+=' " << choice << "'\n";
      else
        std::cout << "        [[ $before == --" << option->get_lnames()[0] << " ]] && COMPREPLY=($(compgen -W '"
                  << choice << "' -- \"$word\")) && return\n";
    }
    std::cout << "        ;;\n";
  }
  std::cout << "    esac\n"
               "  fi\n"
               "  if [[ $word == -* ]] || ((COMP_CWORD == 1)) || [[ ${COMP_WORDS[1]} == completion ]]; then\n"
               "    COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
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
