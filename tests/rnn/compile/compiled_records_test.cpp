// What a tape shows of a sequence that ran compiled.
#include <doctest/doctest.h>

#include <algorithm>

#include "support/cells.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/slice.hpp"
#include "unroll/autograd/tape.hpp"
#include "unroll/rnn/dynamic_rnn.hpp"

using namespace unroll;
using namespace testing;

TEST_CASE("a tape shows each step of a compiled sequence: cell, number, rows alive, bytes kept") {
  LSTMCell cell(32);
  Tensor x = random_tensor({4, 5, 3}, 1, 1, float32);
  GradientTape tape;
  Tensor y = dynamic_rnn(cell, x * 2.0,
                         {.sequence_length = Tensor{3, 0, 5, 1}, .dtype = float32, .executor = Executor::compiled})
                 .outputs;
  Tensor loss = y * y;
  std::vector<TapeRecord> records = tape.records();
  REQUIRE(records.size() == 6);
  CHECK(tape.size() == 6);
  const Index alive[] = {3, 2, 2, 1, 1};
  Index bytes = records[4].bytes;
  CHECK(bytes % 4 == 0);
  CHECK(bytes >= 4 * 32 * 4);  // four gates at least
  CHECK(bytes <= 4 * 32 * 6.5);
  for (std::size_t t = 0; t < 5; ++t) {
    CHECK(records[t].name == "LSTMCell");
    CHECK(records[t].step == static_cast<Index>(t));
    CHECK(records[t].rows == alive[t]);
    CHECK(records[t].bytes == alive[t] * bytes);
  }
  CHECK(records[5] == TapeRecord{"multiply", {}, {}, 2 * static_cast<Index>(y.bytes())});
  tape.gradient(loss, cell.variables());
  CHECK(tape.records().empty());
}

TEST_CASE("a tape shows the ops of a sequence that ran eagerly, as many at each step") {
  BasicRNNCell cell(2);
  Tensor x = random_tensor({2, 3, 3}, 1);
  auto names = [&](Index steps) {
    GradientTape tape;
    tape.watch(x);
    dynamic_rnn(cell, slice_axis(x, 1, 0, steps), {.dtype = float64, .executor = Executor::eager});
    std::vector<std::string> all;
    for (const TapeRecord& r : tape.records()) {
      CHECK_FALSE(r.step.has_value());
      all.push_back(r.name);
    }
    CHECK(tape.size() == all.size());
    return all;
  };
  std::vector<std::string> two = names(2), three = names(3);
  CHECK(std::count(two.begin(), two.end(), "matmul") == 2);
  CHECK(std::count(three.begin(), three.end(), "tanh") == 3);
}
