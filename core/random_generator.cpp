#include <mutex>

#include "unroll/core/random.hpp"

namespace unroll {

constinit thread_local detail::TracedDraws* detail::traced_draws = nullptr;
constinit thread_local detail::DrawLog* detail::draw_log = nullptr;

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
  return detail::logged_draw([] {
    std::lock_guard lock(mutex);
    RandomStream stream{global.seed(), global.next_stream()};
    if (detail::traced_draws) return detail::traced_draws->draw(nullptr, stream);
    global = RandomGenerator(stream.seed, stream.stream + 1);
    return stream;
  });
}

RandomStream detail::TracedDraws::draw(std::uint64_t* next, RandomStream first, bool once) {
  std::size_t k = 0;
  while (k < counters.size() && counters[k].next != next) ++k;
  if (k == counters.size()) counters.push_back({next});
  first.stream += counters[k].drawn++;
  if (once) ++counters[k].once;
  draws.push_back({first, k, once});
  return first;
}

std::uint64_t detail::TracedDraws::increment(RandomStream stream) const {
  for (const Draw& d : draws)
    if (d.stream.seed == stream.seed && d.stream.stream == stream.stream)
      return d.once ? 0 : counters[d.counter].drawn - counters[d.counter].once;
  return 0;
}

void detail::TracedDraws::take(std::uint64_t steps) const {
  for (const Counter& c : counters) {
    std::uint64_t taken = c.once + (c.drawn - c.once) * steps;
    if (c.next) {
      *c.next += taken;
    } else {
      std::lock_guard lock(mutex);
      global = RandomGenerator(global.seed(), global.next_stream() + taken);
    }
  }
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
