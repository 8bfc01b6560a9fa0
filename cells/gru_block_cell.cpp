#include "unroll/cells/gru_block_cell.hpp"

namespace unroll {

GRUBlockCellV2::GRUBlockCellV2(Index num_units, GRUCellOptions options) : GRUCell(num_units, std::move(options)) {}

}  // namespace unroll
