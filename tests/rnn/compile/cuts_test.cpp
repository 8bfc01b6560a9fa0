#include "unroll/rnn/compile/cuts.hpp"

#include <doctest/doctest.h>

using namespace unroll;
using compile::Cuts;

TEST_CASE("a cut goes to whatever is joined, both ways and on through others") {
  Cuts cuts(3);
  for (Trace::Id v : {0, 1, 2}) cuts.cut(v, 0);
  cuts.join(0, 0, 1, 0, 6);
  cuts.join(1, 0, 2, 0, 6);
  cuts.cut(0, 2);
  cuts.cut(2, 5);
  cuts.spread();
  for (Trace::Id v : {0, 1, 2}) CHECK(cuts.at(v) == std::set<Index>{0, 2, 5});
}

TEST_CASE("a cut is moved by as much as the columns are, and stays where it is outside of them") {
  Cuts cuts(2);
  cuts.cut(0, 0);
  cuts.cut(1, 0);
  cuts.join(0, 2, 1, 5, 3);  // columns 2, 3, 4 are columns 5, 6, 7
  cuts.cut(0, 1);
  cuts.cut(0, 3);
  cuts.cut(0, 5);
  cuts.cut(1, 7);
  cuts.cut(1, 8);
  cuts.spread();
  CHECK(cuts.at(0) == std::set<Index>{0, 1, 3, 4, 5});
  CHECK(cuts.at(1) == std::set<Index>{0, 6, 7, 8});
}

TEST_CASE("without joints, or with those of no columns, cuts stay where they were made") {
  Cuts cuts(2);
  cuts.cut(0, 4);
  cuts.join(0, 4, 1, 0, 0);
  cuts.spread();
  CHECK(cuts.at(0) == std::set<Index>{4});
  CHECK(cuts.at(1).empty());
}
