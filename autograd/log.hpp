#pragma once
// The recording itself: one flat array of records for each thread, which all tapes of the thread share. A tape is a
// range of it. Nothing here is for users; see tape.hpp.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "unroll/autograd/op.hpp"

namespace unroll {

class GradientTape;

namespace detail {

/// Memory that is handed out piece by piece and taken back all at once; its chunks are kept for the next time.
class Arena {
 public:
  void* allocate(std::size_t bytes, std::size_t alignment);
  template <class T>
  T* allocate(std::size_t count) {
    return static_cast<T*>(allocate(count * sizeof(T), alignof(T)));
  }
  void clear() { chunk_ = used_ = 0; }
  struct Mark {
    std::size_t chunk, used;
  };
  Mark mark() const { return {chunk_, used_}; }
  /// Takes back all that was handed out since.
  void rewind(Mark mark) {
    chunk_ = mark.chunk;
    used_ = mark.used;
  }

 private:
  static constexpr std::size_t chunk_bytes = 1 << 18;
  std::vector<std::unique_ptr<std::byte[]>> chunks_;
  std::size_t chunk_ = 0, used_ = 0;
  std::vector<std::size_t> sizes_;
};

/// One call. A node is a number for a value: an output of a record, a variable or a watched tensor. 0 is no node.
struct Record {
  MultiOp* op;
  Tensor* saved;               // inputs, then outputs; null where not saved
  std::uint32_t* inputs;       // nodes
  Index* specs;                // of inputs, then outputs, `spec_size` numbers each: dtype * 16 + rank, the dimensions
  std::uint32_t first_output;  // node; the others follow
  std::uint32_t input_count, output_count, spec_size;

  TensorSpec spec(std::size_t k) const;  // k counts inputs, then outputs
};

/// What a call of GradientTape::gradient is asked for: targets, their weights, and the nodes of the sources.
struct GradientLists {
  std::vector<Tensor> targets, weights;
  std::vector<std::uint32_t> nodes;
};

class Log {
 public:
  ~Log() { clear(); }

  bool recording() const { return recording_ > 0; }
  /// Node of a tensor in this log, 0 if it is not being followed. A trainable variable gets one when it is first seen.
  std::uint32_t node(const Tensor& tensor);
  /// The node, made if there is none.
  std::uint32_t watch(const Tensor& tensor);
  void record(MultiOp& op, const OpType& type, Inputs inputs, std::span<Tensor> outputs);
  /// A call whose inputs are known by their nodes; nothing is saved.
  struct Input {
    std::uint32_t node;
    TensorSpec spec;
  };
  void record(MultiOp& op, const OpType& type, std::span<const Input> inputs, std::span<Tensor> outputs);
  /// Gives a node to a tensor that nobody else has yet.
  std::uint32_t follow(Tensor& fresh);
  /// Whether the node stands for a variable or a watched tensor.
  bool is_leaf(std::uint32_t node) const;

  /// A place in the recording.
  struct Mark {
    std::size_t records;
    Arena::Mark arena;
  };
  Mark mark() const { return {records_.size(), arena_.mark()}; }
  /// Forgets the records made since. Their nodes are not given out again.
  void rewind(const Mark& mark);

  const std::vector<Record>& records() const { return records_; }
  /// Numbers of the leaves that have a node.
  const std::vector<std::uint32_t>& leaves() const { return leaves_; }
  std::uint32_t leaf_node(std::uint32_t number) const { return leaf_nodes_[number]; }
  std::uint32_t next_node() const { return next_node_; }
  /// Adds a tape, which begins to record.
  void open(GradientTape* tape);
  /// Removes it. When the last one goes, all records go.
  void close(GradientTape* tape);
  std::size_t tapes() const { return tapes_.size(); }
  bool is_open(const GradientTape* tape) const;
  void start_recording() { ++recording_; }
  void stop_recording() { --recording_; }
  /// Forgets all records: tensors that they saved are released, one after another.
  void clear();

  std::vector<Tensor> gradients;  // scratch of the backward pass, by node; kept for its capacity
  std::vector<std::uint8_t> needed;
  std::vector<std::pair<const TensorImpl*, Tensor>> transposed;
  GradientLists lists;  // empty, kept for their capacity

 private:
  void forget(std::size_t first_record);
  std::uint64_t id_ = 0;  // changes with every clear, so that positions from before are not taken for new ones
  int recording_ = 0;
  std::uint32_t next_node_ = 1;
  std::vector<Record> records_;
  std::vector<GradientTape*> tapes_;
  Arena arena_;
  std::vector<std::uint32_t> leaf_nodes_;  // by leaf number
  std::vector<std::uint32_t> leaves_;      // numbers that have a node
  std::unordered_map<const TensorImpl*, std::pair<Tensor, std::uint32_t>> watched_;
};

/// The log of the calling thread.
Log& thread_log();
/// Puts another log in its place until the guard dies.
class [[nodiscard]] UseLog {
 public:
  explicit UseLog(Log& log);
  ~UseLog();
  UseLog(const UseLog&) = delete;

 private:
  Log* before_;
};
/// A new leaf number, for a variable.
std::uint32_t new_leaf(bool trainable);
constexpr bool leaf_is_trainable(std::uint32_t leaf) { return leaf & 1; }

}  // namespace detail
}  // namespace unroll
