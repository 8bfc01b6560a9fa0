#pragma once
// Store: what the backward pass needs of a sequence, chunk by chunk (a chunk: some steps that follow each other), and
// where that is between the passes. A store says in which order an executor takes chunks forward and back, so that
// every chunk's data is there when it is taken back; the executor's results do not depend on which store it is.
#include <cstddef>
#include <functional>

#include "unroll/core/cached_vector.hpp"
#include "unroll/core/tensor.hpp"

namespace unroll::memory {

/// What the executor does next.
struct Step {
  enum class Direction : std::uint8_t { forward, backward };
  Direction direction = Direction::forward;
  Index chunk = 0;
  /// What backward needs of the chunk: forward writes it here (null: nowhere), backward finds it here.
  void* kept = nullptr;
  /// What the step after this one, of the chunk beside it, will have as `kept`, where it pays to fetch that early: null
  /// if it does not, or is not known.
  const void* next_kept = nullptr;
  /// Forward: the state before the chunk. Null: the one that the step before has left, or, for chunk 0, the initial
  /// one.
  const void* load = nullptr;
  /// Forward: where the state before the chunk is to go, or null.
  void* save = nullptr;
};

/// Bytes that the chunks of a sequence take.
struct ChunkSizes {
  Index count = 0;
  /// What backward needs of a chunk.
  std::function<std::size_t(Index)> kept;
  /// The largest chunk's.
  std::size_t most_kept = 0;
  /// The state before a chunk, at most.
  std::size_t state = 0;
};

/// Sizes are rounded up to this, addresses are multiples of it.
inline constexpr std::size_t alignment = 64;
constexpr std::size_t aligned(std::size_t bytes) { return (bytes + alignment - 1) / alignment * alignment; }

/// Less than this stays in a cache from when it is written until it is read.
inline constexpr std::size_t leaves_caches = std::size_t{16} << 20;

/// Bytes from where tensors get theirs; not set to anything.
class Memory {
 public:
  explicit Memory(std::size_t bytes)
      : tensor_(TensorSpec{{static_cast<Index>((bytes + 3) / 4)}, float32}), size_(bytes) {}
  std::byte* data() { return tensor_.mutable_raw(); }
  std::size_t size() const { return size_; }

 private:
  Tensor tensor_;
  std::size_t size_;
};

class Store : public Cached {
 public:
  virtual ~Store() = default;
  /// The memory that it holds.
  virtual std::size_t bytes() const = 0;
  /// Whether every chunk's `kept` is set in the forward pass.
  virtual bool keeps_all() const = 0;
  /// Whether what is kept of a chunk stays in its place all the time: then executors may have several chunks at once.
  virtual bool holds_all() const { return false; }
  /// Whether there are forward steps in the backward pass.
  virtual bool replays() const = 0;
  /// The share of the chunks that go to a file and come from it again.
  virtual double spilled() const { return 0; }
  /// Begins a pass. There is one forward pass, and then any number of backward passes.
  void start_forward() {
    forward_steps_ = 0;
    begin_forward();
  }
  void start_backward() {
    forward_steps_ = 0;
    begin_backward();
  }
  /// The next step of the pass; false: it is over. Called when all threads are done with the step before.
  bool next(Step& step) {
    bool any = next_step(step);
    if (any && step.direction == Step::Direction::forward) ++forward_steps_;
    return any;
  }
  /// Forward steps of the backward pass, as far as it has come.
  Index replayed() const { return forward_steps_; }
  /// Seconds that next() has waited for a file, over all passes.
  virtual double waited() const { return 0; }

 protected:
  virtual void begin_forward() = 0;
  virtual void begin_backward() = 0;
  virtual bool next_step(Step& step) = 0;

 private:
  Index forward_steps_ = 0;  // of the pass
};

}  // namespace unroll::memory
