#pragma once
// A layer of cells in one direction or two.
#include "unroll/autograd/module.hpp"

namespace unroll {

/// One layer of a recurrent network, in one direction or both.
struct RecurrentLayer {
  Module* forward = nullptr;
  Module* backward = nullptr;
};

}  // namespace unroll
