#include "unroll/autograd/variable_store.hpp"

#include <algorithm>
#include <utility>

namespace unroll {
namespace {
thread_local VariableStore* innermost = nullptr;
}

VariableStore::VariableStore() : outer_(std::exchange(innermost, this)) {}

VariableStore::~VariableStore() { innermost = outer_; }

VariableStore* VariableStore::current() { return innermost; }

std::vector<Variable> VariableStore::variables() const {
  std::vector<Variable> all;
  for (std::uint32_t id : ids_)
    if (Variable v = Variable::with_id(id); v.defined()) all.push_back(v);
  return all;
}

Variable VariableStore::find(const std::string& name) const {
  for (const Variable& v : variables())
    if (v.name() == name) return v;
  return {};
}

void VariableStore::forget(const std::vector<Variable>& variables, std::size_t since) {
  for (const Variable& v : variables)
    ids_.erase(std::remove(ids_.begin() + static_cast<std::ptrdiff_t>(since), ids_.end(), v.id()), ids_.end());
}

Variable VariableStore::shared(const std::string& who, const std::string& name, const TensorSpec& spec) const {
  Reuse reuse = VariableScope::current_reuse();
  Variable found = find(name);
  if (!found.defined()) {
    if (reuse == Reuse::yes)
      raise<ValueError>(who, "there is no variable \"", name, "\" to reuse; Reuse::automatic would create it");
    return {};
  }
  if (reuse == Reuse::no)
    raise<ValueError>(who, "the variable \"", name,
                      "\" exists already; give the cell a name or a scope of its own, or share it by Reuse");
  if (found.value().spec() != spec)
    raise<ValueError>(who, "the variable \"", name, "\" is to be shared as ", spec, ", but it is ",
                      found.value().spec());
  return found;
}

}  // namespace unroll
