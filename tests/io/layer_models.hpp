#pragma once
// Models of layers that the formats of other programs hold.
#include <doctest/doctest.h>

#include "files.hpp"
#include "support/cells.hpp"
#include "unroll/cells/cudnn_compatible_gru_cell.hpp"
#include "unroll/cells/dense.hpp"
#include "unroll/core/creation.hpp"

namespace testing {

/// Builds a module for `inputs` inputs and gives its variables random values.
template <class M>
M& built(M& module, unroll::Index inputs, unroll::DType dtype = unroll::float32) {
  module.build(unroll::TensorSpec{{1, inputs}, dtype});
  randomize(module);
  return module;
}

/// Sets every variable to 0, 1, 2, ... in row-major order.
inline void enumerate(const unroll::Module& module) {
  for (const unroll::Variable& v : module.variables())
    v.assign(unroll::Tensor(unroll::arange(static_cast<double>(v.size())).reshaped_view(v.shape()), v.dtype()));
}

/// The same values; biases, which formats may add up, to the last digits of float32.
inline void check_same_values(const unroll::Module& a, const unroll::Module& b) {
  auto x = a.variables(), y = b.variables();
  REQUIRE(x.size() == y.size());
  for (std::size_t k = 0; k < x.size(); ++k) CHECK(unroll::allclose(x[k], y[k], 1e-6, 2e-7));
}

/// The message of the error of type E that f throws, "" if it throws none.
template <class E, class F>
std::string message_of(F&& f) {
  try {
    f();
  } catch (const E& error) {
    return error.what();
  }
  return "";
}

}  // namespace testing
