#include "sound.hpp"

#include <algorithm>
#include <cmath>

#include "rows.hpp"
#include "unroll/core/errors.hpp"

namespace unroll::program {
namespace fs = std::filesystem;

Tensor Sound::part(std::size_t first, std::size_t count) const {
  return Tensor(Shape{static_cast<Index>(count), 1}, std::span(samples).subspan(first, count));
}

Sound read_sound(const fs::path& path) {
  const std::unique_ptr<RowReader> file = open_wav(path);
  if (file->width() != 1) raise<ValueError>(path.string(), "expected one channel, got ", file->width());
  Sound sound{{}, file->sample_rate()};
  for (double sample = 0; file->read({&sample, 1}); sound.samples.push_back(static_cast<float>(sample)))
    if (!std::isfinite(sample)) raise<DataLossError>(path.string(), "sample ", sound.size(), " is not finite");
  return sound;
}

Sound read_sounds(const fs::path& folder) {
  std::vector<fs::path> paths;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error))
    if (entry.path().extension() == ".wav") paths.push_back(entry.path());
  if (paths.empty()) raise<ValueError>(folder.string(), "there is no folder with .wav files");
  std::sort(paths.begin(), paths.end());
  Sound all;
  for (const fs::path& path : paths) {
    const Sound sound = read_sound(path);
    if (all.rate != 0 && sound.rate != all.rate)
      raise<ValueError>(path.string(), "its rate is ", sound.rate, " Hz, that of the files before ", all.rate, " Hz");
    all.rate = sound.rate;
    all.samples.insert(all.samples.end(), sound.samples.begin(), sound.samples.end());
  }
  return all;
}

void write_sound(const fs::path& path, const Sound& sound) {
  const std::unique_ptr<RowWriter> file = create_wav(path, {.sample_rate = sound.rate});
  for (double sample : sound.samples) file->write({&sample, 1});
  file->finish();
}

}  // namespace unroll::program
