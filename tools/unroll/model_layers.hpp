#pragma once
// Modules for the layers that a file of another program has.
#include "model_file.hpp"
#include "unroll/io/model_parts.hpp"

namespace unroll::program {

/// Adds modules with these weights, converted to `dtype`: one stack of the cells that follow one another in one
/// direction, and Dense layers, as a program would have them. Throws ValueError in the name of `who` for activations
/// and sizes that cannot be.
void add_layers(ModelFile& file, const std::string& who, const std::vector<DirectedLayers>& layers, DType dtype);

}  // namespace unroll::program
