#pragma once
// Sounds in memory.
#include <filesystem>
#include <span>
#include <vector>

#include "unroll/core/tensor.hpp"

namespace unroll::program {

struct Sound {
  std::vector<float> samples;
  double rate = 0;  // in Hz

  std::size_t size() const { return samples.size(); }
  /// (count, 1)
  Tensor part(std::size_t first, std::size_t count) const;
};

/// A WAV file of one channel. Throws IOError if it cannot be read, DataLossError if it is cut short or for samples that
/// are not finite, ValueError for more channels.
Sound read_sound(const std::filesystem::path& path);
/// The .wav files of a folder in the order of their names, one after another. Throws ValueError if there is none, or if
/// their rates differ, and as read_sound does.
Sound read_sounds(const std::filesystem::path& folder);

void write_sound(const std::filesystem::path& path, const Sound& sound);

}  // namespace unroll::program
