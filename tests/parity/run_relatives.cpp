// bidirectional_dynamic_rnn, static_rnn, static_bidirectional_rnn and raw_rnn.
#include "run_call.hpp"
#include "unroll/autograd/ops/activation.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/comparison.hpp"
#include "unroll/autograd/ops/matmul.hpp"
#include "unroll/autograd/ops/reduce.hpp"
#include "unroll/autograd/ops/slice.hpp"
#include "unroll/core/creation.hpp"
#include "unroll/rnn/bidirectional.hpp"
#include "unroll/rnn/raw_rnn.hpp"
#include "unroll/rnn/static_bidirectional.hpp"

namespace parity {
namespace {

using namespace unroll;

DType read_dtype(const Json& test) { return dtype_from_name(test.at("dtype").get<std::string>()); }

std::vector<Nest> members(const Nest& list) {
  std::vector<Nest> all;
  for (std::size_t k = 0; k < list.size(); ++k) all.push_back(list[k]);
  return all;
}

std::vector<std::pair<std::string, Nest>> both_states(const Json& test) {
  return {{"initial_state_fw", argument(test, "initial_state_fw")},
          {"initial_state_bw", argument(test, "initial_state_bw")}};
}

void run_bidirectional(const Json& test, Differences& differences) {
  auto fw = make_cell(test.at("cell_fw")), bw = make_cell(test.at("cell_bw"));
  BidirectionalDynamicRnnOptions options{.sequence_length = read_lengths(test),
                                         .dtype = read_dtype(test),
                                         .parallel_iterations = get(test, "parallel_iterations", 32),
                                         .swap_memory = get(test, "swap_memory", false),
                                         .time_major = get(test, "time_major", false)};
  options.scope = get(test, "scope", options.scope);
  options.executor = chosen_executor();
  run_call(test, differences,
           {.modules = {fw.get(), bw.get()},
            .inputs = read_nest(test.at("inputs")),
            .states = both_states(test),
            .call = [&](const Nest& inputs, const std::vector<Nest>& states) {
              options.initial_state_fw = states[0];
              options.initial_state_bw = states[1];
              auto [outputs, last] = bidirectional_dynamic_rnn(*fw, *bw, inputs, options);
              return Nest::tuple({outputs, last});
            }});
}

void run_static(const Json& test, Differences& differences) {
  auto cell = make_cell(test.at("cell"));
  StaticRnnOptions options{.dtype = read_dtype(test), .sequence_length = read_lengths(test)};
  options.scope = get(test, "scope", options.scope);
  options.executor = chosen_executor();
  Subject subject{.modules = {cell.get()},
                  .inputs = read_nest(test.at("inputs")),
                  .states = {{"initial_state", argument(test, "initial_state")}},
                  .call = [&](const Nest& inputs, const std::vector<Nest>& states) {
                    options.initial_state = states[0];
                    auto [outputs, state] = static_rnn(*cell, members(inputs), options);
                    return Nest::tuple({Nest::tuple(outputs), state});
                  }};
  if (lengths_out_of_range(test, static_cast<Index>(subject.inputs.size())))
    expect_invalid_argument(differences, [&] { subject.call(subject.inputs, {subject.states[0].second}); });
  else
    run_call(test, differences, subject);
}

void run_static_bidirectional(const Json& test, Differences& differences) {
  auto fw = make_cell(test.at("cell_fw")), bw = make_cell(test.at("cell_bw"));
  StaticBidirectionalRnnOptions options{.dtype = read_dtype(test), .sequence_length = read_lengths(test)};
  options.scope = get(test, "scope", options.scope);
  options.executor = chosen_executor();
  run_call(test, differences,
           {.modules = {fw.get(), bw.get()},
            .inputs = read_nest(test.at("inputs")),
            .states = both_states(test),
            .call = [&](const Nest& inputs, const std::vector<Nest>& states) {
              options.initial_state_fw = states[0];
              options.initial_state_bw = states[1];
              auto [outputs, state_fw, state_bw] = static_bidirectional_rnn(*fw, *bw, members(inputs), options);
              return Nest::tuple({Nest::tuple(outputs), Nest::tuple({state_fw, state_bw})});
            }});
}

// Reads x (time, batch, ...) as dynamic_rnn does; "counter" and "own emission" add to that.
struct Replay {
  std::string kind;
  Tensor x, lengths;
  Nest initial_state;
  Index units;

  RawRnnLoop operator()(Index time, const Nest& output, const Nest& state, const Nest& loop_state) const {
    RawRnnLoop loop;
    loop.finished = less_equal(lengths, static_cast<double>(time));
    bool end = time >= x.shape(0) || reduce_all(loop.finished).item<bool>();
    loop.next_input = end ? zeros(x.shape().slice(1), x.dtype()) : row(x, time);
    if (kind == "counter") loop.next_loop_state = time ? loop_state.leaf() + 1 : zeros({1}, int32);
    if (time == 0) {
      loop.next_cell_state = initial_state;
      if (kind == "own emission")
        loop.emit_output = Nest::tuple({zeros({units}, x.dtype()), Nest::dict({{"sum", zeros({1}, x.dtype())}})});
      return loop;
    }
    const Tensor& h = output;
    loop.next_cell_state = state;
    loop.emit_output = output;
    if (kind == "own emission")
      loop.emit_output = Nest::tuple({2.0 * h, Nest::dict({{"sum", reduce_sum(h, {1}, true)}})});
    return loop;
  }
};

// Feeds its output back, through weights of its own.
struct FeedBack {
  Tensor x0;
  Nest initial_state;
  Variable weights;
  double threshold;
  Index limit;

  RawRnnLoop operator()(Index time, const Nest& output, const Nest& state, const Nest& loop_state) const {
    RawRnnLoop loop;
    if (time == 0) {
      loop.next_input = x0;
      loop.next_cell_state = initial_state;
      loop.next_loop_state = zeros({x0.shape(0)}, x0.dtype());
    } else {
      const Tensor& h = output;
      loop.next_input = tanh(matmul(h, weights));
      loop.next_cell_state = state;
      loop.emit_output = output;
      loop.next_loop_state = loop_state.leaf() + reduce_sum(slice_axis(h, 1, 0, 1), {1});
    }
    Tensor late = full({x0.shape(0)}, time >= limit, bool_);
    loop.finished = logical_or(late, greater(loop.next_loop_state.leaf(), threshold));
    return loop;
  }
};

void run_raw(const Json& test, Differences& differences) {
  auto cell = make_cell(test.at("cell"));
  const Json& description = test.at("loop_fn");
  auto kind = description.at("kind").get<std::string>();
  RawRnnOptions options;
  options.scope = get(test, "scope", options.scope);
  Subject subject{.modules = {cell.get()},
                  .inputs = read_nest(test.at("inputs")),
                  .states = {{"initial_state", argument(test, "initial_state")}},
                  .call = {}};
  Variable feed;
  for (const Json& pair : test.at("variables"))
    if (auto name = pair[0].get<std::string>(); name.ends_with("/w_feed")) {
      feed = Variable(read_tensor(pair[1]), name);
      subject.further = {feed};
    }
  subject.call = [&](const Nest& inputs, const std::vector<Nest>& states) {
    const Tensor& x = inputs;
    Index batch = x.shape(kind == "feed back" ? 0 : 1);
    Nest state = states[0];
    if (state.is_leaf() && !state.leaf()) state = cell->zero_state(batch, read_dtype(test));
    RawRnnLoopFunction loop_fn;
    if (kind == "feed back")
      loop_fn =
          FeedBack{x, state, feed, description.at("threshold").get<double>(), description.at("limit").get<Index>()};
    else
      loop_fn = Replay{kind, x, read_lengths(test), state, cell->output_size().leaf()[0]};
    RawRnnResult result = raw_rnn(*cell, loop_fn, options);
    return Nest::tuple({result.outputs, result.state, result.loop_state});
  };
  run_call(test, differences, subject);
}

const RegisterRunner runners[] = {{"bidirectional_dynamic_rnn", run_bidirectional},
                                  {"static_rnn", run_static},
                                  {"static_bidirectional_rnn", run_static_bidirectional},
                                  {"raw_rnn", run_raw}};

}  // namespace
}  // namespace parity
