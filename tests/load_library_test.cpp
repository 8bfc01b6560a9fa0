// The shared library in a program that is not linked with it, as plug-ins are loaded.
#include <dlfcn.h>
#include <doctest/doctest.h>

#include <string>
#include <thread>

TEST_CASE("a running program can load the shared library and use its memory from a thread of its own") {
  void* library = dlopen(UNROLL_SHARED_LIBRARY, RTLD_NOW | RTLD_LOCAL);
  const std::string why = library ? "" : dlerror();
  INFO(why);
  REQUIRE(library != nullptr);
  // void* unroll::allocate_block(std::size_t, std::uint8_t&) and void unroll::release_block(void*, std::uint8_t)
  auto* allocate =
      reinterpret_cast<void* (*)(std::size_t, unsigned char&)>(dlsym(library, "_ZN6unroll14allocate_blockEmRh"));
  auto* release = reinterpret_cast<void (*)(void*, unsigned char)>(dlsym(library, "_ZN6unroll13release_blockEPvh"));
  const bool found = allocate && release;
  REQUIRE(found);
  auto use = [&] {
    unsigned char size_class;
    void* block = allocate(1000, size_class);
    release(block, size_class);
    void* again = allocate(1000, size_class);
#ifndef __SANITIZE_ADDRESS__
    CHECK(again == block);  // kept by this thread
#endif
    release(again, size_class);
  };
  use();
  std::thread(use).join();
}
