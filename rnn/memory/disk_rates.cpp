#include "unroll/rnn/memory/disk_rates.hpp"

#include <map>
#include <mutex>

#include "unroll/rnn/memory/spill_file.hpp"
#include "unroll/rnn/memory/store.hpp"

namespace unroll::memory {
namespace {

std::mutex mutex;

// Outlives every store: one may end with the program.
std::map<std::string, DiskRates>& known() {
  static auto& rates = *new std::map<std::string, DiskRates>;
  return rates;
}

DiskRates measure(const std::string& directory) {
  constexpr Index blocks = 8;
  constexpr std::size_t block_bytes = SpillFile::least_for_rates / blocks;
  Memory memory(block_bytes + SpillFile::page);
  std::byte* block = SpillFile::at_page(memory.data());
  std::fill_n(block, block_bytes, std::byte{1});
  SpillFile file(directory, blocks, block_bytes);
  for (Index k = 0; k < blocks; ++k) file.write(k, block);
  for (Index k = 0; k < blocks; ++k) file.read(k, block);
  file.wait_for_all();
  return file.rates();
}

}  // namespace

DiskRates measure_disk(const std::string& directory) {
  std::lock_guard lock(mutex);
  auto found = known().find(directory);
  if (found == known().end()) found = known().emplace(directory, measure(directory)).first;
  return found->second;
}

void note_disk(const std::string& directory, const DiskRates& rates) {
  std::lock_guard lock(mutex);
  auto found = known().find(directory);
  if (found == known().end()) return;
  if (rates.write > 0) found->second.write = rates.write;
  if (rates.read > 0) found->second.read = rates.read;
}

}  // namespace unroll::memory
