#pragma once
// How a call's steps are cut into chunks, and where what its backward pass needs is held.
#include "unroll/rnn/compile/compiled_cell.hpp"
#include "unroll/rnn/memory/choose.hpp"
#include "unroll/rnn/sequence.hpp"

namespace unroll::compile {

struct MemoryPlan {
  memory::ChunkSizes sizes;
  memory::Choice choice;
};

/// Lays out the rows, in chunks of parallel_iterations steps, or up to four times as many where so few rows are alive
/// that these have as many rows as parallel_iterations steps of 16 rows; fewer, if that is enough for the caches; in
/// shorter ones, if a memory_limit is such that the steps would otherwise be computed again more than once, or could
/// not be held at all. Null: nothing is kept. `layout` has to live as long as the plan.
std::optional<MemoryPlan> lay_out(const Sequence& sequence, const CompiledCell& cell, int threads, RowLayout& layout);

}  // namespace unroll::compile
