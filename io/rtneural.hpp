#pragma once
// RTNeural's JSON: models for real-time audio, https://github.com/jatinchowdhury18/RTNeural
#include <concepts>
#include <filesystem>
#include <vector>

#include "unroll/autograd/module.hpp"

namespace unroll {

/// Writes modules that follow one another (cells, stacks of cells, Dense, PReLU) as RTNeural's Python exporter writes
/// the Keras model of the same layers:
///
///     save_rtneural("model.json", cell, head);
///
/// LSTMCell and BasicLSTMCell become "lstm", CudnnCompatibleGRUCell "gru", Dense "dense" with its activation, PReLU
/// "prelu"; a cell in a DropoutWrapper is written as it is evaluated. The file is complete or not there. Throws
/// ValueError, naming module and option, for what RTNeural does not compute: another cell, peepholes, projections,
/// clipping, activations other than tanh of cells and tanh, relu, sigmoid, softmax and elu of Dense; layers whose sizes
/// do not follow one another; weights that are not finite. Throws IOError if the file cannot be written.
void save_rtneural(const std::filesystem::path& path, const std::vector<Module*>& modules);
template <std::derived_from<Module>... Modules>
requires(sizeof...(Modules) > 0) void save_rtneural(const std::filesystem::path& path, Modules&... modules) {
  save_rtneural(path, std::vector<Module*>{&modules...});
}

/// Gives modules the weights of a file; those that are not built are built. An "activation" layer belongs to the dense
/// layer before it; without an activation it is passed over. A PReLU of one slope, as RTNeural's exporter for PyTorch
/// writes it, has that slope for each of its inputs. Throws IOError if the file cannot be read, DataLossError if it is
/// damaged, not of the format, or has a layer or an activation of another type; ValueError if its layers are not those
/// of the modules; then nothing has changed.
void load_rtneural(const std::filesystem::path& path, const std::vector<Module*>& modules);
template <std::derived_from<Module>... Modules>
requires(sizeof...(Modules) > 0) void load_rtneural(const std::filesystem::path& path, Modules&... modules) {
  load_rtneural(path, std::vector<Module*>{&modules...});
}

}  // namespace unroll
