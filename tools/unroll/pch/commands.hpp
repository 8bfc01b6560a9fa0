// What every subcommand includes, compiled once.
#include "../commands.hpp"
