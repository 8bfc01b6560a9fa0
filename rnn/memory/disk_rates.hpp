#pragma once
// How fast a directory's file system takes and gives back what is spilled.
#include <string>

namespace unroll::memory {

/// Bytes a second.
struct DiskRates {
  double write = 0, read = 0;
};

/// As note_disk has last said; before, measured with a file of 32 MB at the first call for a directory in the life of
/// the process. Throws IOError and what SpillFile throws otherwise.
DiskRates measure_disk(const std::string& directory);

/// What files in a directory that was measured have come to, beside the computation. 0: not known.
void note_disk(const std::string& directory, const DiskRates& rates);

}  // namespace unroll::memory
