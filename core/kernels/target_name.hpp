#pragma once

#include <string>

namespace unroll::kernels {

/// The instruction set that the kernels run with on this machine, as Highway names it: "AVX2", "AVX3", "NEON", ...
std::string highway_target();

}  // namespace unroll::kernels
