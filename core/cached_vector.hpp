#pragma once
// CachedVector: std::vector in memory that is used again (memory.hpp), for what is built and thrown away in every
// training step.
#include <vector>

#include "unroll/core/memory.hpp"

namespace unroll {

template <class T>
struct CachedAllocator {
  using value_type = T;
  CachedAllocator() = default;
  template <class U>
  CachedAllocator(const CachedAllocator<U>&) {}  // NOLINT(google-explicit-constructor)

  T* allocate(std::size_t count) {
    std::uint8_t size_class;
    return static_cast<T*>(allocate_block(bytes(count), size_class));
  }
  void deallocate(T* block, std::size_t count) noexcept { release_block_of(bytes(count), block); }
  friend bool operator==(const CachedAllocator&, const CachedAllocator&) { return true; }

 private:
  static std::size_t bytes(std::size_t count) { return count * sizeof(T); }  // NOLINT(bugprone-sizeof-expression)
};

template <class T>
using CachedVector = std::vector<T, CachedAllocator<T>>;

/// A class whose objects, made with new, lie in such memory.
struct Cached {
  static void* operator new(std::size_t bytes) {
    std::uint8_t size_class;
    return allocate_block(bytes, size_class);
  }
  static void operator delete(void* block, std::size_t bytes) noexcept { release_block_of(bytes, block); }
};

}  // namespace unroll
