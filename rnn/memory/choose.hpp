#pragma once
// Which store a call gets: the cheapest that keeps to its limit.
#include <memory>

#include "unroll/rnn/memory/checkpoints.hpp"
#include "unroll/rnn/memory/disk_rates.hpp"
#include "unroll/rnn/memory/options.hpp"
#include "unroll/rnn/memory/pass_times.hpp"
#include "unroll/rnn/memory/spilled.hpp"

namespace unroll::memory {

struct Choice {
  enum class Tier : std::uint8_t { stored, recomputed, spilled };
  Tier tier = Tier::stored;
  Checkpoints checkpoints = {};  // of `recomputed`
  SpillPlan spill = {};          // of `spilled`
  std::string directory = {};
  DiskRates disk = {};
  std::size_t bytes = 0, stored_bytes = 0;  // that it holds in memory; that `stored` would
  double seconds = 0;                       // of forward and backward pass, predicted; 0: not known
};

/// Without swap_memory: stored. With it, and all fits to memory_limit: stored. Otherwise recomputed, or, if there is a
/// spill_directory, spilled, or some of both, whatever is predicted to be fastest. Without a limit: recomputed with
/// square-root spacing, or, if there is a spill_directory, one of these by way of some 48 MB. As long as nothing is
/// known of times, all that can be is spilled. Throws ResourceExhaustedError, with the least limit that
/// works, if it is too low, and what measure_disk throws.
Choice choose(const ChunkSizes& sizes, const MemoryOptions& options, const ChunkSeconds& seconds);

/// How many times the chunks are computed again on average, at least, to keep to memory_limit; 0 if all is stored,
/// infinity if not even one chunk can be.
double least_replayed_share(const ChunkSizes& sizes, const MemoryOptions& options);

/// Throws IOError if a file is needed and cannot be made.
std::unique_ptr<Store> make_store(const Choice& choice, const ChunkSizes& sizes);

/// For people: what was chosen, of how many chunks, how much memory it takes, how long it may take, and how long the
/// last call took.
std::string to_string(const Choice& choice, Index chunks, const LastCall& last);

}  // namespace unroll::memory
