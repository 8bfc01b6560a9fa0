#include "unroll/cells/keras/cell.hpp"

#include "unroll/autograd/ops/concat.hpp"
#include "unroll/autograd/ops/dropout.hpp"
#include "unroll/autograd/ops/matmul.hpp"
#include "unroll/cells/check.hpp"

namespace unroll::keras {
namespace {

// Slots of random masks: gate k of the inputs, of the state.
constexpr Index input_slots = 0, state_slots = 8;

void check_rate(std::string_view who, std::string_view what, double rate) {
  if (!(rate >= 0 && rate < 1)) raise<ValueError>(who, what, " is ", rate, ", expected 0 <= ", what, " < 1");
}

}  // namespace

Cell::Cell(std::string_view who, Index units, CellOptions options)
    : RNNCell(options.name, options.dtype),
      units_(checked_units(who, "units", units)),
      options_(std::move(options)),
      random_(options_.seed) {
  check_rate(who, "dropout", options_.dropout);
  check_rate(who, "recurrent_dropout", options_.recurrent_dropout);
  if (options_.implementation != 1 && options_.implementation != 2)
    raise<ValueError>(who, "implementation is ", options_.implementation, ", expected 1 or 2");
  options_.activation = options_.activation.value_or("tanh");
  options_.recurrent_activation = options_.recurrent_activation.value_or("sigmoid");
  if (!options_.recurrent_initializer) options_.recurrent_initializer = orthogonal_initializer();
  if (!options_.bias_initializer) options_.bias_initializer = zeros_initializer();
}

Config Cell::config() const {
  return {{"units", units_},
          {"activation", options_.activation.name()},
          {"recurrent_activation", options_.recurrent_activation.name()},
          {"use_bias", options_.use_bias},
          {"dropout", options_.dropout},
          {"recurrent_dropout", options_.recurrent_dropout}};
}

std::string Cell::default_name() const { return to_snake_case(class_name().substr(class_name().find('.') + 1)); }

void Cell::create_kernels(const SpecNest& inputs, Index gates) {
  depth_ = input_depth(*this, inputs);
  gates_ = gates;
  kernel_ = add_variable("kernel", {depth_, gates * units_}, options_.kernel_initializer);
  recurrent_kernel_ = add_variable("recurrent_kernel", {units_, gates * units_}, options_.recurrent_initializer);
}

Tensor Cell::drop(const Tensor& x, double rate, Index slot) {
  RandomStream stream = random_.draw_once_in_a_run(static_cast<std::uint64_t>(slot));
  return dropout(x, rate, {.seed = stream.seed, .stream = stream.stream});
}

Tensor Cell::product(const Tensor& x, const Variable& kernel, double rate, Index first_slot) {
  if (!training_ || rate == 0) return matmul(x, kernel);
  if (options_.implementation == 2) return matmul(drop(x, rate, first_slot), kernel);
  std::vector<Tensor> kernels = split(kernel, gates_, 1), parts;
  for (Index gate = 0; gate < gates_; ++gate) parts.push_back(matmul(drop(x, rate, first_slot + gate), kernels[gate]));
  return concat(parts, 1);
}

Tensor Cell::input_product(const Tensor& x) { return product(x, kernel_, options_.dropout, input_slots); }

Tensor Cell::recurrent_product(const Tensor& h) {
  return product(h, recurrent_kernel_, options_.recurrent_dropout, state_slots);
}

Tensor Cell::dropped_state(const Tensor& h, Index gate) {
  if (!training_ || options_.recurrent_dropout == 0) return h;
  return drop(h, options_.recurrent_dropout, state_slots + (options_.implementation == 1 ? gate : 0));
}

}  // namespace unroll::keras
