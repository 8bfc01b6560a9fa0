#include "unroll/rnn/memory/choose.hpp"

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <limits>
#include <sstream>

#include "unroll/core/errors.hpp"
#include "unroll/rnn/memory/recomputed.hpp"
#include "unroll/rnn/memory/stored.hpp"

namespace unroll::memory {
namespace {

constexpr std::size_t spill_memory = std::size_t{48} << 20;
constexpr Index fewest_blocks = 4;
constexpr double step_of_share = 1.0 / 16, least_share = 0.25;

std::string megabytes(std::size_t bytes) {
  std::ostringstream out;
  out << std::fixed << std::setprecision(bytes < 10'000'000 ? 3 : 1) << static_cast<double>(bytes) * 1e-6 << " MB";
  return out.str();
}

Choice recomputed(const ChunkSizes& sizes, const Checkpoints& checkpoints, const ChunkSeconds& s) {
  Choice choice{.tier = Choice::Tier::recomputed, .checkpoints = checkpoints};
  choice.bytes = Recomputed::bytes(sizes, checkpoints);
  if (s.known())
    choice.seconds = static_cast<double>(sizes.count) * (s.forward + s.backward) + checkpoints.replayed * s.forward;
  return choice;
}

// As many blocks as there is room for; none if there are too few.
Index blocks_for(const ChunkSizes& sizes, SpillPlan plan, std::size_t limit) {
  Index fewest = std::max<Index>(2, plan.longest_replay() + 1);
  plan.blocks = 0;
  std::size_t fixed = Spilled::bytes(sizes, plan), each = SpillFile::whole_pages(sizes.most_kept);
  if (limit == 0)
    limit = std::max(spill_memory, fixed + static_cast<std::size_t>(std::max(fewest, fewest_blocks)) * each);
  if (limit < fixed) return 0;
  auto blocks = std::min(static_cast<Index>((limit - fixed) / each), std::max(sizes.count, fewest));
  return blocks < fewest ? 0 : blocks;
}

// The share of the chunks whose file is written and read while the others are computed again.
Choice spilled(const ChunkSizes& sizes, const MemoryOptions& options, const ChunkSeconds& s) {
  Choice best{.tier = Choice::Tier::spilled,
              .directory = options.spill_directory,
              .disk = measure_disk(options.spill_directory)};
  auto n = static_cast<double>(sizes.count), bytes = static_cast<double>(sizes.most_kept);
  for (double share = 1; share >= least_share; share -= step_of_share) {
    SpillPlan plan{.spilled = share};
    plan.blocks = blocks_for(sizes, plan, options.memory_limit);
    if (plan.blocks == 0) continue;
    double forward = n * (s.forward + share * s.forward_file);
    double backward = n * (s.backward + share * s.backward_file + (1 - share) * s.forward);
    forward = std::max(forward, share * n * bytes / best.disk.write);
    backward = std::max(backward, share * n * bytes / best.disk.read);
    if (best.bytes > 0 && forward + backward >= best.seconds) continue;
    best.spill = plan;
    best.bytes = Spilled::bytes(sizes, plan);
    best.seconds = s.known() ? forward + backward : 0;
    if (!s.known()) break;
  }
  return best;
}

}  // namespace

Choice choose(const ChunkSizes& sizes, const MemoryOptions& options, const ChunkSeconds& seconds) {
  std::size_t kept = aligned(sizes.most_kept), state = aligned(sizes.state), limit = options.memory_limit;
  Choice all{.bytes = Stored::bytes(sizes)};
  all.stored_bytes = all.bytes;
  all.seconds = static_cast<double>(sizes.count) * (seconds.forward + seconds.backward);
  bool spills = !options.spill_directory.empty();
  if (!options.swap_memory || kept == 0 || (limit > 0 ? all.bytes <= limit : sizes.count <= 1)) return all;
  if (limit > 0 && limit < kept)
    raise<ResourceExhaustedError>("dynamic_rnn", "memory_limit is ", limit, " bytes; at least ", kept, " are needed");
  if (limit == 0 && spills) limit = std::max(spill_memory, kept);
  Choice best = recomputed(sizes,
                           limit > 0 ? place_checkpoints(sizes.count, kept, state, limit)
                                     : square_root_checkpoints(sizes.count, kept, state),
                           seconds);
  if (spills) {
    Choice other = spilled(sizes, options, seconds);
    if (other.bytes > 0 && (!seconds.known() || other.seconds < best.seconds)) best = other;
  }
  best.stored_bytes = all.bytes;
  return best;
}

double least_replayed_share(const ChunkSizes& sizes, const MemoryOptions& options) {
  std::size_t kept = aligned(sizes.most_kept), limit = options.memory_limit;
  if (limit == 0 || Stored::bytes(sizes) <= limit) return 0;
  if (limit < kept) return std::numeric_limits<double>::infinity();
  return place_checkpoints(sizes.count, kept, aligned(sizes.state), limit).replayed / static_cast<double>(sizes.count);
}

std::unique_ptr<Store> make_store(const Choice& choice, const ChunkSizes& sizes) {
  switch (choice.tier) {
    case Choice::Tier::recomputed:
      return std::make_unique<Recomputed>(sizes, choice.checkpoints);
    case Choice::Tier::spilled:
      return std::make_unique<Spilled>(sizes, choice.spill, choice.directory);
    default:
      return std::make_unique<Stored>(sizes);
  }
}

std::string to_string(const Choice& c, Index chunks, const LastCall& last) {
  std::ostringstream out;
  if (c.tier == Choice::Tier::stored) {
    out << "stored: " << chunks << " chunks";
  } else if (c.tier == Choice::Tier::recomputed) {
    out << "recomputed: " << c.checkpoints.replayed << " of " << chunks << " chunks run forward again, from "
        << c.checkpoints.states << " states, " << c.checkpoints.blocks << " chunks at once";
  } else {
    Index files = c.spill.spilled_before(chunks);
    out << "spilled: " << files << " of " << chunks << " chunks to a file in " << c.directory << " ("
        << std::lround(c.disk.write * 1e-6) << " MB/s written, " << std::lround(c.disk.read * 1e-6) << " MB/s read), ";
    if (files < chunks) out << "the others run forward again, ";
    out << c.spill.blocks << " chunks at once";
  }
  out << "; " << megabytes(c.bytes) << " held";
  if (c.bytes < c.stored_bytes) out << " instead of " << megabytes(c.stored_bytes);
  if (c.seconds > 0) out << "; predicted " << std::setprecision(3) << c.seconds * 1e3 << " ms";
  if (last.backward > 0) {
    out << "; the last call took " << std::setprecision(3) << (last.forward + last.backward) * 1e3 << " ms";
    if (last.waited > 0) out << ", " << last.waited * 1e3 << " of them for the file";
  }
  out << "\n";
  return out.str();
}

}  // namespace unroll::memory
