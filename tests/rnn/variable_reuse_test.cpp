#include <doctest/doctest.h>

#include "support/cells.hpp"
#include "unroll/autograd/variable_store.hpp"
#include "unroll/rnn/bidirectional.hpp"

using namespace unroll;
using namespace testing;

namespace {

const Tensor x = random_tensor({2, 3, 3}, 1);

void run(RNNCell& cell, const std::string& scope = "rnn") { dynamic_rnn(cell, x, {.dtype = float64, .scope = scope}); }

}  // namespace

TEST_CASE("two new cells that would take the same names are an error in one store") {
  VariableStore store;
  GRUCell one(3), other(3);
  run(one);
  CHECK_THROWS_AS(run(other), ValueError);
  CHECK(store.variables() == one.variables());
  CHECK_NOTHROW(run(other, "second"));
  CHECK(store.variables().size() == 8);
  LSTMCell third(3);
  CHECK_NOTHROW(run(third));
  GRUCell named(3, {.name = "memory"});
  CHECK_NOTHROW(run(named));
}

TEST_CASE("without a store names are not compared") {
  GRUCell one(3), other(3);
  run(one);
  CHECK_NOTHROW(run(other));
  CHECK(one.variables()[0] != other.variables()[0]);
}

TEST_CASE("one cell used twice shares its variables and keeps its first names") {
  VariableStore store;
  GRUCell cell(3);
  run(cell);
  run(cell);
  run(cell, "second");
  CHECK(store.variables().size() == 4);
  CHECK(cell.variables()[0].name() == "rnn/gru_cell/gates/kernel");
}

TEST_CASE("cells share by name where the scope says so") {
  VariableStore store;
  GRUCell one(3), other(3), third(3);
  CHECK_THROWS_AS(
      [&] {
        VariableScope sharing("", Reuse::yes);
        run(one);
      }(),
      ValueError);
  CHECK_FALSE(one.built());
  run(one);
  {
    VariableScope sharing("", Reuse::yes);
    run(other);
  }
  CHECK(other.variables() == one.variables());
  CHECK_THROWS_AS(run(third), ValueError);
  {
    VariableScope sharing("", Reuse::automatic);
    LSTMCell first(2), second(2);
    run(first);
    run(second);
    CHECK(first.variables() == second.variables());
  }
  CHECK(VariableScope::current_reuse() == Reuse::no);
}

TEST_CASE("what is shared must have the shape and dtype that is asked for") {
  VariableStore store;
  GRUCell one(3), narrow(2), other(3);
  run(one);
  VariableScope sharing("", Reuse::yes);
  CHECK_THROWS_AS(run(narrow), ValueError);
  CHECK_THROWS_AS(dynamic_rnn(other, random_tensor({2, 3, 5}, 1), {.dtype = float64}), ValueError);
  CHECK_THROWS_AS(dynamic_rnn(other, random_tensor({2, 3, 3}, 1, 1, float32), {.dtype = float32}), ValueError);
  CHECK_NOTHROW(run(other));
}

TEST_CASE("a name is free once its variable is gone, and after a failed build") {
  VariableStore store;
  {
    GRUCell gone(3);
    run(gone);
  }
  CHECK(store.variables().empty());
  GRUCell cell(3, {.kernel_initializer = [calls = 0](const Shape& shape, DType dtype) mutable {
                 if (++calls == 2) throw std::runtime_error("no more");
                 return random_tensor(shape, 1, 1, dtype);
               }});
  CHECK_THROWS_AS(run(cell), std::runtime_error);
  CHECK(store.variables().empty());
  CHECK_NOTHROW(run(cell));
}

TEST_CASE("two stores know nothing of each other") {
  GRUCell one(3), other(3);
  {
    VariableStore store;
    run(one);
    VariableStore inner;
    CHECK_NOTHROW(run(other));
    CHECK(inner.find("rnn/gru_cell/gates/kernel") == other.variables()[0]);
    CHECK(store.find("rnn/gru_cell/gates/kernel") == one.variables()[0]);
  }
  CHECK(VariableStore::current() == nullptr);
}

TEST_CASE("export_names lists full names, shapes and dtypes") {
  MultiRNNCell stack(LSTMCell(2), GRUCell(3));
  dynamic_rnn(stack, random_tensor({2, 3, 4}, 1, 1, float32), {.dtype = float32});
  CHECK(stack.export_names() ==
        "rnn/multi_rnn_cell/cell_0/lstm_cell/kernel\t(6, 8)\tfloat32\n"
        "rnn/multi_rnn_cell/cell_0/lstm_cell/bias\t(8,)\tfloat32\n"
        "rnn/multi_rnn_cell/cell_1/gru_cell/gates/kernel\t(5, 6)\tfloat32\n"
        "rnn/multi_rnn_cell/cell_1/gru_cell/gates/bias\t(6,)\tfloat32\n"
        "rnn/multi_rnn_cell/cell_1/gru_cell/candidate/kernel\t(5, 3)\tfloat32\n"
        "rnn/multi_rnn_cell/cell_1/gru_cell/candidate/bias\t(3,)\tfloat32\n");
}
