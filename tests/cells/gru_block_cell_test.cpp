#include "unroll/cells/gru_block_cell.hpp"

#include "support/cell_checks.hpp"

using namespace unroll;
using namespace testing;

TEST_CASE("GRUBlockCellV2 is a GRUCell, names of variables included") {
  GRUBlockCellV2 cell(3);
  check_cell(cell, {2, 4});
  GRUCell reference(3);
  reference.build(TensorSpec{{1, 4}, float64});
  CHECK(variable_names(cell) == variable_names(reference));
  for (std::size_t k = 0; k < 4; ++k) reference.variables()[k].assign(cell.variables()[k]);
  Tensor x = random_tensor({2, 4}, 1);
  Nest state = random_state(cell, 2);
  CHECK(array_equal(cell(x, state).output.leaf(), reference(x, state).output.leaf()));
}
