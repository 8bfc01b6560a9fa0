#pragma once

#include <string>

namespace unroll::kernels {

/// Makes OpenBLAS ready, once; matmul calls it. It is told to run single-threaded, so that a product has the same bits
/// however many cores there are. Where it does not know the processor and took its oldest kernels (Prescott, SSE3),
/// though the processor has AVX2 or AVX-512, it is told to take those for that, unless the environment variable
/// OPENBLAS_CORETYPE made the choice.
void prepare_blas();

/// The processor whose kernels OpenBLAS runs, as it names them: "Haswell", "SkylakeX", "Cooperlake", ...
std::string blas_core_type();

}  // namespace unroll::kernels
