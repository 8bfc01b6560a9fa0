#include "unroll/rnn/compile/team_costs.hpp"

#include <doctest/doctest.h>

using namespace unroll;
using compile::PassCosts;
using compile::RowLayout;
using compile::TeamCosts;

namespace {

// The loop of an LSTM of so many units, and what surrounds it.
PassCosts lstm(double units) {
  return {.loop_products = 4 * units * units,
          .loop_programs = 80 * units,
          .between = 8 * units * units,
          .loop_kernels = 2,
          .cuts_loops = true};
}

TeamCosts two(double barrier) { return {.threads = 2, .barrier = barrier, .large = 200000, .far = 400000}; }

RowLayout layout(Index batch, Index time, Index most_steps = 32) {
  RowLayout l;
  l.assign(Lengths("test", Tensor(), batch, time), batch, 512, {most_steps});
  return l;
}

}  // namespace

TEST_CASE("one row is shared by columns where that saves more than the meetings cost") {
  CHECK(two(0).share_columns(lstm(24), 1));
  CHECK_FALSE(two(20000).share_columns(lstm(64), 1));
  CHECK(two(20000).share_columns(lstm(300), 1));
  // Dearer meetings never make columns better.
  for (double units : {8.0, 24.0, 64.0, 128.0, 256.0})
    for (Index rows : {1, 2, 3}) {
      bool last = true;
      for (double barrier : {0.0, 1e3, 1e4, 1e5, 1e6}) {
        bool now = two(barrier).share_columns(lstm(units), rows);
        CHECK((last || !now));
        last = now;
      }
    }
}

TEST_CASE("columns of programs that cannot be cut are not shared") {
  PassCosts pass = lstm(100);
  pass.loop_programs = 1e6;
  CHECK(two(1000).share_columns(pass, 1));
  pass.cuts_loops = false;
  CHECK_FALSE(two(1e5).share_columns(pass, 1));
}

TEST_CASE("more rows are shared as rows, unless matrices are large, and those that are far away up to more rows") {
  for (Index rows : {4, 16, 17, 64, 65}) {
    CAPTURE(rows);
    CHECK_FALSE(two(0).share_columns(lstm(200), rows));
    CHECK(two(0).share_columns(lstm(240), rows) == (rows <= 16));
    CHECK(two(0).share_columns(lstm(500), rows) == (rows <= 64));
  }
}

TEST_CASE("threads are worth while for much work and cheap meetings") {
  TeamCosts one{};
  CHECK_FALSE(one.are_faster(lstm(500), layout(32, 100)));
  CHECK(two(20000).are_faster(lstm(64), layout(32, 50)));
  CHECK_FALSE(two(20000).are_faster(lstm(8), layout(16, 16)));
  CHECK(two(200).are_faster(lstm(8), layout(16, 16)));
  CHECK_FALSE(two(20000).are_faster(lstm(24), layout(2, 1000)));
  // One row: only what is between the loops is shared, in chunks that have to be worth a meeting.
  CHECK_FALSE(two(20000).are_faster(lstm(24), layout(1, 5000)));
  CHECK(two(20000).are_faster(lstm(24), layout(1, 5000, 512)));
}

TEST_CASE("half a second-level cache makes matrices large") {
  TeamCosts single = TeamCosts::of(1, 16, 4), wide = TeamCosts::of(1, 8, 8);
  CHECK(single.barrier == 0);
  CHECK(single.large == 2 * wide.large);
  CHECK(single.far == 2 * wide.far);
  CHECK(single.large >= 1024);
}
