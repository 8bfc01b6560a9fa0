#pragma once
// MemoryOptions: what dynamic_rnn and its relatives may hold in memory for the backward pass.
#include <cstddef>
#include <string>
#include <string_view>

namespace unroll {

/// Of dynamic_rnn and its relatives; see DynamicRnnOptions.
struct MemoryOptions {
  bool swap_memory = false;
  std::size_t memory_limit = 0;
  std::string spill_directory = {};
};

/// While it lives, these options hold for this thread's calls of dynamic_rnn and its relatives, also those within
/// layers and static_rnn, that do not ask for swap_memory themselves:
///
///     MemoryScope memory({.swap_memory = true, .memory_limit = 200'000'000});
///     Nest y = model(x);
///
/// The limit is one for each call. Scopes nest; the innermost holds alone. Throws ValueError for a memory_limit or
/// spill_directory without swap_memory.
class [[nodiscard]] MemoryScope {
 public:
  explicit MemoryScope(MemoryOptions options);
  ~MemoryScope();
  MemoryScope(const MemoryScope&) = delete;
  MemoryScope& operator=(const MemoryScope&) = delete;

  /// Of the innermost scope; without one, the defaults.
  static const MemoryOptions& current();

 private:
  MemoryOptions before_;
};

/// ValueError, in the name of `who`, for options that need swap_memory.
void check_memory_options(std::string_view who, const MemoryOptions& options);

}  // namespace unroll
