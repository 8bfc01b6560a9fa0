#pragma once
// GuitarML's JSON (Proteus, NeuralPi), written by Automated-GuitarAmpModelling.
#include <filesystem>

#include "unroll/autograd/module.hpp"

namespace unroll {

/// What a file says beside the weights.
struct GuitarMLInfo {
  /// Whether the first input is added to the output.
  bool skip = true;
};

/// Writes a cell and a Dense: an LSTMCell, BasicLSTMCell or CudnnCompatibleGRUCell with 1 to 3 inputs (the signal, then
/// knobs), and a Dense without activation. The file is complete or not there. Throws ValueError, naming module and
/// option, for what the format does not hold, IOError if the file cannot be written.
void save_guitarml(const std::filesystem::path& path, Module& cell, Module& head, const GuitarMLInfo& info = {});

/// Gives a cell and a Dense the weights of a file; those that are not built are built. Throws IOError if the file
/// cannot be read, DataLossError if it is damaged or not of the format, ValueError if its model is not that of the
/// modules; then nothing has changed.
GuitarMLInfo load_guitarml(const std::filesystem::path& path, Module& cell, Module& head);

}  // namespace unroll
