#pragma once

#include "unroll/core/kernels/index.hpp"

namespace unroll::kernels {

/// The random words of `count` blocks from number `block` on, four of each, as philox_block gives them.
void philox_words(std::uint64_t seed, std::uint64_t stream, std::uint64_t block, Index count, std::uint32_t* words);

/// What is dropped: the elements whose random word is below `limit`; the others are multiplied by `scale`.
struct DropoutRule {
  std::uint64_t seed, stream, limit;
  double scale;
};

#define UNROLL_DECLARE_DROPOUT(T)                                                                                      \
  /** y[i] = x[i] * scale, or 0, as the rule says of word `position` + i: word p is number p % 4 of block p / 4. y may \
      be x. */                                                                                                         \
  void dropout(const DropoutRule& rule, std::uint64_t position, const T* x, T* y, Index n);

UNROLL_DECLARE_DROPOUT(float)
UNROLL_DECLARE_DROPOUT(double)
#undef UNROLL_DECLARE_DROPOUT

}  // namespace unroll::kernels
