// Bad calls: the class of the error, and odd calls that are accepted. The rules where unroll differs from TensorFlow
// are decided by what is in a case, never by its name.
#include <map>
#include <sstream>

#include "runner.hpp"
#include "unroll/autograd/ops/cross_entropy.hpp"
#include "unroll/autograd/ops/reduce.hpp"
#include "unroll/autograd/tape.hpp"
#include "unroll/autograd/variable_store.hpp"
#include "unroll/core/creation.hpp"
#include "unroll/optim/gradient_descent.hpp"
#include "unroll/optim/piecewise_constant.hpp"
#include "unroll/rnn/bidirectional.hpp"
#include "unroll/rnn/dynamic_rnn.hpp"
#include "unroll/rnn/static_bidirectional.hpp"

namespace parity {
namespace {

using namespace unroll;

// The class of an exception, by name; empty if the call went through.
std::string class_of_error(const std::function<void()>& call) {
  try {
    call();
  } catch (const Skip&) {
    throw;
  } catch (const TypeError&) {
    return "TypeError";
  } catch (const ValueError&) {
    return "ValueError";
  } catch (const InvalidArgumentError&) {
    return "InvalidArgumentError";
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

template <class F>
bool any_of(const Json& json, F&& f) {
  if (f(json)) return true;
  if (json.is_structured())
    for (const Json& part : json)
      if (any_of(part, f)) return true;
  return false;
}

// Dimensions that were not known when TensorFlow built its graph: there is no such thing here.
bool has_unknown_shape(const Json& call) {
  return any_of(call, [](const Json& j) { return j.is_object() && j.contains("static_shape"); });
}

// What C++ does not compile or does not tell apart: something else than a cell, a number with a fraction for an
// integer, one cell for a list of them, a list for a tuple.
// C++ has no "anything": a cell, a list of steps and a function are what the compiler says they are.
bool cannot_be_written(const Json& call) {
  auto no_cell = [](const Json& cell) {
    std::string name = cell.is_object() ? cell.value("class", "") : "";
    return name.empty() || name == "not a cell" || name == "RNNCell" ||
           (cell.contains("cells") && !cell.at("cells").is_array());
  };
  bool tensor_for_steps =
      call.value("function", "").starts_with("static_") && has(call, "inputs") && call.at("inputs").contains("shape");
  for (const char* key : {"cell", "cell_fw", "cell_bw"})
    if (call.contains(key) && no_cell(call.at(key))) return true;
  // A dtype is asked of a tensor here, not of a state; a list of tensors is a list.
  auto function = call.value("function", "");
  if (function == "LSTMStateTuple.dtype" || (function == "clip_by_global_norm" && call.at("t_list").is_string()))
    return true;
  return tensor_for_steps || (call.contains("loop_fn") && call.at("loop_fn").is_string()) ||
         (has(call, "initial_state") &&
          any_of(call.at("initial_state"), [](const Json& j) { return j.is_object() && j.contains("list"); })) ||
         (has(call, "parallel_iterations") && call.at("parallel_iterations").is_number_float());
}

bool lengths_out_of_range(const Json& call) {
  if (!has(call, "sequence_length") || !has(call, "inputs")) return false;
  const Json &lengths = call.at("sequence_length"), &inputs = call.at("inputs");
  Index time = 0;
  if (inputs.contains("list"))
    time = static_cast<Index>(inputs.at("list").size());
  else if (inputs.contains("shape"))
    time = inputs.at("shape").at(get(call, "time_major", false) ? 0 : 1).get<Index>();
  else
    return false;
  return any_of(lengths.at("data"), [&](const Json& n) {
    return n.is_number() && (n.get<double>() < 0 || n.get<double>() > static_cast<double>(time));
  });
}

// The class that unroll's error has to have; empty if the call is to be accepted.
std::string expected_class(const Json& test) {
  const Json& call = test.at("call");
  if (has(call, "sequence_length") &&
      is_floating(dtype_from_name(call.at("sequence_length").at("dtype").get<std::string>())))
    return "TypeError";
  if (lengths_out_of_range(call) && (!has(test, "error") || test.at("error").at("type") == "InvalidArgumentError"))
    return "InvalidArgumentError";
  // A stack's state with too many members is a mistake, although a direct call takes it.
  if (has(call, "initial_state") && has(call, "cell") && call.at("cell").contains("cells") &&
      call.at("initial_state").contains("tuple") &&
      call.at("initial_state").at("tuple").size() > call.at("cell").at("cells").size())
    return "ValueError";
  // TensorFlow's graphs cannot be differentiated twice, or not without steps; here they can.
  if (get(call, "gradient_of_sum_wrt_inputs", false)) return {};
  if (!has(test, "error")) return {};
  const Json& error = test.at("error");
  std::string name = error.at("type").get<std::string>();
  // Accidents of Python, and errors that come when the graph runs because the dtype of a buffer differs.
  if (name == "IndexError" || name == "KeyError") return "ValueError";
  if (name == "InvalidArgumentError" && get<std::string>(error, "raised", "") == "when the graph is run" &&
      has(call, "cell"))
    return "TypeError";
  return name;
}

Nest read_argument(const Json& call, const char* key) { return has(call, key) ? read_nest(call.at(key)) : Nest(); }

void call_dynamic_rnn(const Json& call) {
  std::shared_ptr<RNNCell> cell = make_cell(call.at("cell"));
  Nest inputs = read_argument(call, "inputs");
  DynamicRnnOptions options{.initial_state = read_argument(call, "initial_state"),
                            .parallel_iterations = get(call, "parallel_iterations", 32),
                            .time_major = get(call, "time_major", false)};
  if (has(call, "dtype")) options.dtype = dtype_from_name(call.at("dtype").get<std::string>());
  if (has(call, "sequence_length")) options.sequence_length = read_tensor(call.at("sequence_length"));
  if (!get(call, "gradient_of_sum_wrt_inputs", false)) {
    dynamic_rnn(*cell, inputs, options);
    return;
  }
  GradientTape outer;
  outer.watch(inputs);
  GradientTape tape;
  tape.watch(inputs);
  Nest first = tape.gradient(dynamic_rnn(*cell, inputs, options).outputs, inputs);
  if (get(call, "second_order", false)) outer.gradient(reduce_sum(first), inputs);
}

// Arguments that all functions over sequences have.
template <class Options>
Options read_options(const Json& call) {
  Options options;
  if (has(call, "dtype")) options.dtype = dtype_from_name(call.at("dtype").get<std::string>());
  if (has(call, "sequence_length")) options.sequence_length = read_tensor(call.at("sequence_length"));
  return options;
}

std::vector<Nest> read_steps(const Json& call) {
  Nest list = read_argument(call, "inputs");
  std::vector<Nest> steps;
  for (std::size_t k = 0; k < list.size(); ++k) steps.push_back(list[k]);
  return steps;
}

void call_bidirectional(const Json& call) {
  bidirectional_dynamic_rnn(*make_cell(call.at("cell_fw")), *make_cell(call.at("cell_bw")),
                            read_argument(call, "inputs"), read_options<BidirectionalDynamicRnnOptions>(call));
}

void call_static(const Json& call) {
  static_rnn(*make_cell(call.at("cell")), read_steps(call), read_options<StaticRnnOptions>(call));
}

void call_static_bidirectional(const Json& call) {
  static_bidirectional_rnn(*make_cell(call.at("cell_fw")), *make_cell(call.at("cell_bw")), read_steps(call),
                           read_options<StaticBidirectionalRnnOptions>(call));
}

void call_cell(const Json& call) {
  (*make_cell(call.at("cell")))(read_argument(call, "inputs"), read_argument(call, "initial_state"));
}

void call_get_initial_state(const Json& call) {
  const Json& arguments = call.at("arguments");
  RNNCell::InitialStateOptions options;
  if (has(arguments, "inputs")) options.inputs = zeros({2, 3});  // "zeros [2,3] float32"
  if (has(arguments, "batch_size")) options.batch_size = arguments.at("batch_size").get<Index>();
  if (has(arguments, "dtype")) options.dtype = dtype_from_name(arguments.at("dtype").get<std::string>());
  make_cell({{"class", "BasicRNNCell"}, {"num_units", 3}})->get_initial_state(options);
}

// Calls one after another with the variables of one model.
void call_several(const Json& call, const Json& test, Differences& differences) {
  VariableStore store;
  std::map<std::string, std::shared_ptr<RNNCell>> cells;
  for (const Json& one : call.at("calls")) {
    std::shared_ptr<RNNCell>& cell = cells[one.at("cell_object").get<std::string>()];
    if (!cell) cell = make_cell(one.at("cell"));
    Reuse reuse = Reuse::no;
    if (has(one, "reuse")) reuse = one.at("reuse").is_string() ? Reuse::automatic : Reuse::yes;
    VariableScope scope("", reuse);
    Nest inputs = read_argument(one, "inputs");
    DynamicRnnOptions options{.dtype = inputs.flatten().at(0).dtype()};
    options.scope = get(one, "scope", options.scope);
    dynamic_rnn(*cell, inputs, options);
  }
  std::vector<std::string> names;
  for (const Variable& v : store.variables()) names.push_back(v.name());
  if (has(test, "variable_names") && names != test.at("variable_names").get<std::vector<std::string>>())
    differences.add("the variables are " + Json(names).dump());
}

// [0, 4], or "zeros int32 [2,4]"; float32 if it says no dtype.
Tensor short_tensor(const Json& json) {
  if (json.is_array()) {
    auto values = json.get<std::vector<std::int32_t>>();
    return Tensor({static_cast<Index>(values.size())}, values);
  }
  std::istringstream text(json.get<std::string>());
  std::string zeros_word, dtype = "float32";
  text >> zeros_word >> std::ws;
  if (text.peek() != '[') text >> dtype >> std::ws;
  std::string dims;
  std::getline(text, dims);
  auto shape = Json::parse(dims).get<std::vector<Index>>();
  return zeros(Shape(std::span<const Index>(shape)), dtype_from_name(dtype));
}

using MakeCall = std::function<void(const Json& call, const Json& test, Differences& differences)>;

struct RegisterCall {
  RegisterCall(const std::string& function, const std::function<void(const Json& call)>& make_call)
      : RegisterCall(function, [make_call](const Json& call, const Json&, Differences&) { make_call(call); }) {}
  RegisterCall(const std::string& function, const MakeCall& make_call) {
    RegisterRunner("error of " + function, [make_call](const Json& test, Differences& differences) {
      const Json& call = test.at("call");
      if (has_unknown_shape(call) || cannot_be_written(call)) return;
      std::string want = expected_class(test), got = class_of_error([&] { make_call(call, test, differences); });
      if (got != want)
        differences.add("it " + (got.empty() ? "is accepted" : "throws " + got) + ", expected " +
                        (want.empty() ? "that it is accepted" : want));
    });
  }
};

const RegisterCall calls[] = {
    {"dynamic_rnn", call_dynamic_rnn},
    {"bidirectional_dynamic_rnn", call_bidirectional},
    {"static_rnn", call_static},
    {"static_bidirectional_rnn", call_static_bidirectional},
    {"raw_rnn", [](const Json&) { throw Skip("no loop function of the kind in the case"); }},
    {"several dynamic_rnn calls in one graph", MakeCall(call_several)},
    {"LSTMStateTuple.dtype", [](const Json&) { throw Skip("a state has no dtype"); }},
    {"clip_by_global_norm", [](const Json&) { throw Skip("no list of the kind in the case"); }},
    {"construct", [](const Json& call) { make_cell(call.at("cell")); }},
    {"cell", call_cell},
    {"cell.get_initial_state", call_get_initial_state},
    {"tf.nn.sparse_softmax_cross_entropy_with_logits",
     [](const Json& c) {
       sparse_softmax_cross_entropy_with_logits(short_tensor(c.at("labels")), short_tensor(c.at("logits")));
     }},
    {"tf.nn.softmax_cross_entropy_with_logits",
     [](const Json& c) {
       softmax_cross_entropy_with_logits(short_tensor(c.at("labels")), short_tensor(c.at("logits")));
     }},
    {"tf.nn.sigmoid_cross_entropy_with_logits",
     [](const Json& c) {
       sigmoid_cross_entropy_with_logits(short_tensor(c.at("labels")), short_tensor(c.at("logits")));
     }},
    {"tf.compat.v1.train.piecewise_constant",
     [](const Json& c) {
       piecewise_constant(c.at("boundaries").get<std::vector<std::int64_t>>(),
                          c.at("values").get<std::vector<double>>());
     }},
    {"tf.compat.v1.train.GradientDescentOptimizer.apply_gradients",
     [](const Json& c) {
       GradientsAndVariables list;
       for (const Json& pair : c.at("grads_and_vars")) {
         if (!pair[0].is_null()) throw Skip("no gradient of the kind in the case");
         list.emplace_back(Tensor(), Variable(Tensor{1.f}, pair[1].get<std::string>()));
       }
       GradientDescent({.learning_rate = 0.1}).apply_gradients(list);
     }},
};

}  // namespace
}  // namespace parity
