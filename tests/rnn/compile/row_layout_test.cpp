#include "unroll/rnn/compile/row_layout.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

using namespace unroll;
using namespace unroll::compile;

namespace {

RowLayout layout_of(const std::vector<std::int64_t>& lengths, Index time, Index most_rows = 512,
                    Index most_steps = 512) {
  auto batch = static_cast<Index>(lengths.size());
  RowLayout layout;
  layout.assign(Lengths("test", Tensor(Shape{batch}, lengths), batch, time), batch, most_rows, most_steps);
  return layout;
}

const std::vector<std::int64_t> ragged{3, 0, 7, 1, 5, 5, 2, 7, 0, 4, 6, 1, 3, 7, 2, 2, 1, 5, 6};

}  // namespace

TEST_CASE("a step has the rows that are alive at it, each once") {
  RowLayout layout = layout_of(ragged, 9);
  CHECK(layout.steps() == 7);
  CHECK(layout.batch() == 19);
  Index rows = 0, end = 0;
  for (const Era& era : layout.eras()) {
    CHECK(era.begin == end);
    CHECK(era.first_row == rows);
    end = era.end;
    std::set<Index> alive;
    for (Index r = 0; r < layout.batch(); ++r)
      if (ragged[static_cast<std::size_t>(r)] > era.begin) alive.insert(r);
    std::vector<Index> given(static_cast<std::size_t>(era.rows));
    layout.caller_rows(era, given.data());
    CHECK(std::set<Index>(given.begin(), given.end()) == alive);
    CHECK(given.size() == alive.size());
    rows += era.rows * (era.end - era.begin);
  }
  CHECK(end == 7);
  Index sum = 0;
  for (auto n : ragged) sum += n;
  CHECK(rows == sum);
  CHECK(layout.rows() == sum);
  CHECK(layout.empty_rows() == CachedVector<Index>{1, 8});
  CHECK(layout.most_rows() == 17);
}

TEST_CASE("within a group rows are sorted, longest first, and those that stay are a prefix") {
  RowLayout layout = layout_of(ragged, 9);
  const auto& eras = layout.eras();
  for (int g = 0; g < layout.groups(); ++g) {
    for (Index k = 1; k < eras[0].groups[g + 1] - eras[0].groups[g]; ++k)
      CHECK(layout.length(layout.caller_row(g, k - 1)) >= layout.length(layout.caller_row(g, k)));
    for (std::size_t e = 1; e < eras.size(); ++e)
      CHECK(eras[e].groups[g + 1] - eras[e].groups[g] <= eras[e - 1].groups[g + 1] - eras[e - 1].groups[g]);
  }
}

TEST_CASE("groups are about equally long in sum") {
  std::vector<std::int64_t> lengths;
  for (int k = 0; k < 64; ++k) lengths.push_back(k + 1);
  RowLayout layout = layout_of(lengths, 64);
  std::vector<Index> work(static_cast<std::size_t>(layout.groups()));
  for (const Era& era : layout.eras())
    for (int g = 0; g < layout.groups(); ++g) work[g] += (era.groups[g + 1] - era.groups[g]) * (era.end - era.begin);
  auto [least, most] = std::minmax_element(work.begin(), work.end());
  CHECK(*most - *least <= *least / 8);
}

TEST_CASE("chunks cover the steps in order, with no more rows than allowed but where one step has more") {
  for (Index most : {1, 7, 20, 1000}) {
    CAPTURE(most);
    RowLayout layout = layout_of(ragged, 9, most);
    Index step = 0, row = 0, largest = 0;
    for (const Chunk& chunk : layout.chunks()) {
      CHECK(chunk.begin == step);
      CHECK(chunk.first_row == row);
      CHECK((chunk.rows <= most || chunk.end == chunk.begin + 1));
      Index rows = 0;
      for (const Era& era : layout.eras())
        rows += era.rows * std::max<Index>(0, std::min(era.end, chunk.end) - std::max(era.begin, chunk.begin));
      CHECK(chunk.rows == rows);
      step = chunk.end;
      row += rows;
      largest = std::max(largest, rows);
    }
    CHECK(step == layout.steps());
    CHECK(layout.largest_chunk() == largest);
  }
}

TEST_CASE("rows of one length stay in the caller's order, in one era") {
  RowLayout layout = layout_of({4, 4, 4, 4, 4, 4, 4}, 4);
  REQUIRE(layout.eras().size() == 1);
  std::vector<Index> rows(7);
  layout.caller_rows(layout.eras()[0], rows.data());
  CHECK(rows == std::vector<Index>{0, 1, 2, 3, 4, 5, 6});
}

TEST_CASE("a layout may be without rows or without steps") {
  CHECK(layout_of({0, 0, 0}, 5).eras().empty());
  CHECK(layout_of({0, 0, 0}, 5).empty_rows().size() == 3);
  CHECK(layout_of({}, 5).chunks().empty());
}
