#include "unroll/core/cache_size.hpp"

#include <unistd.h>

namespace unroll {

Index second_level_cache() {
  static const Index bytes = [] {
    long told = 0;
#ifdef _SC_LEVEL2_CACHE_SIZE
    told = sysconf(_SC_LEVEL2_CACHE_SIZE);
#endif
    return told > 0 ? static_cast<Index>(told) : Index{512} << 10;
  }();
  return bytes;
}

}  // namespace unroll
