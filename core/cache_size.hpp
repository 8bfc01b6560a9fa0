#pragma once
#include "unroll/core/shape.hpp"

namespace unroll {

/// Bytes of a core's second-level cache; half a megabyte where the system does not tell.
Index second_level_cache();

}  // namespace unroll
