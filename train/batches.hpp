#pragma once
// Batches of sequences of different lengths.
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
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

/// The arrays "inputs" and "targets" of a .npz file. Throws as read_npz does, DataLossError if one is missing.
Example read_example_npz(const std::filesystem::path& file);

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
  /// Examples that stay in their files: `read` is called for each file once now, to learn the shapes, and again for
  /// each batch that it is in, so no more than a batch is in memory. The files must not change. Throws what `read`
  /// throws, and ValueError in `get` if a file has another shape than before.
  using ReadExample = std::function<Example(const std::filesystem::path& file)>;
  Batches(std::vector<std::filesystem::path> files, ReadExample read, BatchesOptions options = {});

  /// Batches in an epoch; the last rows make a smaller one.
  Index size() const;
  /// Throws IndexError for a batch outside of 0 .. size() - 1.
  Batch get(std::int64_t epoch, Index batch) const;
  /// The steps of its longest row.
  Index time(std::int64_t epoch, Index batch) const;
  /// Whether targets are (batch, time, ...).
  bool targets_have_time() const { return targets_have_time_; }

 private:
  struct Specs {
    TensorSpec inputs, targets;
  };
  struct Order;
  void check();
  const Specs& specs(Index k) const { return specs_[static_cast<std::size_t>(k)]; }
  Example example(Index k) const;
  std::vector<Index> rows(std::int64_t epoch, Index batch) const;

  std::vector<Example> examples_;
  std::vector<std::filesystem::path> files_;
  ReadExample read_;
  std::vector<Specs> specs_;
  BatchesOptions options_;
  bool targets_have_time_ = true;
  std::shared_ptr<Order> order_;
};

}  // namespace unroll
