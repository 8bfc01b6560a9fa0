#include "unroll/cells/dropout_wrapper.hpp"

#include "unroll/autograd/ops/dropout.hpp"

namespace unroll {
namespace {

constexpr std::string_view who = "DropoutWrapper";
// Slots of random masks: leaf k of the inputs, the state, the outputs.
constexpr std::uint64_t input_slots = 0, state_slots = 1 << 10, output_slots = 1 << 11;

void check_probability(std::string_view name, double keep) {
  if (!(keep >= 0 && keep <= 1)) raise<ValueError>(who, name, " must be between 0 and 1, it is ", keep);
}

NestOf<bool> all_but_memory(const Nest& substate) {
  if (substate.type_name() == "LSTMStateTuple")
    return NestOf<bool>::named_tuple("LSTMStateTuple", {{"c", false}, {"h", true}});
  return true;
}

}  // namespace

DropoutWrapper::DropoutWrapper(std::shared_ptr<RNNCell> cell, DropoutWrapperOptions options)
    : CellWrapper(who, std::move(cell)), options_(std::move(options)), random_(options_.seed) {
  check_probability("input_keep_prob", options_.input_keep_prob);
  check_probability("output_keep_prob", options_.output_keep_prob);
  check_probability("state_keep_prob", options_.state_keep_prob);
  if (options_.variational_recurrent) {
    if (!options_.dtype) raise<ValueError>(who, "with variational_recurrent a dtype must be given");
    if (options_.input_keep_prob < 1 && !options_.input_size)
      raise<ValueError>(who, "with variational_recurrent and input_keep_prob below 1 an input_size must be given");
  }
  if (!options_.dropout_state_filter_visitor) options_.dropout_state_filter_visitor = all_but_memory;
}

Config DropoutWrapper::config() const {
  return {{"input_keep_prob", options_.input_keep_prob},
          {"output_keep_prob", options_.output_keep_prob},
          {"state_keep_prob", options_.state_keep_prob},
          {"variational_recurrent", options_.variational_recurrent}};
}

void DropoutWrapper::begin_sequence() {
  random_.begin_run();
  CellWrapper::begin_sequence();
}

Tensor DropoutWrapper::drop(const Tensor& x, double keep, std::uint64_t slot) {
  bool variational = options_.variational_recurrent;
  if (variational && x.dtype() != *options_.dtype)
    raise<TypeError>(who, "a tensor to drop from is ", x.dtype(), ", the dtype given is ", *options_.dtype);
  RandomStream stream = variational ? random_.draw_once_in_a_run(slot) : random_.draw(slot);
  DropoutOptions mask{.seed = stream.seed, .stream = stream.stream};
  if (variational) mask.noise_shape = x.shape().with(0, 1);
  return dropout(x, 1 - keep, mask);
}

Nest DropoutWrapper::drop_leaves(const Nest& nest, double keep, std::uint64_t first_slot) {
  return nest.map([&](const Tensor& x) { return drop(x, keep, first_slot++); });
}

Nest DropoutWrapper::drop_state(const Nest& state, const Nest& whole, std::uint64_t& slot) {
  NestOf<bool> answer = options_.dropout_state_filter_visitor(state);
  if (!answer.is_leaf() && (state.is_leaf() || answer.size() != state.size()))
    raise<ValueError>(who, "dropout_state_filter_visitor answers ", answer.structure(), " for a state of structure ",
                      state.structure(), " within ", whole.structure());
  if (state.is_leaf()) return answer.leaf() ? Nest(drop(state.leaf(), options_.state_keep_prob, slot++)) : state;
  if (answer.is_leaf() && !answer.leaf()) {
    ++slot;
    return state;
  }
  CachedVector<Nest> members;
  for (std::size_t k = 0; k < state.size(); ++k) {
    bool go_on = answer.is_leaf() || answer[k].leaf();
    if (!go_on) ++slot;
    members.push_back(go_on ? drop_state(state[k], whole, slot) : state[k]);
  }
  return Nest::like(state, std::move(members));
}

StepResult DropoutWrapper::call(const Nest& inputs, const Nest& state) {
  if (!training_) return (*wrapped_cell())(inputs, state);
  if (options_.variational_recurrent && options_.input_size) {
    SizeNest sizes = inputs.map([](const Tensor& x) { return x.shape().slice(1); });
    if (sizes.leaves() != options_.input_size->leaves())
      raise<ValueError>(who, "inputs have the sizes ", sizes, ", input_size is ", *options_.input_size);
  }
  bool drops_input = options_.input_keep_prob < 1;
  StepResult step =
      (*wrapped_cell())(drops_input ? drop_leaves(inputs, options_.input_keep_prob, input_slots) : inputs, state);
  std::uint64_t slot = state_slots;
  if (options_.state_keep_prob < 1) step.state = drop_state(step.state, step.state, slot);
  if (options_.output_keep_prob < 1) step.output = drop_leaves(step.output, options_.output_keep_prob, output_slots);
  return step;
}

}  // namespace unroll
