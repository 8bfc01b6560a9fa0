#include "unroll/optim/optimizer.hpp"

#include <algorithm>
#include <cmath>

#include "unroll/core/creation.hpp"

namespace unroll {

Optimizer::Optimizer(std::string name, LearningRate learning_rate, std::vector<SlotSpec> slots)
    : name_(std::move(name)), learning_rate_(std::move(learning_rate)), slot_specs_(std::move(slots)) {
  check_learning_rate();
}

void Optimizer::require(bool valid, std::string_view what, double value, std::string_view expected) const {
  if (!valid) raise<ValueError>(name_, what, " is ", value, ", expected ", expected);
}

void Optimizer::require_not_negative(std::string_view what, double value) const {
  require(value >= 0 && std::isfinite(value), what, value, "a finite number that is not negative");
}

void Optimizer::require_below_one(std::string_view what, double value) const {
  require(value >= 0 && static_cast<float>(value) < 1, what, value, "a number in [0, 1)");
}

void Optimizer::check_learning_rate() const { require_not_negative("learning_rate", learning_rate()); }

void Optimizer::set_learning_rate(LearningRate learning_rate) {
  std::swap(learning_rate_, learning_rate);
  try {
    check_learning_rate();
  } catch (...) {
    std::swap(learning_rate_, learning_rate);
    throw;
  }
}

void Optimizer::set_weight_decay(WeightDecay weight_decay) {
  require_not_negative("weight_decay", weight_decay.rate);
  weight_decay_ = std::move(weight_decay);
}

void Optimizer::set_iterations(std::int64_t iterations) {
  if (iterations < 0)
    raise<ValueError>(name_, "iterations is ", iterations, ", expected a number that is not negative");
  iterations_ = iterations;
}

void Optimizer::minimize(GradientTape& tape, const Tensor& loss) { minimize(tape, loss, tape.watched_variables()); }

void Optimizer::minimize(GradientTape& tape, const Tensor& loss, const std::vector<Variable>& variables) {
  apply_gradients(compute_gradients(tape, loss, variables));
}

GradientsAndVariables Optimizer::compute_gradients(GradientTape& tape, const Tensor& loss) {
  return compute_gradients(tape, loss, tape.watched_variables());
}

GradientsAndVariables Optimizer::compute_gradients(GradientTape& tape, const Tensor& loss,
                                                   const std::vector<Variable>& variables) {
  if (variables.empty()) raise<ValueError>(name_, "there are no variables to optimize");
  std::vector<Tensor> gradients = tape.gradient(loss, variables);
  GradientsAndVariables result;
  for (std::size_t k = 0; k < variables.size(); ++k) result.emplace_back(std::move(gradients[k]), variables[k]);
  return result;
}

void Optimizer::apply_gradients(const GradientsAndVariables& gradients_and_variables) {
  pending_.clear();
  for (const auto& [gradient, variable] : gradients_and_variables) pending_.push_back({&gradient, &variable});
  step();
}

void Optimizer::apply_gradients(const std::vector<Tensor>& gradients, const std::vector<Variable>& variables) {
  if (gradients.size() != variables.size())
    raise<ValueError>(name_, gradients.size(), " gradients given for ", variables.size(), " variables");
  pending_.clear();
  for (std::size_t k = 0; k < variables.size(); ++k) pending_.push_back({&gradients[k], &variables[k]});
  step();
}

bool Optimizer::pending_are_finite() const {
  return std::all_of(pending_.begin(), pending_.end(), [this](const Pending& p) {
    return dispatch_floating(name_, p.gradient->dtype(), [&](auto zero) {
      using T = decltype(zero);
      int bad = 0;
      for (T g : p.gradient->values<T>()) bad |= !(std::abs(g) <= std::numeric_limits<T>::max());
      return bad == 0;
    });
  });
}

void Optimizer::decay_pending() {
  for (const Pending& p : pending_) {
    if (weight_decay_.filter && !weight_decay_.filter(p.variable->name())) continue;
    dispatch_floating(name_, p.variable->dtype(), [&](auto zero) {
      using T = decltype(zero);
      const T share = static_cast<T>(learning_rate() * weight_decay_.rate);
      for_each_element<T>(
          *p.gradient, [=](T, T& x) { x -= x * share; }, *p.variable);
    });
  }
}

void Optimizer::step() {
  check_pending();
  check_learning_rate();
  if (non_finite_ != NonFinite::apply && !pending_are_finite()) {
    if (non_finite_ == NonFinite::raise)
      raise<InvalidArgumentError>(name_, "a gradient of step ", iterations_ + 1, " holds infinities or NaN");
    ++skipped_steps_;
    return;
  }
  build_pending();
  if (weight_decay_.rate > 0) decay_pending();
  for (const auto& [gradient, variable] : pending_) update(*gradient, *variable, slots_.find(variable->id())->second);
  finish_step();
  ++iterations_;
}

void Optimizer::check_dtype(const Variable& variable) const {
  if (!is_floating(variable.dtype()))
    raise<TypeError>(name_, "the variable ", variable.name(), " is ", variable.dtype(),
                     ", expected float32 or float64");
}

// Leaves those in pending_ that are to change.
void Optimizer::check_pending() {
  if (pending_.empty()) raise<ValueError>(name_, "no variables provided");
  for (const auto& [gradient, variable] : pending_) {
    if (!gradient->defined()) continue;
    check_dtype(*variable);
    if (gradient->shape() != variable->shape())
      raise<ValueError>(name_, "the gradient of ", variable->name(), " has shape ", gradient->shape(), ", expected ",
                        variable->shape());
    if (gradient->dtype() != variable->dtype())
      raise<TypeError>(name_, "the gradient of ", variable->name(), " is ", gradient->dtype(), ", expected ",
                       variable->dtype());
  }
  auto idle = [](const Pending& p) { return !p.gradient->defined() || !p.variable->trainable(); };
  if (std::all_of(pending_.begin(), pending_.end(), idle)) {
    std::string names;
    for (const Pending& p : pending_) names += (names.empty() ? "\"" : ", \"") + p.variable->name() + '"';
    raise<ValueError>(name_, "no gradients provided for any trainable variable: [", names, "]");
  }
  std::erase_if(pending_, idle);

  ids_.clear();
  for (const Pending& p : pending_) ids_.push_back(p.variable->id());
  std::sort(ids_.begin(), ids_.end());
  if (auto twice = std::adjacent_find(ids_.begin(), ids_.end()); twice != ids_.end())
    raise<ValueError>(name_, "the variable ", Variable::with_id(*twice).name(), " is listed twice");
}

void Optimizer::create_state(DType) {}

Variable Optimizer::add_state(const std::string& state_name, double initial_value, DType dtype) {
  return state_.emplace_back(full({}, initial_value, dtype), state_name, false);
}

void Optimizer::build(const std::vector<Variable>& variables) {
  if (variables.empty()) raise<ValueError>(name_, "no variables provided");
  pending_.clear();
  for (const Variable& variable : variables) {
    check_dtype(variable);
    pending_.push_back({nullptr, &variable});
  }
  build_pending();
}

void Optimizer::build_pending() {
  if (!built_) {
    bool any_wide =
        std::any_of(pending_.begin(), pending_.end(), [](const Pending& p) { return p.variable->dtype() == float64; });
    create_state(any_wide ? float64 : float32);
    built_ = true;
  }
  auto is_new = [this](const Pending& p) { return !slots_.contains(p.variable->id()); };
  if (std::none_of(pending_.begin(), pending_.end(), is_new)) return;
  std::erase_if(slots_, [](const auto& entry) { return !Variable::with_id(entry.first).defined(); });
  for (const Pending& p : pending_) {
    if (!is_new(p)) continue;
    std::vector<Variable> made;
    std::string slot_name = p.variable->name() + "/" + name_;
    for (const SlotSpec& spec : slot_specs_)
      made.emplace_back(full(p.variable->shape(), spec.initial_value, p.variable->dtype()),
                        made.empty() ? slot_name : slot_name + "_" + std::to_string(made.size()), false);
    slots_.emplace(p.variable->id(), std::move(made));
  }
}

Variable Optimizer::slot(const Variable& variable, const std::string& slot_name) const {
  for (std::size_t k = 0; k < slot_specs_.size(); ++k)
    if (slot_specs_[k].name == slot_name) {
      auto found = slots_.find(variable.id());
      return found == slots_.end() ? Variable() : found->second[k];
    }
  raise<LookupError>(name_, "there is no slot \"", slot_name, "\"");
}

std::vector<std::string> Optimizer::slot_names() const {
  std::vector<std::string> names;
  for (const SlotSpec& spec : slot_specs_) names.push_back(spec.name);
  return names;
}

std::vector<Variable> Optimizer::variables() const {
  std::vector<Variable> all = state_;
  for (const auto& [id, slots] : slots_) all.insert(all.end(), slots.begin(), slots.end());
  std::sort(all.begin(), all.end(), [](const Variable& a, const Variable& b) {
    return a.name() != b.name() ? a.name() < b.name() : a.id() < b.id();
  });
  return all;
}

}  // namespace unroll
