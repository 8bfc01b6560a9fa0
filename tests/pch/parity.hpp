// What nearly every runner includes, compiled once.
#include "parity/runner.hpp"
