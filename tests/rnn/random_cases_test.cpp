// Cells, stacks, wrappers, nests, lengths and options drawn at random, against the definition: each row alone, step by
// step.
#include <doctest/doctest.h>

#include <set>

#include "random_cells.hpp"

using namespace unroll;
using namespace testing;

namespace {

struct Case {
  CellPointer cell;
  Nest x;  // batch-major
  Nest state;
  std::vector<Index> lengths;
  bool time_reversed = false;
};

void add_class_names(Module& module, std::set<std::string>& names) {
  names.insert(module.class_name());
  for (Module* inner : module.submodules()) add_class_names(*inner, names);
}

// The sum of all outputs and states with weights that depend on where they stand in the whole.
Tensor loss_of(const Nest& outputs, const Nest& state) {
  Tensor loss = zeros({}, float64);
  std::uint64_t stream = 7;
  for (const Nest& part : {outputs, state})
    part.for_each([&](const Tensor& y) { loss = loss + reduce_sum(y * random_tensor(y.shape(), stream++)); });
  return loss;
}

// Each row alone, step by step.
std::pair<Nest, Nest> by_definition(const Case& c) {
  std::vector<Tensor> outputs, states;
  const auto batch = static_cast<Index>(c.lengths.size()), time = c.x.flatten()[0].shape(1);
  std::vector<std::vector<Tensor>> rows_of_outputs, rows_of_states;
  for (Index row = 0; row < batch; ++row) {
    Nest state = c.state.map([&](const Tensor& s) { return slice_rows(s, row, row + 1); });
    const Index length = c.lengths[static_cast<std::size_t>(row)];
    std::vector<std::vector<Tensor>> steps(static_cast<std::size_t>(time));
    for (Index k = 0; k < time; ++k) {
      const Index t = c.time_reversed && k < length ? length - 1 - k : k;
      auto& step = steps[static_cast<std::size_t>(t)];
      if (t >= length) {
        c.cell->output_size().for_each([&](const Shape& size) { step.push_back(zeros(Shape{1} + size, float64)); });
        continue;
      }
      auto [y, next] = (*c.cell)(c.x.map([&](const Tensor& x) {
        Tensor of_row = slice_axis(slice_rows(x, row, row + 1), 1, t, t + 1);
        return reshape(of_row, Shape{1} + x.shape().slice(2));
      }),
                                 state);
      step = y.flatten();
      state = next;
    }
    auto& of_row = rows_of_outputs.emplace_back();
    for (std::size_t leaf = 0; leaf < steps[0].size(); ++leaf) {
      std::vector<Tensor> in_time;
      for (const auto& step : steps) in_time.push_back(step[leaf]);
      of_row.push_back(stack(in_time, 1));
    }
    rows_of_states.push_back(state.flatten());
  }
  auto join = [](const std::vector<std::vector<Tensor>>& rows) {
    std::vector<Tensor> joined;
    for (std::size_t leaf = 0; leaf < rows[0].size(); ++leaf) {
      std::vector<Tensor> parts;
      for (const auto& row : rows) parts.push_back(row[leaf]);
      joined.push_back(concat(parts, 0));
    }
    return joined;
  };
  std::size_t k = 0;
  std::vector<Tensor> joined = join(rows_of_outputs);
  Nest y = c.cell->output_size().map([&](const Shape&) { return joined[k++]; });
  return {y, c.state.pack(join(rows_of_states))};
}

// Outputs, states, and all gradients of the loss.
template <class F>
std::vector<Tensor> results(const Case& c, F&& run) {
  GradientTape tape;
  std::vector<Tensor> sources = c.state.flatten();
  for (const Tensor& t : c.x.flatten()) sources.push_back(t);
  for (const Tensor& t : sources) tape.watch(t);
  for (const Variable& v : c.cell->variables()) sources.push_back(v);
  auto [outputs, state] = run();
  std::vector<Tensor> all =
      tape.gradient(loss_of(outputs, state), sources, {.unconnected_gradients = Unconnected::zero});
  for (const Tensor& t : outputs.flatten()) all.push_back(t);
  for (const Tensor& t : state.flatten()) all.push_back(t);
  return all;
}

Nest swapped(const Nest& nest) {
  return nest.map([](const Tensor& t) { return stack(unstack(t, 1), 0); });
}

// The first tensor that differs by more than rounding; -1 if there is none.
int first_difference(const std::vector<Tensor>& got, const std::vector<Tensor>& want) {
  REQUIRE(got.size() == want.size());
  for (std::size_t k = 0; k < got.size(); ++k)
    if (got[k].spec() != want[k].spec() || !allclose(got[k], want[k], 1e-10, 1e-11)) return static_cast<int>(k);
  return -1;
}

}  // namespace

TEST_CASE("both executors agree with the definition for cells, nests, lengths and options drawn at random") {
  constexpr std::uint64_t cases = 3000;
  std::set<std::string> classes;
  std::uint64_t compiled = 0;
  for (std::uint64_t seed = 0; seed < cases; ++seed) {
    CAPTURE(seed);
    CellDraw draw(seed);
    Index batch = 1 + draw.below(4), time = 1 + draw.below(5), depth = 1 + draw.below(4);
    bool nested = draw.below(10) == 0;
    Case c{nested ? draw.nested_cell(depth) : draw.cell(depth, 3), random_tensor({batch, time, depth}, 1), {}, {}};
    c.cell->build(TensorSpec{{batch, depth}, float64});
    add_class_names(*c.cell, classes);
    randomize(*c.cell);
    bool from_zero = draw.below(4) == 0;
    c.state = from_zero ? c.cell->zero_state(batch, float64) : random_state(*c.cell, batch);
    bool ragged = draw.coin(), time_major = draw.coin(), wide = draw.coin();
    for (Index row = 0; row < batch; ++row) c.lengths.push_back(ragged ? draw.below(time + 1) : time);
    c.time_reversed = draw.below(4) == 0;
    DynamicRnnOptions options{.initial_state = c.state,
                              .parallel_iterations = 1 + static_cast<int>(draw.below(40)),
                              .swap_memory = draw.coin(),
                              .time_major = time_major,
                              .time_reversed = c.time_reversed};
    if (ragged) options.sequence_length = Tensor(Tensor({batch}, c.lengths), wide ? int64 : int32);

    std::vector<Tensor> want = results(c, [&] { return by_definition(c); });
    bool compiles = explain(*c.cell, time_major ? swapped(c.x) : c.x, options).starts_with("compiled");
    for (Executor executor : {Executor::eager, Executor::compiled}) {
      if (executor == Executor::compiled && !compiles) continue;
      CAPTURE(executor == Executor::compiled);
      options.executor = executor;
      std::vector<Tensor> got = results(c, [&] {
        auto [outputs, state] = dynamic_rnn(*c.cell, time_major ? swapped(c.x) : c.x, options);
        return std::pair(time_major ? swapped(outputs) : outputs, state);
      });
      CHECK(first_difference(got, want) == -1);
    }
    compiled += compiles;
  }
  CHECK(classes.size() > 35);
  CHECK(compiled > cases / 2);
}
