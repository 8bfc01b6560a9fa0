#include <mutex>

#include "unroll/core/random.hpp"

namespace unroll {

constinit thread_local bool detail::random_stream_taken = false;

namespace {

std::mutex mutex;
constinit RandomGenerator global;  // guarded by mutex

}  // namespace

void set_random_seed(std::uint64_t seed) { set_global_generator(RandomGenerator(seed)); }

RandomGenerator global_generator() {
  std::lock_guard lock(mutex);
  return global;
}

void set_global_generator(const RandomGenerator& generator) {
  std::lock_guard lock(mutex);
  global = generator;
}

RandomStream next_random_stream() {
  std::lock_guard lock(mutex);
  return global.take();
}

Tensor RandomGenerator::uniform(const Shape& shape, double minval, double maxval, DType dtype) {
  auto [seed, stream] = take();
  return random_uniform(shape, {.minval = minval, .maxval = maxval, .seed = seed, .stream = stream}, dtype);
}

Tensor RandomGenerator::normal(const Shape& shape, double mean, double stddev, DType dtype) {
  auto [seed, stream] = take();
  return random_normal(shape, {.mean = mean, .stddev = stddev, .seed = seed, .stream = stream}, dtype);
}

Tensor RandomGenerator::truncated_normal(const Shape& shape, double mean, double stddev, DType dtype) {
  auto [seed, stream] = take();
  return unroll::truncated_normal(shape, {.mean = mean, .stddev = stddev, .seed = seed, .stream = stream}, dtype);
}

Tensor RandomGenerator::integers(const Shape& shape, std::int64_t low, std::int64_t high, DType dtype) {
  auto [seed, stream] = take();
  return random_integers(shape, low, high, {.seed = seed, .stream = stream}, dtype);
}

Tensor RandomGenerator::permutation(Index n) {
  auto [seed, stream] = take();
  return random_permutation(n, {.seed = seed, .stream = stream});
}

void RandomGenerator::shuffle(std::vector<Index>& indices) {
  auto [seed, stream] = take();
  unroll::shuffle(indices, {.seed = seed, .stream = stream});
}

}  // namespace unroll
