#include "unroll/core/memory.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>
#include <utility>
#include <vector>

#ifdef __linux__
#include <sys/mman.h>
#endif

#include "unroll/core/errors.hpp"

#if defined(__SANITIZE_ADDRESS__)
#define UNROLL_NO_BLOCK_CACHE
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define UNROLL_NO_BLOCK_CACHE
#endif
#endif

namespace unroll {
namespace {

// Multiples of 64 bytes up to 256, then four classes for each doubling: at most a quarter of a block is wasted.
constexpr int classes = 160;

std::uint8_t class_of(std::size_t bytes) {
  std::size_t quarters = (std::max<std::size_t>(bytes, 1) - 1) >> 6;  // 64-byte units, less one
  if (quarters < 4) return static_cast<std::uint8_t>(quarters);
  int top = std::bit_width(quarters) - 1;
  return static_cast<std::uint8_t>(4 * (top - 1) + ((quarters >> (top - 2)) & 3));
}

std::size_t bytes_of(std::uint8_t c) {
  if (c < 4) return (std::size_t{1} + c) << 6;
  int top = c / 4 + 1;
  return ((std::size_t{5} + c % 4) << (top - 2)) << 6;
}

// Finding a thread's variables is a function call in a shared library, and more of them if they have constructors: so
// one plain pointer. (A fixed place, the model initial-exec, would keep programs from loading the library while they
// run.)
struct Cache;
thread_local Cache* cache = nullptr;  // none yet, or none any more

struct Cache {
  std::array<std::vector<void*>, classes> idle;
  std::array<std::uint64_t, classes> used{};  // when a block of the class was last asked for
  std::uint64_t now = 0;
  std::size_t live = 0, peak = 0, kept = 0;  // bytes; live is what this thread took less what it gave back
  ~Cache() {
    cache = nullptr;
    release();
  }
  // Makes room for `bytes` more idle ones, from the classes that nobody has asked for the longest time: sizes of a
  // workload that is over. False if there is too little to give up.
  bool make_room(std::size_t bytes, std::uint8_t wanted) noexcept {
    while (kept + bytes > peak) {
      int oldest = -1;
      for (int c = 0; c < classes; ++c)
        if (c != wanted && !idle[c].empty() && used[c] < used[wanted] && (oldest < 0 || used[c] < used[oldest]))
          oldest = c;
      if (oldest < 0) return false;
      std::free(idle[oldest].back());
      idle[oldest].pop_back();
      kept -= bytes_of(static_cast<std::uint8_t>(oldest));
    }
    return true;
  }
  void release() noexcept {
    for (auto& blocks : idle) {
      for (void* block : blocks) std::free(block);
      blocks.clear();
    }
    kept = 0;
  }
};

// Null in a thread that ends: a tensor that dies after its cache goes straight to the heap.
Cache* make_cache() noexcept {
  thread_local bool had = false;
  if (std::exchange(had, true)) return nullptr;
  thread_local Cache own;
  return cache = &own;
}

[[maybe_unused]] Cache* this_cache() noexcept {
  Cache* found = cache;
  return found ? found : make_cache();
}

// Walking through a large block with 4 KB pages waits for page tables, and its first touch for the kernel.
constexpr std::size_t huge_page = std::size_t{2} << 20;

void* huge_block(std::size_t bytes) {
  void* block = std::aligned_alloc(huge_page, (bytes + huge_page - 1) / huge_page * huge_page);
#ifdef MADV_HUGEPAGE
  if (block) madvise(block, bytes / huge_page * huge_page, MADV_HUGEPAGE);  // a wish: refused, all goes on as it was
#endif
  return block;
}

void* from_heap(std::size_t bytes) {
  if (bytes < std::size_t{1} << 46)
    if (void* block = bytes < 2 * huge_page ? std::aligned_alloc(64, bytes) : huge_block(bytes)) return block;
  raise<ResourceExhaustedError>("Tensor", "no memory for ", bytes, " bytes");
}

}  // namespace

void* allocate_block(std::size_t bytes, std::uint8_t& size_class) {
  if (bytes >= std::size_t{1} << 46) from_heap(bytes);
  size_class = class_of(bytes);
  std::size_t rounded = bytes_of(size_class);
#ifndef UNROLL_NO_BLOCK_CACHE
  if (Cache* own = this_cache()) {
    auto& idle = own->idle[size_class];
    own->used[size_class] = ++own->now;
    if (!idle.empty()) {
      void* block = idle.back();
      idle.pop_back();
      own->kept -= rounded;
      own->live += rounded;
      return block;
    }
    void* block = from_heap(rounded);
    own->live += rounded;
    own->peak = std::max(own->peak, own->live);
    return block;
  }
#endif
  return from_heap(rounded);
}

void release_block(void* block, std::uint8_t size_class) noexcept {
#ifndef UNROLL_NO_BLOCK_CACHE
  std::size_t rounded = bytes_of(size_class);
  if (Cache* own = this_cache()) {
    own->live -= std::min(own->live, rounded);
    if (own->make_room(rounded, size_class)) {
      auto& idle = own->idle[size_class];
      try {
        idle.push_back(block);
        own->kept += rounded;
        return;
      } catch (...) {  // no memory for the list: the block itself goes back
      }
    }
  }
#else
  static_cast<void>(size_class);
#endif
  std::free(block);
}

void release_block_of(std::size_t bytes, void* block) noexcept { release_block(block, class_of(bytes)); }

void release_cached_memory() noexcept {
  if (Cache* own = cache) own->release();
}

}  // namespace unroll
