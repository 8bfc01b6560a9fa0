#pragma once
// The families of tile ops, for the instruction set that is chosen.
#include <span>

#include "unroll/core/kernels/tile.hpp"

namespace unroll::kernels {

template <class T>
struct TileEntry {
  TileOp op;
  const char* name;
  TileFunction<T> function, narrow_function;  // for blocks of a whole vector, and of half of one
};

template <class T>
using TileFamily = std::span<const TileEntry<T>> (*)();

#define UNROLL_DECLARE_TILE_FAMILY(family)            \
  std::span<const TileEntry<float>> family##_float(); \
  std::span<const TileEntry<double>> family##_double();

UNROLL_DECLARE_TILE_FAMILY(activation_tiles)
UNROLL_DECLARE_TILE_FAMILY(arithmetic_tiles)
UNROLL_DECLARE_TILE_FAMILY(fused_tiles)
UNROLL_DECLARE_TILE_FAMILY(logical_tiles)
UNROLL_DECLARE_TILE_FAMILY(reduction_tiles)
UNROLL_DECLARE_TILE_FAMILY(transcendental_tiles)
#undef UNROLL_DECLARE_TILE_FAMILY

}  // namespace unroll::kernels
