#include "unroll/autograd/variable.hpp"

#include <cstring>
#include <mutex>
#include <unordered_map>

#include "unroll/autograd/log.hpp"

namespace unroll {

struct Variable::Registry {
  std::mutex mutex;
  std::unordered_map<std::uint32_t, std::weak_ptr<State>> live;  // by id

  // Never destroyed: static variables may die later than any static object of this file would.
  static Registry& get() {
    static Registry* registry = new Registry;
    return *registry;
  }
};

Variable::State::~State() {
  Registry& registry = Registry::get();
  std::lock_guard lock(registry.mutex);
  registry.live.erase(value.impl().leaf >> 1);
}

Variable::Variable(const Tensor& initial_value, std::string name, bool trainable)
    : state_(std::make_shared<State>(std::move(name), initial_value.clone())) {
  state_->value.impl().leaf = detail::new_leaf(trainable && is_floating(initial_value.dtype()));
  Registry& registry = Registry::get();
  std::lock_guard lock(registry.mutex);
  registry.live.emplace(id(), state_);
}

Variable Variable::with_id(std::uint32_t id) {
  Registry& registry = Registry::get();
  std::lock_guard lock(registry.mutex);
  Variable found;
  if (auto entry = registry.live.find(id); entry != registry.live.end()) found.state_ = entry->second.lock();
  return found;
}

void Variable::null_error() { raise<ValueError>("Variable", "expected a variable, got None (a null Variable)"); }

void Variable::make_unique() const {
  Tensor& value = state().value;
  if (value.is_unique()) return;
  Tensor copy = value.clone();
  copy.impl().leaf = value.impl().leaf.load();
  value = std::move(copy);
}

void Variable::assign(const Tensor& value) const {
  if (value.shape() != shape())
    raise<ValueError>("Variable " + name(), "assigned shape ", value.shape(), ", expected ", shape());
  if (value.dtype() != dtype())
    raise<TypeError>("Variable " + name(), "assigned dtype ", value.dtype(), ", expected ", dtype());
  Tensor source = value;  // may be a view of what is about to change
  make_unique();
  if (size()) std::memcpy(state().value.mutable_raw(), source.raw(), source.bytes());
}

bool Variable::trainable() const { return detail::leaf_is_trainable(value().impl().leaf); }

void Variable::set_trainable(bool trainable) const {
  auto& leaf = value().impl().leaf;
  leaf = (leaf & ~1u) | (trainable ? 1u : 0u);
}

std::uint32_t Variable::id() const { return value().impl().leaf >> 1; }

}  // namespace unroll
