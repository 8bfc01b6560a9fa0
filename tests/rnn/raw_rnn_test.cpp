#include "unroll/rnn/raw_rnn.hpp"

#include <doctest/doctest.h>

#include "support/cells.hpp"
#include "unroll/autograd/check_gradients.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/comparison.hpp"
#include "unroll/autograd/ops/slice.hpp"
#include "unroll/core/creation.hpp"
#include "unroll/rnn/dynamic_rnn.hpp"

using namespace unroll;
using namespace testing;

namespace {

// Reads time-major inputs as dynamic_rnn does.
RawRnnLoopFunction replay(const Tensor& x, const Tensor& lengths, const Nest& state) {
  return [=](Index time, const Nest& output, const Nest& new_state, const Nest&) {
    RawRnnLoop loop;
    loop.finished = less_equal(lengths, static_cast<double>(time));
    loop.next_input = time < x.shape(0) ? row(x, time) : zeros(x.shape().slice(1), x.dtype());
    loop.next_cell_state = time ? new_state : state;
    if (time) loop.emit_output = output;
    return loop;
  };
}

const Tensor lengths{3, 0, 4, 1};

}  // namespace

TEST_CASE("raw_rnn that replays a sequence gives what dynamic_rnn gives, gradients included") {
  LSTMCell cell(3);
  Tensor x = random_tensor({4, 4, 2}, 1);
  Nest state = random_state(cell, 4);
  auto [outputs, last, loop_state] = raw_rnn(cell, replay(x, lengths, state));
  auto dynamic = dynamic_rnn(cell, x, {.sequence_length = lengths, .initial_state = state, .time_major = true});
  CHECK(allclose(outputs, dynamic.outputs, 1e-12));
  CHECK(allclose(last["c"], dynamic.state["c"], 1e-12));
  CHECK(allclose(last["h"], dynamic.state["h"], 1e-12));
  CHECK_FALSE(loop_state.leaf().defined());
  CHECK(cell.variables()[0].name() == "rnn/lstm_cell/kernel");
  auto check = check_gradients(
      [&](const std::vector<Tensor>& in) {
        auto result = raw_rnn(cell, replay(in[0], lengths, LSTMStateTuple(in[1], in[2])));
        return Nest::tuple({result.outputs, result.state});
      },
      {x, state["c"], state["h"]});
  CHECK_MESSAGE(check, check.to_string());
}

TEST_CASE("raw_rnn stops with the longest row, and takes no step if all are finished at once") {
  GRUCell cell(3);
  Tensor x = random_tensor({6, 4, 2}, 1);
  Nest state = random_state(cell, 4);
  CHECK(raw_rnn(cell, replay(x, lengths, state)).outputs.leaf().shape() == Shape{4, 4, 3});
  auto none = raw_rnn(cell, replay(x, zeros({4}, int32), state));
  CHECK(none.outputs.leaf().shape() == Shape{0, 4, 3});
  CHECK(array_equal(none.state.leaf(), state.leaf()));
  CHECK(cell.variables().size() == 4);
}

TEST_CASE("a loop state is handed from call to call, and kept while none is returned") {
  GRUCell cell(3);
  auto base = replay(random_tensor({10, 4, 2}, 1), Tensor{10, 10, 10, 10}, random_state(cell, 4));
  auto counting = raw_rnn(cell, [&](Index time, const Nest& y, const Nest& s, const Nest& counter) {
    RawRnnLoop loop = base(time, y, s, counter);
    loop.next_loop_state = time ? counter.leaf() + 1 : Tensor{0};
    return loop;
  });
  CHECK(array_equal(counting.loop_state.leaf(), Tensor{10}));
  auto keeping = raw_rnn(cell, [&](Index time, const Nest& y, const Nest& s, const Nest& counter) {
    RawRnnLoop loop = base(time, y, s, counter);
    if (time == 0) loop.next_loop_state = Tensor{7};
    return loop;
  });
  CHECK(array_equal(keeping.loop_state.leaf(), Tensor{7}));
}

TEST_CASE("what a row emits in the step that finishes it is kept") {
  BasicRNNCell cell(2);
  Tensor x = random_tensor({2, 3}, 1);
  Nest state = random_state(cell, 2);
  auto result = raw_rnn(cell, [&](Index time, const Nest& output, const Nest& new_state, const Nest&) {
    RawRnnLoop loop{Tensor{time > 0, time > 1}, x, time ? new_state : state, {}, {}};
    if (time) loop.emit_output = output;
    return loop;
  });
  const Tensor& y = result.outputs;
  CHECK(y.shape() == Shape{2, 2, 2});
  CHECK(y.at<double>({0, 0, 0}) != 0);
  CHECK(y.at<double>({1, 0, 0}) == 0);
  CHECK(y.at<double>({1, 1, 0}) != 0);
}

TEST_CASE("emissions have the structure, shapes and dtypes of the first call's template") {
  GRUCell cell(2);
  auto base = replay(random_tensor({3, 4, 2}, 1), lengths, random_state(cell, 4));
  auto result = raw_rnn(cell, [&](Index time, const Nest& y, const Nest& s, const Nest&) {
    RawRnnLoop loop = base(time, y, s, {});
    Shape rows = time ? Shape{4} : Shape();
    loop.emit_output = Nest::tuple({ones(rows + Shape{2, 3}, int32), ones(rows + Shape{1}, int64)});
    return loop;
  });
  CHECK(result.outputs[0].leaf().spec() == TensorSpec{{4, 4, 2, 3}, int32});
  CHECK(result.outputs[1].leaf().spec() == TensorSpec{{4, 4, 1}, int64});
}

TEST_CASE("a loop function that changes structure, shape or dtype is refused, and the cell is usable afterwards") {
  GRUCell cell(2);
  Tensor x = random_tensor({3, 4, 2}, 1);
  Nest state = random_state(cell, 4);
  auto base = replay(x, lengths, state);
  auto with = [&](auto change) {
    raw_rnn(cell, [&](Index time, const Nest& y, const Nest& s, const Nest& l) {
      RawRnnLoop loop = base(time, y, s, l);
      loop.next_loop_state = time ? l : Nest(Tensor{1});
      if (time == 2) change(loop);
      return loop;
    });
  };
  CHECK_THROWS_AS(with([](RawRnnLoop& l) { l.next_input = Nest::tuple({l.next_input}); }), TypeError);
  CHECK_THROWS_AS(with([](RawRnnLoop& l) { l.next_input = random_tensor({4, 3}, 1); }), ValueError);
  CHECK_THROWS_AS(with([](RawRnnLoop& l) { l.next_input = random_tensor({4, 2}, 1, 1, float32); }), TypeError);
  CHECK_THROWS_AS(with([](RawRnnLoop& l) { l.next_cell_state = random_tensor({4, 3}, 1); }), ValueError);
  CHECK_THROWS_AS(with([](RawRnnLoop& l) { l.emit_output = random_tensor({4, 3}, 1); }), ValueError);
  CHECK_THROWS_AS(with([](RawRnnLoop& l) { l.emit_output = Nest(); }), ValueError);
  CHECK_THROWS_AS(with([](RawRnnLoop& l) { l.finished = Tensor{1, 0, 0, 1}; }), TypeError);
  CHECK_THROWS_AS(with([](RawRnnLoop& l) { l.finished = Tensor{true, false}; }), ValueError);
  CHECK_THROWS_AS(with([](RawRnnLoop& l) { l.next_loop_state = Tensor{1.0}; }), TypeError);
  CHECK_NOTHROW(raw_rnn(cell, base));
}

TEST_CASE("raw_rnn refuses a null loop function and a state that is not the cell's") {
  LSTMCell cell(2);
  Tensor x = random_tensor({3, 4, 2}, 1);
  CHECK_THROWS_AS(raw_rnn(cell, {}), TypeError);
  CHECK_THROWS_AS(raw_rnn(cell, replay(x, lengths, random_tensor({4, 2}, 1))), TypeError);
  CHECK_THROWS_AS(raw_rnn(cell, replay(x, lengths, Nest())), ValueError);
  CHECK_THROWS_AS(raw_rnn(cell, replay(x, lengths, random_state(cell, 3))), ValueError);
  CHECK_THROWS_AS(raw_rnn(cell, replay(x, lengths, random_state(cell, 4)), {.parallel_iterations = -1}), TypeError);
}
