#pragma once
#include "unroll/cells/cell_wrapper.hpp"

namespace unroll {

/// A cell on a device (tf.nn.rnn_cell.DeviceWrapper). There is one device here: any name is accepted, and the wrapper
/// changes nothing. Throws TypeError if the cell is null.
class DeviceWrapper : public CellWrapper {
 public:
  DeviceWrapper(std::shared_ptr<RNNCell> cell, std::string device);
  template <std::derived_from<RNNCell> Cell>
  DeviceWrapper(Cell cell, std::string device) : DeviceWrapper(shared_cell(std::move(cell)), std::move(device)) {}

  std::string class_name() const override { return "DeviceWrapper"; }
  Config config() const override { return {{"device", device_}}; }

 private:
  StepResult call(const Nest& inputs, const Nest& state) override { return (*wrapped_cell())(inputs, state); }

  std::string device_;
};

}  // namespace unroll
