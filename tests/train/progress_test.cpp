#include "unroll/train/progress.hpp"

#include <doctest/doctest.h>

#include <sstream>

using namespace unroll;
using namespace std::chrono_literals;

TEST_CASE("in a pipe there is a plain line every few seconds") {
  std::ostringstream out;
  Progress::Clock::time_point start{};
  Progress progress(out, 0, 200, {}, start);
  progress.update(50, {{"loss", 0.5}}, start + 2s);
  CHECK(out.str().empty());
  progress.update(100, {{"loss", 0.25}}, start + 4s);
  CHECK(out.str() == "100/200 [==========>         ]  50%  loss 0.25  25 steps/s  4 s left\n");
  progress.update(110, {}, start + 5s);
  progress.update(200, {{"loss", 0.125}}, start + 6s);
  progress.finish(start + 8s);
  CHECK(out.str().ends_with("left\n200/200 [====================] 100%  loss 0.125  25 steps/s\n"));
}

TEST_CASE("in a pipe the last line is not written twice") {
  std::ostringstream out;
  Progress::Clock::time_point start{};
  Progress progress(out, 0, 20, {}, start);
  progress.update(20, {}, start + 4s);
  const std::string last = out.str();
  CHECK(last == "20/20 [====================] 100%  5 steps/s\n");
  progress.finish(start + 5s);
  CHECK(out.str() == last);
}

TEST_CASE("on a terminal one line is written over, and longer ones are wiped") {
  std::ostringstream out;
  Progress::Clock::time_point start{};
  Progress progress(out, 10, 20, {.terminal = true}, start);
  progress.update(15, {{"loss", 0.12345}}, start + 1s);
  const std::string first = out.str();
  CHECK(first == "\r15/20 [===============>    ]  75%  loss 0.1235  5 steps/s  1 s left");
  progress.say("a checkpoint");
  CHECK(out.str() == first + "\na checkpoint\n");
  progress.update(16, {}, start + 2s);
  progress.finish(start + 2s);
  CHECK(out.str().ends_with("\n"));
}
