// Included by every kernel source before hwy/foreach_target.h: the instruction sets that kernels are compiled for.
#pragma once

// SSSE3 alone is not worth its compile time. Scalable vectors cannot be members or array elements, which kernels need;
// Arm runs NEON.
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128)
