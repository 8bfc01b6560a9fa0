#include "unroll/io/layer_access.hpp"

#include <algorithm>

#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/concat.hpp"
#include "unroll/autograd/ops/slice.hpp"
#include "unroll/core/creation.hpp"
#include "unroll/io/layer_checks.hpp"

namespace unroll {
namespace {

struct Known {
  std::string_view class_name;
  LayerKind kind;
};
constexpr Known known[] = {{"BasicLSTMCell", LayerKind::lstm},
                           {"BasicRNNCell", LayerKind::rnn},
                           {"CudnnCompatibleGRUCell", LayerKind::gru_reset_after},
                           {"Dense", LayerKind::dense},
                           {"GRUCell", LayerKind::gru},
                           {"LSTMCell", LayerKind::lstm},
                           {"PReLU", LayerKind::prelu}};

// TensorFlow's order of the gates, i, j, f, o, and ours, i, f, j, o: each is the other's inverse.
Tensor swap_lstm_gates(const Tensor& tensor) { return reorder_gates(tensor, {0, 2, 1, 3}); }

Tensor rows_from(const Tensor& tensor, Index first) { return slice_rows(tensor, first, tensor.shape(0)); }

Tensor columns(const Tensor& tensor, Index first, Index last) { return slice_axis(tensor, -1, first, last); }

}  // namespace

template <class... Parts>
void LayerAccess::fail(const Parts&... parts) const {
  raise<ValueError>(who_, label_, " ", parts...);
}

LayerAccess::LayerAccess(std::string_view who, Module& layer) : who_(who), layer_(layer), label_(module_label(layer)) {
  auto found = std::find_if(std::begin(known), std::end(known),
                            [&](const Known& k) { return k.class_name == layer.class_name(); });
  if (found == std::end(known)) fail("is no layer that the format knows");
  kind_ = found->kind;
  check_options();
}

ConfigValue LayerAccess::option(std::string_view key) const {
  for (const auto& [name, value] : layer_.config())
    if (name == key) return value;
  return {};
}

void LayerAccess::check_options() const {
  auto is_null = [](const ConfigValue& value) { return std::holds_alternative<std::monostate>(value); };
  if (!is_null(option("cell_clip"))) fail("has a cell_clip, which the format cannot hold");
  if (!is_null(option("num_proj")) && !is_null(option("proj_clip")))
    fail("has a proj_clip, which the format cannot hold");
  if (activation() == "custom") fail("has an activation of the program's own, which the format cannot hold");
}

std::string LayerAccess::activation() const {
  ConfigValue value = option("activation");
  const auto* text = std::get_if<std::string>(&value);
  return text && !text->empty() ? *text : "linear";
}

double LayerAccess::forget_bias() const {
  ConfigValue value = option("forget_bias");
  const auto* number = std::get_if<double>(&value);
  return number ? *number : 0;
}

Variable LayerAccess::variable(const std::string& suffix, bool optional) const {
  if (!layer_.built()) fail("has no variables yet: call it once or build() it first");
  for (const Variable& v : layer_.own_variables())
    if (v.name() == layer_.scope() + "/" + suffix) return v;
  if (!optional) fail("has no variable \"", suffix, "\"");
  return {};
}

Tensor LayerAccess::own_forget_bias(const Tensor& bias) const {
  const Index units = bias.shape(0) / 4;
  auto none = [&](Index count) { return zeros({count}, bias.dtype()); };
  return concat({none(units), full({units}, forget_bias(), bias.dtype()), none(2 * units)}, 0);
}

LayerWeights LayerAccess::read(bool with_peepholes) const {
  const bool has_peepholes = option("use_peepholes") == ConfigValue(true);
  if (has_peepholes && !with_peepholes) fail("has use_peepholes, which the format cannot hold");
  LayerWeights w = describe();
  switch (kind_) {
    case LayerKind::prelu:
      w.slopes = variable("alpha");
      break;
    case LayerKind::dense:
      w.kernel = variable("kernel");
      if (Variable bias = variable("bias", true); bias.defined()) w.bias = bias;
      break;
    case LayerKind::rnn: {
      w.bias = variable("bias");
      const Tensor kernel = variable("kernel");
      const Index depth = kernel.shape(0) - kernel.shape(1);
      w.kernel = slice_rows(kernel, 0, depth);
      w.recurrent_kernel = rows_from(kernel, depth);
      break;
    }
    case LayerKind::lstm: {
      const Tensor kernel = swap_lstm_gates(variable("kernel")), bias = swap_lstm_gates(variable("bias"));
      w.bias = bias + own_forget_bias(bias);
      if (Variable projection = variable("projection/kernel", true); projection.defined()) w.projection = projection;
      if (has_peepholes) w.peepholes = concat({variable("w_i_diag"), variable("w_f_diag"), variable("w_o_diag")}, 0);
      const Index depth = kernel.shape(0) - (w.projection ? w.projection.shape(1) : kernel.shape(1) / 4);
      w.kernel = slice_rows(kernel, 0, depth);
      w.recurrent_kernel = rows_from(kernel, depth);
      break;
    }
    case LayerKind::gru: {
      const Tensor kernel = concat(variable("gates/kernel"), variable("candidate/kernel"), 1);
      const Index depth = kernel.shape(0) - kernel.shape(1) / 3;
      w.kernel = slice_rows(kernel, 0, depth);
      w.recurrent_kernel = rows_from(kernel, depth);
      w.bias = concat(variable("gates/bias"), variable("candidate/bias"), 0);
      break;
    }
    case LayerKind::gru_reset_after: {
      const Tensor gates = variable("gates/kernel"), gates_bias = variable("gates/bias");
      const Index depth = gates.shape(0) - gates.shape(1) / 2;
      w.kernel = concat(slice_rows(gates, 0, depth), variable("candidate/input_projection/kernel"), 1);
      w.recurrent_kernel = concat(rows_from(gates, depth), variable("candidate/hidden_projection/kernel"), 1);
      w.bias = concat(gates_bias, variable("candidate/input_projection/bias"), 0);
      w.recurrent_bias = concat(zeros_like(gates_bias), variable("candidate/hidden_projection/bias"), 0);
      break;
    }
  }
  return w;
}

void LayerAccess::check(const LayerWeights& w) const {
  if (w.kind != kind_) fail("cannot take the weights of a ", unroll::name(w.kind));
  if (w.activation != activation())
    fail("has the activation \"", activation(), "\", the weights are for \"", w.activation, "\"");
  if (kind_ == LayerKind::prelu) return;
  ConfigValue units = option(kind_ == LayerKind::dense ? "units" : "num_units");
  if (units != ConfigValue(w.units()))
    fail("has ", std::holds_alternative<Index>(units) ? std::get<Index>(units) : 0, " units, the weights are for ",
         w.units());
  ConfigValue projection = option("num_proj");
  const bool projects = std::holds_alternative<Index>(projection);
  if (projects != w.projection.defined())
    fail(projects ? "has a num_proj, the weights are for none" : "has no num_proj, the weights are for one");
  const bool has_peepholes = option("use_peepholes") == ConfigValue(true);
  if (has_peepholes != w.peepholes.defined())
    fail(has_peepholes ? "has use_peepholes, the weights are for none"
                       : "has no use_peepholes, the weights are for it");
}

void LayerAccess::collect(const LayerWeights& w, std::vector<std::pair<Variable, Tensor>>& assignments) const {
  auto add = [&](const std::string& suffix, const Tensor& values) {
    Variable v = variable(suffix);
    if (values.shape() != v.shape())
      fail("has a variable \"", suffix, "\" of shape ", v.shape(), ", the weights are for ", values.shape());
    assignments.emplace_back(v, Tensor(values, v.dtype()));
  };
  const Index depth = w.inputs(), units = w.units();
  switch (kind_) {
    case LayerKind::prelu:
      add("alpha", w.slopes);
      break;
    case LayerKind::dense:
      add("kernel", w.kernel);
      if (variable("bias", true).defined())
        add("bias", w.bias_or_zeros());
      else if (w.bias && !array_equal(w.bias, zeros_like(w.bias)))
        fail("has use_bias = false, the weights have a bias");
      break;
    case LayerKind::rnn:
      add("kernel", concat(w.kernel, w.recurrent_kernel, 0));
      add("bias", w.bias_or_zeros());
      break;
    case LayerKind::lstm:
      add("kernel", swap_lstm_gates(concat(w.kernel, w.recurrent_kernel, 0)));
      add("bias", swap_lstm_gates(w.bias_or_zeros() - own_forget_bias(w.bias_or_zeros())));
      if (w.projection) add("projection/kernel", w.projection);
      if (w.peepholes) {
        const std::vector<Tensor> gates = split(w.peepholes, 3, 0);
        add("w_i_diag", gates[0]);
        add("w_f_diag", gates[1]);
        add("w_o_diag", gates[2]);
      }
      break;
    case LayerKind::gru: {
      const Tensor kernel = concat(w.kernel, w.recurrent_kernel, 0), bias = w.bias_or_zeros();
      add("gates/kernel", columns(kernel, 0, 2 * units));
      add("candidate/kernel", columns(kernel, 2 * units, 3 * units));
      add("gates/bias", columns(bias, 0, 2 * units));
      add("candidate/bias", columns(bias, 2 * units, 3 * units));
      break;
    }
    case LayerKind::gru_reset_after: {
      const Tensor kernel = concat(w.kernel, w.recurrent_kernel, 0);
      const Tensor bias = w.bias_or_zeros(), recurrent_bias = w.recurrent_bias_or_zeros();
      add("gates/kernel", columns(kernel, 0, 2 * units));
      add("gates/bias", columns(bias + recurrent_bias, 0, 2 * units));
      add("candidate/input_projection/kernel", slice_rows(columns(kernel, 2 * units, 3 * units), 0, depth));
      add("candidate/hidden_projection/kernel", rows_from(columns(kernel, 2 * units, 3 * units), depth));
      add("candidate/input_projection/bias", columns(bias, 2 * units, 3 * units));
      add("candidate/hidden_projection/bias", columns(recurrent_bias, 2 * units, 3 * units));
      break;
    }
  }
}

}  // namespace unroll
