#include "unroll/cells/device_wrapper.hpp"

namespace unroll {

DeviceWrapper::DeviceWrapper(std::shared_ptr<RNNCell> cell, std::string device)
    : CellWrapper("DeviceWrapper", std::move(cell)), device_(std::move(device)) {}

}  // namespace unroll
