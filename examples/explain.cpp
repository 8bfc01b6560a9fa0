// What the library makes of a cell: which executor runs it and, if it is compiled, its step program.
#include <iostream>
#include <unroll/unroll.hpp>

using namespace unroll;

int main() {
  GRUCell cell(64);
  Tensor x = random_normal({32, 50, 16}, {.seed = 1});  // (batch, time, depth)
  std::string program = explain(cell, x, {.dtype = float32});
  std::cout << program;
  return program.starts_with("compiled") ? 0 : 1;
}
