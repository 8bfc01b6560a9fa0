#include "unroll/core/memory.hpp"

#include <doctest/doctest.h>
#include <malloc.h>

#include <cstring>
#include <thread>
#include <vector>

#include "unroll/core/errors.hpp"
#include "unroll/core/tensor.hpp"

using namespace unroll;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif

namespace {

struct Block {
  void* address;
  std::uint8_t size_class;
};

Block allocate(std::size_t bytes) {
  Block block{};
  block.address = allocate_block(bytes, block.size_class);
  return block;
}

void release(const Block& block) { release_block(block.address, block.size_class); }

// In a thread of its own, whose cache is empty.
template <class F>
void in_new_thread(F&& f) {
  std::thread(std::forward<F>(f)).join();
}

}  // namespace

TEST_CASE("a block holds what was asked for, aligned, with little more") {
  for (std::size_t bytes = 1; bytes < 3'000'000; bytes = bytes * 9 / 8 + 1) {
    Block block = allocate(bytes);
    CHECK(reinterpret_cast<std::uintptr_t>(block.address) % 64 == 0);
    CHECK(malloc_usable_size(block.address) >= bytes);
    CHECK(malloc_usable_size(block.address) <= std::max<std::size_t>(bytes * 5 / 4, 320) + 64);
    std::memset(block.address, 0xA5, bytes);
    release(block);
  }
}

TEST_CASE("sizes that cannot be had are refused") {
  std::uint8_t size_class;
  CHECK_THROWS_WITH_AS(allocate_block(std::size_t{1} << 46, size_class), doctest::Contains("no memory for"),
                       ResourceExhaustedError);
  CHECK_THROWS_AS(allocate_block(SIZE_MAX, size_class), ResourceExhaustedError);
}

TEST_CASE("tensors may die in another thread than the one that made them, and after it") {
  Tensor made_there;
  in_new_thread([&] { made_there = Tensor{1.5f, 2.5f}; });
  CHECK(made_there.at<float>({1}) == 2.5f);
  in_new_thread([tensor = std::move(made_there)]() mutable { tensor.reset(); });

  in_new_thread([] {
    thread_local Tensor
        outlives_the_cache;  // constructed before the thread's first block, so destroyed after the cache
    outlives_the_cache = Tensor{1, 2, 3};
    CHECK(outlives_the_cache.size() == 3);
  });
}

TEST_CASE("threads that pass tensors to one another do not disturb each other") {
  std::vector<std::thread> threads;
  std::vector<std::vector<Tensor>> made(4);
  for (int k = 0; k < 4; ++k)
    threads.emplace_back([&made, k] {
      for (int i = 0; i < 200; ++i) made[k].emplace_back(TensorSpec{{1 + i % 17, 40}, float32});
    });
  for (auto& thread : threads) thread.join();
  threads.clear();
  for (int k = 0; k < 4; ++k)
    threads.emplace_back([&made, k] {
      for (int i = 0; i < 200; ++i) {
        Tensor mine(TensorSpec{{1 + i % 13, 50}, float32});
        *mine.mutable_data<float>() = static_cast<float>(k);
        made[(k + 1) % 4][i].reset();
        CHECK(*mine.data<float>() == static_cast<float>(k));
      }
    });
  for (auto& thread : threads) thread.join();
}

#ifndef SANITIZED  // they bring an allocator of their own, and memory goes back at once

namespace {

// Bytes in blocks that the heap maps one by one: the large ones.
std::size_t mapped() { return mallinfo2().hblkhd; }

constexpr std::size_t large = std::size_t{64} << 20;  // never written to, so it costs no memory

}  // namespace

TEST_CASE("a block is used again for the next of its size") {
  in_new_thread([] {
    Block a = allocate(5000), b = allocate(5000);
    release(a);
    Block c = allocate(5000);
    CHECK(c.address == a.address);
    release(b);
    release(c);
    CHECK(allocate(4990).address == c.address);  // last in, first out
    CHECK(allocate(5000).address == b.address);
  });
}

TEST_CASE("a training step that repeats the sizes of the step before gets the same blocks") {
  in_new_thread([] {
    auto step = [] {
      std::vector<const std::byte*> places;
      std::vector<Tensor> kept;
      for (Index n : {10, 200, 3000, 10, 70000}) places.push_back(kept.emplace_back(TensorSpec{{n}, float32}).raw());
      return places;
    };
    step();
    auto second = step();
    std::sort(second.begin(), second.end());
    for (int repeat = 0; repeat < 3; ++repeat) {
      auto next = step();
      std::sort(next.begin(), next.end());
      CHECK(next == second);
    }
  });
}

TEST_CASE("when the sizes change, blocks of the new sizes take the place of the old ones") {
  in_new_thread([] {
    std::size_t before = mapped();
    std::vector<Block> old_sizes, new_sizes;
    for (int k = 0; k < 4; ++k) old_sizes.push_back(allocate(large));
    for (const Block& block : old_sizes) release(block);
    for (int k = 0; k < 2; ++k) new_sizes.push_back(allocate(large * 2));
    for (const Block& block : new_sizes) release(block);
    CHECK(mapped() - before < 5 * large);
    Block again = allocate(large * 2);
    CHECK(again.address == new_sizes[1].address);
    release(again);
    release_cached_memory();
  });
}

TEST_CASE("a thread keeps no more idle memory than it had in use at most") {
  in_new_thread([] {
    std::size_t before = mapped();
    std::vector<Block> others;
    in_new_thread([&] {
      for (int k = 0; k < 10; ++k) others.push_back(allocate(large));
    });
    Block a = allocate(large), b = allocate(large);
    CHECK(mapped() - before >= 12 * large);
    for (const Block& block : others) release(block);  // two of them are kept
    CHECK(mapped() - before < 5 * large);
    CHECK(mapped() - before >= 4 * large);
    release(a);
    release(b);
    CHECK(mapped() - before < 3 * large);
    CHECK(mapped() - before >= 2 * large);
    release_cached_memory();
    CHECK(mapped() - before < large);
  });
}

TEST_CASE("a thread gives its idle memory back when it ends") {
  std::size_t before = mapped();
  in_new_thread([&] {
    for (int k = 0; k < 3; ++k) release(allocate(large));
    CHECK(mapped() >= before + large);
    CHECK(mapped() < before + 2 * large);
  });
  CHECK(mapped() == before);
}

#endif
