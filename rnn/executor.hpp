#pragma once
// Which executor runs a cell over time.
#include <string>

namespace unroll {

enum class Executor {
  automatic,  // compiled where that is possible
  eager,      // every op of every step, one after another: the reference
  compiled,   // throws RuntimeError where it is not possible
};

}  // namespace unroll
