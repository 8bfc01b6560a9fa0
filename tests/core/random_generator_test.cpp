#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <thread>

#include "unroll/core/initializers.hpp"
#include "unroll/core/random.hpp"

using namespace unroll;

TEST_CASE("each call of a generator takes the next stream") {
  RandomGenerator random(12);
  CHECK(bit_equal(random.uniform({4}, -1, 1), random_uniform({4}, {.minval = -1, .maxval = 1, .seed = 12})));
  CHECK(bit_equal(random.normal({4}, 2, 3, float64),
                  random_normal({4}, {.mean = 2, .stddev = 3, .seed = 12, .stream = 1}, float64)));
  CHECK(bit_equal(random.truncated_normal({4}, 2, 3),
                  truncated_normal({4}, {.mean = 2, .stddev = 3, .seed = 12, .stream = 2})));
  CHECK(bit_equal(random.integers({4}, 5, 50, int32), random_integers({4}, 5, 50, {.seed = 12, .stream = 3}, int32)));
  CHECK(bit_equal(random.permutation(9), random_permutation(9, {.seed = 12, .stream = 4})));
  std::vector<Index> a{1, 2, 3, 4, 5, 6}, b = a;
  random.shuffle(a);
  shuffle(b, {.seed = 12, .stream = 5});
  CHECK(a == b);
  CHECK(random.seed() == 12);
  CHECK(random.next_stream() == 6);
}

TEST_CASE("a generator is continued from its seed and next stream") {
  RandomGenerator random(3);
  random.normal({5});
  RandomGenerator copy = random, restored(random.seed(), random.next_stream());
  CHECK(copy == random);
  Tensor next = random.normal({5});
  CHECK_FALSE(copy == random);
  CHECK(bit_equal(copy.normal({5}), next));
  CHECK(bit_equal(restored.normal({5}), next));
}

TEST_CASE("a seed makes what follows repeatable, a global generator is saved and restored") {
  set_random_seed(77);
  Tensor a = random_normal({6}), b = glorot_uniform_initializer()({2, 3});
  RandomGenerator saved = global_generator();
  CHECK(saved == RandomGenerator(77, 2));
  Tensor c = random_permutation(20);
  set_random_seed(77);
  CHECK(bit_equal(random_normal({6}), a));
  CHECK(bit_equal(glorot_uniform_initializer()({2, 3}), b));
  random_uniform({1});
  set_global_generator(saved);
  CHECK(bit_equal(random_permutation(20), c));
  set_random_seed(78);
  CHECK_FALSE(bit_equal(random_normal({6}), a));
}

TEST_CASE("a call that is refused takes no stream") {
  set_random_seed(1);
  CHECK_THROWS_AS(random_normal({2}, {.stddev = -1}), ValueError);
  CHECK_THROWS_AS(random_uniform({2}, {}, int32), TypeError);
  CHECK_THROWS_AS(random_integers({2}, 3, 3), ValueError);
  CHECK(global_generator().next_stream() == 0);
}

TEST_CASE("threads never get the same stream of the global generator") {
  set_random_seed(1);
  std::vector<std::vector<std::uint64_t>> taken(4);
  std::vector<std::thread> threads;
  for (auto& mine : taken)
    threads.emplace_back([&mine] {
      for (int i = 0; i < 500; ++i) mine.push_back(next_random_stream().stream);
    });
  for (auto& thread : threads) thread.join();
  std::set<std::uint64_t> all;
  for (const auto& mine : taken) {
    CHECK(std::is_sorted(mine.begin(), mine.end()));
    all.insert(mine.begin(), mine.end());
  }
  CHECK(all.size() == 2000);
  CHECK(*all.rbegin() == 1999);
}

TEST_CASE("tensors drawn in several threads are those drawn in one") {
  Tensor whole = random_normal({8, 100}, {.seed = 4});
  std::vector<Tensor> parts(8);
  std::vector<std::thread> threads;
  for (std::uint64_t row = 0; row < 8; ++row)
    threads.emplace_back([&, row] { parts[row] = random_normal({1, 100}, {.seed = 4, .offset = 100 * row}); });
  for (auto& thread : threads) thread.join();
  for (Index row = 0; row < 8; ++row) CHECK(bit_equal(parts[row], whole.rows_view(row, row + 1)));
}
