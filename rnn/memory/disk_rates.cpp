#include "unroll/rnn/memory/disk_rates.hpp"

#include <chrono>
#include <map>
#include <mutex>

#include "unroll/rnn/memory/spill_file.hpp"
#include "unroll/rnn/memory/store.hpp"

namespace unroll::memory {
namespace {

DiskRates measure(const std::string& directory) {
  constexpr Index blocks = 8;
  constexpr std::size_t block_bytes = std::size_t{4} << 20;
  Memory memory(block_bytes + SpillFile::page);
  std::byte* block = SpillFile::at_page(memory.data());
  std::fill_n(block, block_bytes, std::byte{1});
  SpillFile file(directory, blocks, block_bytes);
  auto rate = [&](auto&& ask) {
    auto begin = std::chrono::steady_clock::now();
    for (Index k = 0; k < blocks; ++k) ask(k);
    file.wait(blocks - 1);
    std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
    return static_cast<double>(blocks * block_bytes) / seconds.count();
  };
  DiskRates rates;
  rates.write = rate([&](Index k) { file.write(k, block); });
  rates.read = rate([&](Index k) { file.read(k, block); });
  return rates;
}

}  // namespace

DiskRates measure_disk(const std::string& directory) {
  static std::mutex mutex;
  static std::map<std::string, DiskRates> known;
  std::lock_guard lock(mutex);
  auto found = known.find(directory);
  if (found == known.end()) found = known.emplace(directory, measure(directory)).first;
  return found->second;
}

}  // namespace unroll::memory
