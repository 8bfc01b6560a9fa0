#include "unroll/cells/cell_wrapper.hpp"

namespace unroll {

CellWrapper::CellWrapper(std::string_view who, std::shared_ptr<RNNCell> cell, std::string name)
    : RNNCell(std::move(name)), cell_(std::move(cell)) {
  if (!cell_) raise<TypeError>(who, "the cell is null, expected an RNNCell");
}

}  // namespace unroll
