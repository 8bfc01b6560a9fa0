#include "unroll/rnn/memory/options.hpp"

#include <utility>

#include "unroll/core/errors.hpp"

namespace unroll {
namespace {

MemoryOptions& of_thread() {
  thread_local MemoryOptions options;
  return options;
}

}  // namespace

MemoryScope::MemoryScope(MemoryOptions options) {
  check_memory_options("MemoryScope", options);
  before_ = std::exchange(of_thread(), std::move(options));
}
MemoryScope::~MemoryScope() { of_thread() = std::move(before_); }

const MemoryOptions& MemoryScope::current() { return of_thread(); }

void check_memory_options(std::string_view who, const MemoryOptions& options) {
  if (options.swap_memory) return;
  if (options.memory_limit > 0)
    raise<ValueError>(who, "memory_limit is ", options.memory_limit, ", which needs swap_memory = true");
  if (!options.spill_directory.empty())
    raise<ValueError>(who, "spill_directory is \"", options.spill_directory, "\", which needs swap_memory = true");
}

}  // namespace unroll
