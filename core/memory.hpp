#pragma once
// Memory for tensors and for what surrounds them: blocks are kept after use and given out again, so that a training
// step that repeats the sizes of the step before asks the heap for nothing.
#include <cstddef>
#include <cstdint>

namespace unroll {

/// A block of at least `bytes` bytes at an address that is a multiple of 64. Blocks that this thread has given back are
/// used first. Throws ResourceExhaustedError if there is no memory.
void* allocate_block(std::size_t bytes, std::uint8_t& size_class);
/// Gives a block back; any thread may do so. It is kept for later use as long as the thread does not hold more idle
/// memory than it ever had in use, in place of blocks whose size was asked for longer ago; with the address sanitizer
/// it goes back at once.
void release_block(void* block, std::uint8_t size_class) noexcept;
/// The same for a block that was asked for with `bytes` bytes.
void release_block_of(std::size_t bytes, void* block) noexcept;
/// Returns all idle blocks of the calling thread to the system.
void release_cached_memory() noexcept;

}  // namespace unroll
