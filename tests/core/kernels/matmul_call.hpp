// Products of whole blocked matrices, for tests.
#pragma once

#include "core/kernels/blocked_matrix.hpp"
#include "unroll/core/kernels/packed_matmul.hpp"

namespace kernel_tests {

template <class T>
unroll::kernels::MatmulCall<T> call_for(const std::vector<unroll::kernels::MatmulTerm<T>>& terms, BlockedMatrix<T>& c) {
  return {.terms = terms.data(),
          .term_count = Index(terms.size()),
          .rows = c.rows,
          .first_block = 0,
          .last_block = c.blocks,
          .c = c.data.data(),
          .c_stride = c.block_stride,
          .bias = nullptr,
          .accumulate = false,
          .backwards = false};
}

}  // namespace kernel_tests
