#pragma once
// Counter-based random tensors. An element's value depends on (seed, stream, position) alone, never on threads, on the
// shape, or on what was drawn before; its position is `offset` plus its row-major index. Bits come from Philox 4x32-10
// (core/philox.hpp). float32 and float64 tensors with the same arguments agree to float32's precision. Normal numbers
// use the C library's log, sin and cos, so that a last bit may differ between machines; the others never differ.
//
// Who gives no seed gets the next stream of the global generator. Unlike TensorFlow's it begins at seed 0, so a program
// gives the same numbers each time it runs; `set_random_seed` chooses others.
#include <optional>
#include <utility>
#include <vector>

#include "unroll/core/cached_vector.hpp"
#include "unroll/core/tensor.hpp"

namespace unroll {

/// A sequence of random numbers: every (seed, stream) is independent of the others.
struct RandomStream {
  std::uint64_t seed = 0;
  std::uint64_t stream = 0;
};

/// Where a function that draws begins. Without `seed` it takes the global generator's next stream, and `stream` and
/// `offset` must be left alone (ValueError). Offsets, and the positions that follow, are below 2^48.
struct RandomOptions {
  std::optional<std::uint64_t> seed{};
  std::uint64_t stream = 0;
  std::uint64_t offset = 0;
};
struct UniformOptions {
  double minval = 0;
  double maxval = 1;
  std::optional<std::uint64_t> seed{};
  std::uint64_t stream = 0;
  std::uint64_t offset = 0;
};
struct NormalOptions {
  double mean = 0;
  double stddev = 1;
  std::optional<std::uint64_t> seed{};
  std::uint64_t stream = 0;
  std::uint64_t offset = 0;
};

/// Evenly distributed in [minval, maxval): minval + (maxval - minval) * u, with u of 53 bits (float64) or 24 (float32).
/// maxval itself never comes, unless it equals minval. float32 and float64 (TypeError). Throws ValueError unless both
/// bounds are finite and minval <= maxval.
Tensor random_uniform(const Shape& shape, const UniformOptions& options = {}, DType dtype = float32);
/// Normally distributed, by Box and Muller: a pair of elements is sqrt(-2 log(1 - u)) times cos and sin of 2 pi v.
/// Float dtypes (TypeError). Throws ValueError unless mean and stddev are finite and stddev >= 0.
Tensor random_normal(const Shape& shape, const NormalOptions& options = {}, DType dtype = float32);
/// Normally distributed within two standard deviations of the mean; others are drawn again, in a sequence that belongs
/// to the element's position. Errors as random_normal.
Tensor truncated_normal(const Shape& shape, const NormalOptions& options = {}, DType dtype = float32);
/// Integers low, ..., high - 1, each exactly as likely. int32 and int64 (TypeError). Throws ValueError unless low <
/// high and both fit to the dtype.
Tensor random_integers(const Shape& shape, std::int64_t low, std::int64_t high, const RandomOptions& options = {},
                       DType dtype = int64);
/// 0, ..., n - 1 in random order (Fisher and Yates), int64. Throws ValueError for a negative n.
Tensor random_permutation(Index n, const RandomOptions& options = {});
/// Puts `indices` in random order.
void shuffle(std::vector<Index>& indices, const RandomOptions& options = {});

namespace detail {

/// The draws of a step that is traced (autograd/trace.hpp): its streams are looked up, not taken, as the step is going
/// to be taken any number of times.
struct TracedDraws {
  struct Counter {
    std::uint64_t* next;  // null: the global generator's
    std::uint64_t drawn = 0, once = 0;
  };
  struct Draw {
    RandomStream stream;
    std::size_t counter;
    bool once;
  };
  CachedVector<Counter> counters;
  CachedVector<Draw> draws;
  int choices = 0;      // functions that asked for a stream
  bool others = false;  // a generator was used that is neither the global one nor one of a cell

  /// The stream that the traced step gets, of those from `next` on; `once`: later steps will use the same.
  RandomStream draw(std::uint64_t* counter, RandomStream next, bool once = false);
  /// How far apart the streams of two steps are that this one belongs to; 0 if it was not drawn.
  std::uint64_t increment(RandomStream stream) const;
  /// Takes the streams of `steps` steps.
  void take(std::uint64_t steps) const;
};
/// The streams that a step has drawn, so that the step can be taken again: then they are given out once more, and no
/// generator goes on.
struct DrawLog {
  std::vector<RandomStream> streams;
  bool again = false;
  std::size_t next = 0;  // to be given out again
  bool ran_out = false;
};
/// Of the calling thread, or null.
extern constinit thread_local DrawLog* draw_log;
/// While it lives, draws go to `log`.
class [[nodiscard]] UseDrawLog {
 public:
  explicit UseDrawLog(DrawLog* log) : before_(std::exchange(draw_log, log)) {}
  ~UseDrawLog() { draw_log = before_; }
  UseDrawLog(const UseDrawLog&) = delete;

 private:
  DrawLog* before_;
};
/// What draw() gives, or has given when the step was taken first.
template <class F>
RandomStream logged_draw(F&& draw) {
  DrawLog* log = draw_log;
  if (!log) return draw();
  if (log->again) {
    log->ran_out |= log->next == log->streams.size();
    return log->ran_out ? RandomStream() : log->streams[log->next++];
  }
  UseDrawLog off(nullptr);  // draws within this one are parts of it
  return log->streams.emplace_back(draw());
}

/// The draws of the calling thread, while it traces.
extern constinit thread_local TracedDraws* traced_draws;

}  // namespace detail

/// A seed and the number of the next stream: each call takes a stream of its own. Copies give the same numbers; the two
/// numbers are all there is to save in a checkpoint. Not to be shared between threads.
class RandomGenerator {
 public:
  explicit constexpr RandomGenerator(std::uint64_t seed = 0, std::uint64_t next_stream = 0)
      : seed_(seed), next_stream_(next_stream) {}
  std::uint64_t seed() const { return seed_; }
  std::uint64_t next_stream() const { return next_stream_; }
  /// Takes a stream.
  RandomStream take() {
    if (detail::traced_draws) detail::traced_draws->others = true;
    return detail::logged_draw([&] { return RandomStream{seed_, next_stream_++}; });
  }

  /// As the functions of this header.
  Tensor uniform(const Shape& shape, double minval = 0, double maxval = 1, DType dtype = float32);
  Tensor normal(const Shape& shape, double mean = 0, double stddev = 1, DType dtype = float32);
  Tensor truncated_normal(const Shape& shape, double mean = 0, double stddev = 1, DType dtype = float32);
  Tensor integers(const Shape& shape, std::int64_t low, std::int64_t high, DType dtype = int64);
  Tensor permutation(Index n);
  void shuffle(std::vector<Index>& indices);

  friend bool operator==(const RandomGenerator&, const RandomGenerator&) = default;

 private:
  std::uint64_t seed_, next_stream_;
};

/// Makes the global generator begin again under `seed`. This and the following may be called from any thread.
void set_random_seed(std::uint64_t seed);
/// The global generator's state, and its replacement (for checkpoints).
RandomGenerator global_generator();
void set_global_generator(const RandomGenerator& generator);
/// Takes the next stream of the global generator.
RandomStream next_random_stream();

namespace detail {
/// The stream that these options choose; `who` names the function in errors.
RandomStream choose_stream(std::string_view who, const std::optional<std::uint64_t>& seed, std::uint64_t stream,
                           std::uint64_t offset);
}  // namespace detail

}  // namespace unroll
