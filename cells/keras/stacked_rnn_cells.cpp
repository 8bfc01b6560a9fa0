#include "unroll/cells/keras/stacked_rnn_cells.hpp"

#include <set>

namespace unroll::keras {

StackedRNNCells::StackedRNNCells(std::vector<std::shared_ptr<RNNCell>> cells, std::string name)
    : MultiRNNCell(std::move(cells), {.name = std::move(name)}) {}

void StackedRNNCells::create(const SpecNest& inputs) {
  SpecNest in = inputs;
  std::set<std::string> names;
  for (std::size_t k = 0; k < cells().size(); ++k) {
    RNNCell& cell = *cells()[k];
    VariableScope scope(names.insert(cell.name()).second ? "" : "cell_" + std::to_string(k));
    cell.build(in);
    in = cell.output_size().map([&](const Shape& size) { return TensorSpec{size.insert(0, 1), dtype()}; });
  }
}

}  // namespace unroll::keras
