#pragma once

#include "unroll/core/kernels/packed_matmul.hpp"

namespace unroll::kernels {

/// Fills in multiply_rows and sum_rows for kernels.lanes.
void set_outer_product_kernels(MatmulKernels<float>& kernels);
void set_outer_product_kernels(MatmulKernels<double>& kernels);

}  // namespace unroll::kernels
