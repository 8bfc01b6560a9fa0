#include "unroll/rnn/compile/row_layout.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

using namespace unroll;
using namespace unroll::compile;

namespace {

RowLayout layout_of(const std::vector<std::int64_t>& lengths, Index time, Index most_rows = 512,
                    const Window& window = {512}, const Parting& parting = {}) {
  auto batch = static_cast<Index>(lengths.size());
  RowLayout layout;
  layout.assign(Lengths("test", Tensor(Shape{batch}, lengths), batch, time), batch, most_rows, window, parting);
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
    layout.caller_rows(era, 0, layout.groups(), given.data());
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

TEST_CASE("chunks of few rows go on, up to some rows and some steps") {
  auto ends = [](const std::vector<std::int64_t>& lengths, Index time, const Window& window) {
    RowLayout layout = layout_of(lengths, time, 512, window);
    std::vector<Index> all;
    for (const Chunk& chunk : layout.chunks()) all.push_back(chunk.end);
    return all;
  };
  CHECK(ends({20, 20}, 20, {4}) == std::vector<Index>{4, 8, 12, 16, 20});
  CHECK(ends({20, 20}, 20, {4, 16, 12}) == std::vector<Index>{6, 12, 18, 20});
  CHECK(ends({20, 20}, 20, {4, 16, 13}) == std::vector<Index>{6, 12, 18, 20});
  CHECK(ends({20, 20}, 20, {4, 8, 100}) == std::vector<Index>{8, 16, 20});
  CHECK(ends({20, 20}, 20, {4, 16, 2}) == std::vector<Index>{4, 8, 12, 16, 20});
  CHECK(ends({20, 4}, 20, {4, 8, 8}) == std::vector<Index>{4, 12, 20});
}

TEST_CASE("rows of one length stay in the caller's order, in one era") {
  RowLayout layout = layout_of({4, 4, 4, 4, 4, 4, 4}, 4);
  REQUIRE(layout.eras().size() == 1);
  std::vector<Index> rows(7);
  layout.caller_rows(layout.eras()[0], 0, layout.groups(), rows.data());
  CHECK(rows == std::vector<Index>{0, 1, 2, 3, 4, 5, 6});
}

TEST_CASE("a layout may be without rows or without steps") {
  CHECK(layout_of({0, 0, 0}, 5).eras().empty());
  CHECK(layout_of({0, 0, 0}, 5).empty_rows().size() == 3);
  CHECK(layout_of({}, 5).chunks().empty());
}

TEST_CASE("the rows of a part follow each other step by step, and every row of a chunk is in one part") {
  for (Index most_rows : {7, 40, 1000})
    for (int parts : {1, 2, 3, 8}) {
      CAPTURE(most_rows);
      CAPTURE(parts);
      constexpr Index fewest = 6;
      RowLayout layout = layout_of(ragged, 9, most_rows, {4}, {parts, fewest});
      bool some_parted = false, some_not = false;
      for (const Chunk& chunk : layout.chunks()) {
        (chunk.parts > 1 ? some_parted : some_not) = true;
        Index row = 0, lead = 0;
        int group = 0;
        for (const RowPart& part : layout.parts(chunk)) {
          CHECK(part.first_row == row);
          CHECK(part.first_group == group);
          for (const Era& era : layout.eras()) {
            if (era.begin <= chunk.begin && chunk.begin < era.end) lead += part.rows_of(era);
            for (Index t = std::max(era.begin, chunk.begin); t < std::min(era.end, chunk.end); ++t) {
              CHECK(chunk.parts == (era.rows >= fewest ? parts : 1));
              CHECK(part.row(era, t) == row);
              row += part.rows_of(era);
            }
          }
          CHECK(part.lead == lead);
          CHECK(part.first_row + part.rows == row);
          for (int g = part.first_group; g < part.last_group; ++g) CHECK(&layout.part_of(chunk, g) == &part);
          group = part.last_group;
        }
        CHECK(row == chunk.rows);
        CHECK(lead == chunk.lead);
        CHECK(group == layout.groups());
      }
      CHECK(some_parted == (parts > 1));
      CHECK(some_not);
    }
}

TEST_CASE(
    "in the buffers of a step a part begins at the same row at all steps that are parted, and ends before the next") {
  constexpr int parts = 3;
  RowLayout layout = layout_of(ragged, 9, 512, {512}, {parts, 4});
  const Era& first = layout.eras()[0];
  for (const Era& era : layout.eras()) {
    for (int g = 0; g < layout.groups(); ++g) {
      bool begins = false;
      for (int k = 0; k < era.parts; ++k) begins |= g == layout.groups() * k / era.parts;
      Index before = g > 0 ? era.places[g - 1] + era.groups[g] - era.groups[g - 1] : 0;
      if (!begins)
        CHECK(era.places[g] == before);
      else
        CHECK(era.places[g] == (era.parts == 1 ? 0 : first.groups[g]));
      CHECK(era.places[g] >= before);
    }
    CHECK(era.places.back() + era.rows - era.groups[layout.groups() - 1] <= layout.most_rows());
  }
}

TEST_CASE("there are no more parts than groups") {
  RowLayout layout = layout_of({5, 5, 5, 5}, 5, 512, {512}, {3, 0});
  CHECK(layout.groups() == 2);
  CHECK(layout.chunks()[0].parts == 1);
}
