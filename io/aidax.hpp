#pragma once
// AIDA-X's .aidax and .json: guitar amplifiers for the AIDA-X plug-in, https://github.com/AidaDSP/AIDA-X
#include <filesystem>
#include <map>
#include <string>

#include "unroll/autograd/module.hpp"

namespace unroll {

/// What a file says beside the layers.
struct AidaxInfo {
  /// Whether the input is added to the output.
  bool in_skip = false;
  /// In dB.
  double in_gain = 0, out_gain = 0;
  /// "name", "samplerate", "author", "license", ... A rate is written as a number.
  std::map<std::string, std::string> metadata = {};
};

/// Writes a cell and a Dense. The plug-in has one LSTM or GRU (CudnnCompatibleGRUCell) of 8, 12, 16, 20, 24, 32, 40, 64
/// or 80 units with 1 to 3 inputs, and a Dense of one unit without activation, compiled in: throws ValueError for
/// others, and as save_rtneural does. The file has the self-test that the plug-in runs when it loads it: 2048 samples
/// and their answers (but with a skip and an output gain, which not all versions of the plug-in apply alike).
void save_aidax(const std::filesystem::path& path, Module& cell, Module& head, const AidaxInfo& info = {});

/// Gives a cell and a Dense the weights of a file. Throws as load_rtneural does; DataLossError, too, if the file has a
/// self-test and the model fails it.
AidaxInfo load_aidax(const std::filesystem::path& path, Module& cell, Module& head);

}  // namespace unroll
