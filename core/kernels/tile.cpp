#include "unroll/core/kernels/tile.hpp"

#include "unroll/core/kernels/blocked.hpp"
#include "unroll/core/kernels/tile_families.hpp"

namespace unroll::kernels {
namespace {

#define UNROLL_TILE_FAMILIES(T)                                                                          \
  constexpr TileFamily<T> families_##T[] = {activation_tiles_##T, arithmetic_tiles_##T, fused_tiles_##T, \
                                            logical_tiles_##T,    reduction_tiles_##T,  transcendental_tiles_##T};
UNROLL_TILE_FAMILIES(float)
UNROLL_TILE_FAMILIES(double)

template <class T>
const TileEntry<T>* find(const TileFamily<T> (&families)[6], TileOp op) {
  for (auto family : families) {
    for (const TileEntry<T>& entry : family()) {
      if (entry.op == op) return &entry;
    }
  }
  return nullptr;
}

}  // namespace

std::string_view name(TileOp op) { return find(families_float, op)->name; }

#define UNROLL_TILE_FUNCTION(T)                                                          \
  template <>                                                                            \
  TileFunction<T> tile_function(TileOp op, int lanes) {                                  \
    const TileEntry<T>* entry = find(families_##T, op);                                  \
    return lanes == block_lanes<T>().front() ? entry->function : entry->narrow_function; \
  }
UNROLL_TILE_FUNCTION(float)
UNROLL_TILE_FUNCTION(double)

}  // namespace unroll::kernels
