#pragma once
// How many states and chunks to hold so that the rest can be computed again at least cost: optimal checkpointing after
// Griewank and Walther, "Algorithm 799: Revolve" (ACM TOMS 26, 2000), for segments of chunks: what backward needs is
// kept for a whole segment when its forward steps run again (Gruslys et al., "Memory-efficient backpropagation through
// time", NIPS 2016).
#include <cstddef>

#include "unroll/core/shape.hpp"

namespace unroll::memory {

/// The least number of segments to run forward again to take back `segments` of them, with room for `states` states
/// beside the first one: r m - C(s + r, r - 1) for m segments and s = states + 1, r the least with C(s + r, s) >= m.
double least_advances(Index segments, Index states);
/// How many segments to go on before the next state is held; `states` >= 1, `segments` >= 2.
Index best_advance(Index segments, Index states);

struct Checkpoints {
  Index blocks = 1;     // chunks in a segment, whose data are held at once
  Index states = 0;     // held at once, beside the initial one
  double replayed = 0;  // chunks that run forward once more
};

/// The Checkpoints with the fewest replayed chunks that take at most `limit` bytes, for `chunks` chunks of `kept` bytes
/// each and states of `state` bytes; limit >= kept.
Checkpoints place_checkpoints(Index chunks, std::size_t kept, std::size_t state, std::size_t limit);
/// Those that take the least memory when no chunk runs forward more than once more: square-root spacing (Chen et al.,
/// "Training deep nets with sublinear memory cost", 2016).
Checkpoints square_root_checkpoints(Index chunks, std::size_t kept, std::size_t state);

}  // namespace unroll::memory
