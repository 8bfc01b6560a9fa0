#pragma once
// Batches of sequences of different lengths.
#include <cstdint>
#include <vector>

#include "unroll/core/tensor.hpp"

namespace unroll {

/// One sequence: inputs (time, ...), and what is to be predicted: of shape (time, ...) too, or of any other shape that
/// is the same for all examples. Of one dtype each.
struct Example {
  Tensor inputs, targets;
};

/// Several sequences, padded with zeros to the longest: inputs (batch, time, ...), lengths (batch,) of int32, targets
/// (batch, time, ...) or (batch, ...).
struct Batch {
  Tensor inputs, targets, lengths;
};

struct BatchesOptions {
  Index batch_size = 32;
  /// Whether rows of similar length come together, so that little is padded.
  bool by_length = true;
  /// Whether each epoch has an order of its own.
  bool shuffle = true;
  std::uint64_t seed = 0;
};

/// Cuts examples into batches. A batch depends on the seed, the epoch and its number alone: nothing has to be saved but
/// where training was.
class Batches {
 public:
  /// Throws ValueError if there are no examples, if their shapes do not go together, or if the batch size is below 1;
  /// TypeError if dtypes differ.
  explicit Batches(std::vector<Example> examples, BatchesOptions options = {});

  /// Batches in an epoch; the last rows make a smaller one.
  Index size() const;
  /// Throws IndexError for a batch outside of 0 .. size() - 1.
  Batch get(std::int64_t epoch, Index batch) const;

 private:
  Tensor joined(const std::vector<Index>& rows, Tensor Example::*part, Index time) const;

  std::vector<Example> examples_;
  BatchesOptions options_;
  bool targets_have_time_ = true;
};

}  // namespace unroll
