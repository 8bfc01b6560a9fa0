#include "unroll/core/kernels/targets.hpp"
#include "unroll/core/kernels/tile_families.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "unroll/core/kernels/tile_transcendental.cpp"
#include "hwy/foreach_target.h"
#include "unroll/core/kernels/tile-inl.hpp"
#include "unroll/core/kernels/transcendental_ops-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace unroll::kernels::HWY_NAMESPACE {
namespace {

#define UNROLL_TILES(T) UNROLL_TILE(T, exp, Exp), UNROLL_TILE(T, log, Log)
UNROLL_TILE_FAMILY(transcendental, UNROLL_TILES)

}  // namespace
}  // namespace unroll::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace unroll::kernels {
UNROLL_TILE_FAMILY_DISPATCH(transcendental)
}  // namespace unroll::kernels
#endif
