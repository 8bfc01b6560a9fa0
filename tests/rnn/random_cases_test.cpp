// Cells, stacks, wrappers, lengths and options drawn at random, against the definition: each row alone, step by step.
#include <doctest/doctest.h>

#include "support/cells.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/concat.hpp"
#include "unroll/autograd/ops/reduce.hpp"
#include "unroll/autograd/ops/reshape.hpp"
#include "unroll/autograd/ops/slice.hpp"
#include "unroll/autograd/tape.hpp"
#include "unroll/cells/highway_wrapper.hpp"
#include "unroll/cells/ind_rnn_cell.hpp"
#include "unroll/cells/min_lstm_cell.hpp"
#include "unroll/cells/nas_cell.hpp"
#include "unroll/cells/residual_wrapper.hpp"
#include "unroll/cells/sru_cell.hpp"
#include "unroll/cells/ugrnn_cell.hpp"
#include "unroll/core/creation.hpp"
#include "unroll/rnn/dynamic_rnn.hpp"

using namespace unroll;
using namespace testing;

namespace {

using CellPointer = std::shared_ptr<RNNCell>;

class Draw {
 public:
  explicit Draw(std::uint64_t seed) : random_(seed) {}
  Index below(Index n) { return random_.integers({1}, 0, n).item<Index>(); }
  bool coin() { return below(2) == 0; }

  CellPointer plain_cell(Index units) {
    switch (below(9)) {
      case 0:
        return std::make_shared<BasicRNNCell>(units);
      case 1:
        return std::make_shared<GRUCell>(units);
      case 2:
        return std::make_shared<LSTMCell>(units, LSTMCellOptions{.use_peepholes = coin(), .state_is_tuple = coin()});
      case 3:
        return std::make_shared<LSTMCell>(units + 1, LSTMCellOptions{.cell_clip = 0.7, .num_proj = units});
      case 4:
        return std::make_shared<UGRNNCell>(units);
      case 5:
        return std::make_shared<NASCell>(units);
      case 6:
        return std::make_shared<SRUCell>(units);
      case 7:
        return std::make_shared<IndRNNCell>(units);
      default:
        return std::make_shared<MinLSTMCell>(units);
    }
  }
  CellPointer cell(Index depth, int levels) {
    switch (levels > 0 ? below(4) : 3) {
      case 0:
        return std::make_shared<ResidualWrapper>(same_width(depth, levels - 1));
      case 1:
        return std::make_shared<HighwayWrapper>(same_width(depth, levels - 1));
      case 2: {
        std::vector<CellPointer> layers;
        Index width = depth;
        for (Index k = 1 + below(3); k > 0; --k) {
          layers.push_back(cell(width, levels - 1));
          width = layers.back()->output_size().leaf()[0];
        }
        return std::make_shared<MultiRNNCell>(std::move(layers));
      }
      default:
        return plain_cell(1 + below(3));
    }
  }

 private:
  CellPointer same_width(Index depth, int levels) {
    return levels > 0 && coin() ? std::make_shared<ResidualWrapper>(plain_cell(depth)) : plain_cell(depth);
  }

  RandomGenerator random_;
};

struct Case {
  CellPointer cell;
  Tensor x;  // batch-major
  Nest state;
  std::vector<Index> lengths;
};

// The sum of all outputs and states with weights that depend on where they stand in the whole.
Tensor weighted(const Tensor& y, std::uint64_t stream) { return reduce_sum(y * random_tensor(y.shape(), stream)); }

Tensor loss_of(const Tensor& outputs, const Nest& state) {
  Tensor loss = weighted(outputs, 7);
  std::uint64_t stream = 8;
  state.for_each([&](const Tensor& s) { loss = loss + weighted(s, stream++); });
  return loss;
}

Nest row_of(const Nest& state, Index row) {
  return state.map([&](const Tensor& s) { return slice_rows(s, row, row + 1); });
}

// Each row alone, step by step.
std::pair<Tensor, Nest> by_definition(const Case& c) {
  Index batch = c.x.shape(0), time = c.x.shape(1), width = c.cell->output_size().leaf()[0];
  std::vector<Tensor> outputs;
  std::vector<std::vector<Tensor>> states;
  for (Index row = 0; row < batch; ++row) {
    Tensor x = reshape(slice_rows(c.x, row, row + 1), {time, 1, c.x.shape(2)});
    Nest state = row_of(c.state, row);
    std::vector<Tensor> steps;
    for (Index t = 0; t < time; ++t) {
      if (t >= c.lengths[row]) {
        steps.push_back(zeros({1, width}, float64));
        continue;
      }
      auto [y, next] = (*c.cell)(unroll::row(x, t), state);
      steps.push_back(y);
      state = next;
    }
    outputs.push_back(stack(steps, 1));
    states.push_back(state.flatten());
  }
  std::vector<Tensor> joined;
  for (std::size_t k = 0; k < states[0].size(); ++k) {
    std::vector<Tensor> rows;
    for (const auto& of_row : states) rows.push_back(of_row[k]);
    joined.push_back(concat(rows, 0));
  }
  return {concat(outputs, 0), c.state.pack(joined)};
}

template <class F>
std::vector<Tensor> results(const Case& c, F&& run) {
  GradientTape tape;
  std::vector<Tensor> sources = c.state.flatten();
  sources.push_back(c.x);
  for (const Tensor& t : sources) tape.watch(t);
  for (const Variable& v : c.cell->variables()) sources.push_back(v);
  std::pair<Tensor, Nest> result = run();
  Tensor loss = loss_of(result.first, result.second);
  std::vector<Tensor> all = tape.gradient(loss, sources, {.unconnected_gradients = Unconnected::zero});
  all.push_back(result.first);
  result.second.for_each([&](const Tensor& s) { all.push_back(s); });
  return all;
}

}  // namespace

TEST_CASE("dynamic_rnn agrees with its definition for cells, stacks, lengths and options drawn at random") {
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    CAPTURE(seed);
    Draw draw(seed);
    Index batch = 1 + draw.below(4), time = 1 + draw.below(5), depth = 1 + draw.below(4);
    Case c{draw.cell(depth, 2), random_tensor({batch, time, depth}, 1), {}, {}};
    c.cell->build(TensorSpec{{batch, depth}, float64});
    randomize(*c.cell);
    c.state = random_state(*c.cell, batch);
    bool ragged = draw.coin(), time_major = draw.coin(), wide = draw.coin();
    for (Index row = 0; row < batch; ++row) c.lengths.push_back(ragged ? draw.below(time + 1) : time);
    Tensor lengths;
    if (ragged) lengths = Tensor(Tensor({batch}, c.lengths), wide ? int64 : int32);

    std::vector<Tensor> got = results(c, [&] {
      auto swapped = [](const Tensor& t) { return stack(unstack(t, 1), 0); };
      auto [outputs, state] = dynamic_rnn(*c.cell, time_major ? swapped(c.x) : c.x,
                                          {.sequence_length = lengths,
                                           .initial_state = c.state,
                                           .parallel_iterations = 1 + static_cast<int>(draw.below(40)),
                                           .swap_memory = draw.coin(),
                                           .time_major = time_major});
      return std::pair(time_major ? swapped(outputs) : outputs.leaf(), state);
    });
    std::vector<Tensor> want = results(c, [&] { return by_definition(c); });
    REQUIRE(got.size() == want.size());
    for (std::size_t k = 0; k < got.size(); ++k) {
      CAPTURE(k);
      CHECK(got[k].spec() == want[k].spec());
      CHECK(allclose(got[k], want[k], 1e-10, 1e-11));
    }
  }
}
