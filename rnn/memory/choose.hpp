#pragma once
// Which store a call gets.
#include <memory>

#include "unroll/rnn/memory/options.hpp"
#include "unroll/rnn/memory/store.hpp"

namespace unroll::memory {

/// Without swap_memory everything is stored. With it, as much as fits to memory_limit is computed again; without a
/// limit, with square-root spacing. Throws ResourceExhaustedError, with the least limit that works, if it is too low.
std::unique_ptr<Store> choose_store(ChunkSizes sizes, const MemoryOptions& options);

}  // namespace unroll::memory
