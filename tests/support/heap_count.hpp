#pragma once

namespace testing {

/// How often the program has asked the heap for memory.
long heap_allocations();

}  // namespace testing
