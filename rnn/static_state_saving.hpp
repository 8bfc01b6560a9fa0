#pragma once
// static_state_saving_rnn: a cell that goes on where it stopped the last time.
#include "unroll/rnn/static_rnn.hpp"

namespace unroll {

/// Where states are kept between calls, by name.
class StateSaver {
 public:
  virtual ~StateSaver() = default;
  virtual Tensor state(const std::string& name) = 0;
  virtual void save_state(const std::string& name, const Tensor& value) = 0;
};

/// A name for each tensor of a state, in its structure or as a tuple of as many.
using NameNest = NestOf<std::string>;

struct StaticStateSavingRnnOptions {
  Tensor sequence_length = {};
  std::string scope = "rnn";
  Executor executor = Executor::automatic;
};

/// tf.compat.v1.nn.static_state_saving_rnn: static_rnn that begins with the states that `state_saver` has under these
/// names, and gives it the last ones. What is saved is given as it is; a saver that keeps it for another training step
/// applies stop_gradient. Throws ValueError if `state_name` is one name for a structure of states or the reverse, or if
/// there are more or fewer names than tensors; else what static_rnn throws, and then nothing is saved.
StaticRnnResult static_state_saving_rnn(RNNCell& cell, const std::vector<Nest>& inputs, StateSaver& state_saver,
                                        const NameNest& state_name, const StaticStateSavingRnnOptions& options = {});

}  // namespace unroll
