#include "row_lengths.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <stdexcept>

namespace bench {

std::vector<std::int32_t> row_lengths(const std::string& kind, int batch, int time, int seed) {
  std::vector<std::int32_t> n(static_cast<std::size_t>(batch), time);
  if (kind == "full") return n;
  if (kind == "uniform") {
    for (int b = 0; b < batch; ++b) n[b] = 1 + (time - 1) * b / std::max(1, batch - 1);
  } else if (kind == "zipf") {
    for (int b = 0; b < batch; ++b) n[b] = std::max(1, static_cast<int>(std::nearbyint(time / std::pow(b + 1, 0.7))));
  } else {
    std::ifstream file(kind);
    for (auto& length : n)
      if (!(file >> length)) throw std::runtime_error("no " + std::to_string(batch) + " lengths in " + kind);
  }
  // The linear congruential generator that the programs for other libraries use, so that all get the same rows.
  std::uint64_t state = static_cast<std::uint64_t>(seed);
  for (int last = batch - 1; last > 0; --last) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    std::swap(n[last], n[(state >> 33) % static_cast<std::uint64_t>(last + 1)]);
  }
  return n;
}

}  // namespace bench
