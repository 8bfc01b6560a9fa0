#pragma once
// MemoryOptions: what dynamic_rnn and its relatives may hold in memory for the backward pass.
#include <cstddef>
#include <string>

namespace unroll {

/// Of dynamic_rnn and its relatives; see DynamicRnnOptions.
struct MemoryOptions {
  bool swap_memory = false;
  std::size_t memory_limit = 0;
  std::string spill_directory = {};
};

}  // namespace unroll
