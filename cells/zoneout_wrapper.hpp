#pragma once
#include "unroll/cells/cell_wrapper.hpp"
#include "unroll/cells/step_random.hpp"

namespace unroll {

struct ZoneoutWrapperOptions {
  double zoneout_factor_cell = 0;    // for the c of an LSTMStateTuple
  double zoneout_factor_output = 0;  // for its h, and for any other tensor of a state
  std::optional<std::uint64_t> seed = {};
};

/// Zoneout (Krueger et al. 2017, arXiv:1606.01305): in training each unit of the state keeps its old value with
/// probability z, independently for each step and row; when evaluated, it takes the expectation:
///
///     new = old where a mask says so (probability z), else the cell's          (training)
///     new = z old + (1 - z) the cell's                                         (set_training(false))
///
/// An output that is the cell's new h becomes what h becomes. Tensors of integers are left alone. Throws TypeError if
/// the cell is null, ValueError unless the factors are in 0 .. 1, 1 excluded.
class ZoneoutWrapper : public CellWrapper {
 public:
  explicit ZoneoutWrapper(std::shared_ptr<RNNCell> cell, ZoneoutWrapperOptions options = {});
  template <std::derived_from<RNNCell> Cell>
  explicit ZoneoutWrapper(Cell cell, ZoneoutWrapperOptions options = {})
      : ZoneoutWrapper(shared_cell(std::move(cell)), std::move(options)) {}

  std::string class_name() const override { return "ZoneoutWrapper"; }
  Config config() const override;
  std::deque<std::uint64_t>* random_draws() override { return random_.draws(); }
  void set_training(bool training) { training_ = training; }

 private:
  StepResult call(const Nest& inputs, const Nest& state) override;
  Tensor zone_out(const Tensor& before, const Tensor& after, double factor, std::uint64_t slot);

  ZoneoutWrapperOptions options_;
  StepRandom random_;
  bool training_ = true;
};

}  // namespace unroll
