#pragma once
// Loops that a processor cannot run faster, in the best instruction set of the machine: what they do in a second bounds
// what a recurrent layer can.
#include <cstddef>

namespace bench {

/// Multiplies and adds in independent chains, `loops` times; returns the number of floating point operations.
double multiply_add(std::size_t loops);

/// Reads `count` floats, a multiple of 256, and returns their sum.
float read_all(const float* values, std::size_t count);

/// One step of an LSTM's gates, from 4 count inputs `z` and the cell state `c`: gates `g` (4 count), next state and
/// output. tanh is a rational function good to four digits: a bound on time, not a way to compute.
void lstm_gates(const float* z, const float* c, std::size_t count, float* g, float* next_c, float* h);

/// The way back: from the gradients `dh` and `dc` to those of the inputs, `dz` (4 count), and of the state, `dc`.
void lstm_gates_gradient(const float* g, const float* c, const float* next_c, const float* dh, std::size_t count,
                         float* dz, float* dc);

}  // namespace bench
