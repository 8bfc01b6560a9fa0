#include "unroll/rnn/memory/choose.hpp"

#include "unroll/core/errors.hpp"
#include "unroll/rnn/memory/recomputed.hpp"
#include "unroll/rnn/memory/stored.hpp"

namespace unroll::memory {

std::unique_ptr<Store> choose_store(ChunkSizes sizes, const MemoryOptions& options) {
  auto stored = std::make_unique<Stored>(sizes);
  if (!options.swap_memory || sizes.count <= 1) return stored;
  std::size_t kept = aligned(sizes.most_kept), state = aligned(sizes.state), limit = options.memory_limit;
  if (limit == 0) return std::make_unique<Recomputed>(sizes, square_root_checkpoints(sizes.count, kept, state));
  if (stored->bytes() <= limit) return stored;
  if (limit < kept)
    raise<ResourceExhaustedError>("dynamic_rnn", "memory_limit is ", limit, " bytes; at least ", kept, " are needed");
  return std::make_unique<Recomputed>(sizes, place_checkpoints(sizes.count, kept, state, limit));
}

}  // namespace unroll::memory
