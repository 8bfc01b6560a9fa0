#include "unroll/core/thread_team.hpp"

#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <numeric>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "support/use_threads.hpp"
#include "unroll/core/cpu_count.hpp"
#include "unroll/core/errors.hpp"

using namespace unroll;

namespace {

// Each thread adds to its own element; after every barrier each looks at what its neighbour has.
long long ring(int n, int rounds) {
  std::vector<long long> mine(n), seen(n);
  parallel(n, [&](int index, Team& team) {
    for (int round = 0; round < rounds; ++round) {
      mine[index] += index + round;
      team.barrier();
      seen[index] += mine[(index + 1) % team.size()];
      team.barrier();
    }
  });
  return std::accumulate(seen.begin(), seen.end(), 0LL);
}

long long expected_ring(int n, int rounds) {
  long long sum = 0, total = 0;
  for (int round = 0; round < rounds; ++round) {
    sum += n * (n - 1) / 2 + n * round;
    total += sum;
  }
  return total;
}

}  // namespace

TEST_CASE("the number of threads is what was set, and at least one") {
  CHECK(num_threads() >= 1);
  testing::UseThreads three(3);
  CHECK(num_threads() == 3);
  CHECK_THROWS_WITH_AS(set_num_threads(0), "set_num_threads: n is 0, expected at least 1", ValueError);
  CHECK_THROWS_AS(set_num_threads(-2), ValueError);
  CHECK(num_threads() == 3);
}

TEST_CASE("a region runs every index once, index 0 on the caller") {
  for (int n : {1, 2, 3, 8, 2}) {
    CAPTURE(n);
    std::vector<int> calls(n);
    std::vector<std::thread::id> ids(n);
    parallel(n, [&](int index, Team& team) {
      calls[index] += team.size();
      ids[index] = std::this_thread::get_id();
    });
    CHECK(calls == std::vector<int>(n, n));
    CHECK(ids[0] == std::this_thread::get_id());
    for (int i = 1; i < n; ++i) CHECK(ids[i] != ids[0]);
  }
  CHECK_THROWS_WITH_AS(parallel(0, [](int, Team&) {}), "parallel: n is 0, expected at least 1", ValueError);
}

TEST_CASE("a barrier shows each thread what the others wrote before it") {
  for (int n : {1, 2, 3, 8}) {
    CAPTURE(n);
    CHECK(ring(n, 300) == expected_ring(n, 300));
  }
}

TEST_CASE("threads that sleep between regions and at barriers wake up") {
  for (int n : {2, 3}) {
    std::atomic<int> sum{0};
    for (int k = 0; k < 5; ++k) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      parallel(n, [&](int index, Team& team) {
        if (index == k % n) std::this_thread::sleep_for(std::chrono::milliseconds(1));
        team.barrier();
        sum += index;
      });
    }
    CHECK(sum == 5 * n * (n - 1) / 2);
  }
}

TEST_CASE("an exception reaches the caller when all have stopped, and the team is usable afterwards") {
  for (int n : {1, 2, 3, 8})
    for (int culprit : {0, n - 1}) {
      CAPTURE(n);
      CAPTURE(culprit);
      std::vector<int> passed(n);
      auto f = [&](int index, Team& team) {
        for (int round = 0; round < 3; ++round) {
          team.barrier();
          if (round == 1 && index == culprit) throw std::out_of_range("from " + std::to_string(index));
          team.barrier();
          ++passed[index];
        }
      };
      CHECK_THROWS_WITH_AS(parallel(n, f), ("from " + std::to_string(culprit)).c_str(), std::out_of_range);
      for (int i = 0; i < n; ++i) CHECK(passed[i] <= 1);  // none passes the barrier that the culprit did not reach
      CHECK(ring(n, 10) == expected_ring(n, 10));
    }
}

TEST_CASE("of several exceptions the one of the lowest index is thrown") {
  auto f = [](int index, Team&) {
    if (index > 0) throw std::out_of_range("from " + std::to_string(index));
  };
  for (int k = 0; k < 20; ++k) CHECK_THROWS_WITH_AS(parallel(4, f), "from 1", std::out_of_range);
}

TEST_CASE("a region inside a region runs alone") {
  std::array<int, 3> sizes{}, indices{};
  parallel(3, [&](int index, Team&) {
    parallel(2, [&](int inner, Team& team) {
      team.barrier();
      sizes[index] += team.size();
      indices[index] += inner;
    });
  });
  CHECK(sizes == std::array{1, 1, 1});
  CHECK(indices == std::array{0, 0, 0});
}

TEST_CASE("several threads of the program have regions at the same time") {
  std::vector<std::thread> users;
  std::array<long long, 4> sums{};
  for (std::size_t i = 0; i < sums.size(); ++i)
    users.emplace_back([&, i] {
      for (int k = 0; k < 30; ++k) sums[i] += ring(2 + static_cast<int>(i) % 2, 20);
    });
  for (auto& user : users) user.join();
  for (std::size_t i = 0; i < sums.size(); ++i) CHECK(sums[i] == 30 * expected_ring(2 + static_cast<int>(i) % 2, 20));
}

TEST_CASE("regions whose threads are late run alone for a while, and then with all threads again") {
  if (available_cpus() < 2) return;  // then threads are always late, and nothing is concluded from it
  auto size = [](int late) {
    int seen = 0;
    parallel_if_faster(2, [&](int index, Team& team) {
      if (index == 0) seen = team.size();
      if (index == late) std::this_thread::sleep_for(std::chrono::milliseconds(50));
      team.barrier();
    });
    return seen;
  };
  CHECK(size(0) == 2);
  int tries = 0;
  while (size(1) == 2 && tries < 100) ++tries;  // more than once if this thread is late itself
  CHECK(tries > 0);
  CHECK(tries < 100);
  auto forget = [] { std::this_thread::sleep_for(std::chrono::milliseconds(200)); };
  forget();
  CHECK(size(0) == 2);
  // A single late one is nothing, unless this machine makes others late.
  bool goes_on = false;
  for (tries = 0; tries < 20 && !goes_on; ++tries) {
    size(0);
    size(1);
    goes_on = size(0) == 2;
    if (!goes_on) forget();
  }
  CHECK(goes_on);
}

TEST_CASE("pieces are fixed, whole and each done once, however many threads there are") {
  using Piece = std::pair<Index, Index>;
  const std::vector<Piece> expected = {{-3, 1}, {1, 5}, {5, 9}, {9, 10}};
  for (int n : {1, 2, 3, 8}) {
    CAPTURE(n);
    testing::UseThreads threads(n);
    for (int repeat = 0; repeat < 50; ++repeat) {
      std::array<std::atomic<int>, 4> done{};
      std::array<Piece, 4> pieces{};
      parallel_for(-3, 10, 4, [&](Index begin, Index end) {
        ++done[(begin + 3) / 4];
        pieces[(begin + 3) / 4] = {begin, end};
      });
      for (int i = 0; i < 4; ++i) {
        CHECK(done[i] == 1);
        CHECK(pieces[i] == expected[i]);
      }
    }
    int calls = 0;
    parallel_for(5, 5, 1, [&](Index, Index) { ++calls; });
    parallel_for(5, 2, 1, [&](Index, Index) { ++calls; });
    parallel_for(5, 6, INT64_MAX, [&](Index begin, Index end) { calls += begin == 5 && end == 6; });
    CHECK(calls == 1);
  }
  CHECK_THROWS_WITH_AS(parallel_for(0, 1, 0, [](Index, Index) {}), "parallel_for: grain is 0, expected at least 1",
                       ValueError);
}

TEST_CASE("an exception in a piece leaves out pieces that have not begun") {
  for (int n : {1, 2, 3}) {
    testing::UseThreads threads(n);
    std::atomic<int> done{0};
    CHECK_THROWS_AS(parallel_for(0, 100000, 1,
                                 [&](Index begin, Index) {
                                   if (begin == 10) throw std::out_of_range("piece");
                                   ++done;
                                 }),
                    std::out_of_range);
    CHECK(done >= 10 - n);
    CHECK(done < 100000 - 1);
  }
}

TEST_CASE("pieces inside a region, and regions inside pieces, run alone and whole") {
  testing::UseThreads threads(2);
  std::atomic<int> sum{0};
  parallel_for(0, 4, 1, [&](Index, Index) {
    parallel_for(0, 5, 2, [&](Index begin, Index end) { sum += static_cast<int>(end - begin); });
    parallel(3, [&](int, Team& team) { sum += 100 * team.size(); });
  });
  CHECK(sum == 4 * 5 + 400);
}

TEST_CASE("what a barrier costs is measured, at most once a second") {
  CHECK(barrier_ns(1) == 0);
  double once = barrier_ns(2);
  CHECK(once > 0);
  CHECK(once < 1e9);
  CHECK(barrier_ns(2) == once);
  parallel(2, [](int, Team&) { CHECK(barrier_ns(2) == 0); });
  detail::barriers_are_free() = true;
  CHECK(barrier_ns(2) == 0);
  detail::barriers_are_free() = false;
}
