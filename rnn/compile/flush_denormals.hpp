#pragma once
// FlushDenormals: operands and results too small to be normal numbers are 0 on this thread while it lives. Many
// processors take some 100 cycles for each operation that meets one.
#include <cstdint>
#if defined(__SSE2__)
#include <xmmintrin.h>
#endif

namespace unroll::compile {

class FlushDenormals {
 public:
  FlushDenormals() noexcept : before_(get()) {
    if ((before_ & flush) != flush) set(before_ | flush);
  }
  ~FlushDenormals() {
    if ((before_ & flush) != flush) set(before_);
  }
  FlushDenormals(const FlushDenormals&) = delete;

 private:
#if defined(__SSE2__)
  using Register = std::uint32_t;
  static constexpr Register flush = 1u << 15 | 1u << 6;  // results, operands
  static Register get() noexcept { return _mm_getcsr(); }
  static void set(Register value) noexcept { _mm_setcsr(value); }
#elif defined(__aarch64__)
  using Register = std::uint64_t;
  static constexpr Register flush = 1u << 24;
  static Register get() noexcept {
    Register value;
    asm volatile("mrs %0, fpcr" : "=r"(value));
    return value;
  }
  static void set(Register value) noexcept { asm volatile("msr fpcr, %0" : : "r"(value)); }
#else
  using Register = std::uint32_t;
  static constexpr Register flush = 0;
  static Register get() noexcept { return 0; }
  static void set(Register) noexcept {}
#endif
  Register before_;
};

}  // namespace unroll::compile
