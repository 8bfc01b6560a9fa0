#include "unroll/autograd/module.hpp"

#include <algorithm>
#include <iomanip>
#include <sstream>

#include "unroll/autograd/initial_values.hpp"
#include "unroll/autograd/variable_store.hpp"

namespace unroll {
namespace {

void collect(Module& module, const std::vector<Variable>& own, std::vector<Variable>& all) {
  for (const Variable& v : own)
    if (std::find(all.begin(), all.end(), v) == all.end()) all.push_back(v);
  for (Module* child : module.submodules())
    for (const Variable& v : child->variables())
      if (std::find(all.begin(), all.end(), v) == all.end()) all.push_back(v);
}

}  // namespace

Module::Module(std::string name, std::optional<DType> dtype)
    : name_(std::move(name)), dtype_(dtype), dtype_given_(dtype.has_value()) {}

std::string Module::default_name() const { return to_snake_case(class_name()); }

void Module::build(const SpecNest& inputs) {
  if (built_) return;
  VariableScope scope(name());
  scope_ = VariableScope::current();
  built_for_ = inputs;
  if (!dtype_given_)
    inputs.for_each([&](const TensorSpec& spec) {
      if (!dtype_ && is_floating(spec.dtype)) dtype_ = spec.dtype;
    });
  VariableStore* store = VariableStore::current();
  std::size_t before = store ? store->created() : 0;
  try {
    create(inputs);
  } catch (...) {
    if (store) store->forget(own_, before);
    unbuild();
    throw;
  }
  built_ = true;
}

void Module::unbuild() {
  own_.clear();
  scope_.clear();
  built_for_ = {};
  if (!dtype_given_) dtype_.reset();
  built_ = false;
}

Variable Module::add_variable(const std::string& name, const Shape& shape, const Initializer& initializer,
                              bool trainable) {
  std::string full = VariableScope::current().empty() ? name : VariableScope::current() + "/" + name;
  for (const Variable& v : own_)
    if (v.name() == full) raise<ValueError>(class_name(), "there is a variable \"", full, "\" already");
  VariableStore* store = VariableStore::current();
  if (store)
    if (Variable shared = store->shared(class_name(), full, {shape, dtype()}); shared.defined())
      return own_.emplace_back(shared);
  const InitialValues::Source* source = InitialValues::current();
  Tensor values = source        ? (*source)(full, {shape, dtype()})
                  : initializer ? initializer(shape, dtype())
                                : glorot_uniform_initializer()(shape, dtype());
  Variable variable = own_.emplace_back(values, full, trainable);
  if (store) store->add(variable);
  return variable;
}

std::vector<Variable> Module::variables() const {
  std::vector<Variable> all;
  collect(const_cast<Module&>(*this), own_, all);
  return all;
}

std::vector<Variable> Module::trainable_variables() const {
  std::vector<Variable> all = variables();
  std::erase_if(all, [](const Variable& v) { return !v.trainable(); });
  return all;
}

void Module::set_trainable(bool trainable) {
  for (const Variable& v : variables()) v.set_trainable(trainable);
}

Index Module::parameter_count() const {
  Index count = 0;
  for (const Variable& v : variables()) count += v.size();
  return count;
}

std::string Module::export_names() const {
  std::ostringstream out;
  for (const Variable& v : variables()) out << v.name() << '\t' << v.shape() << '\t' << v.dtype() << '\n';
  return out.str();
}

std::string Module::summary() const {
  std::ostringstream out;
  std::vector<Variable> all = variables();
  std::size_t width = 8;
  for (const Variable& v : all) width = std::max(width, v.name().size());
  auto row = [&](const std::string& name, const std::string& shape, const std::string& dtype,
                 const std::string& count) {
    out << std::left << std::setw(static_cast<int>(width) + 2) << name << std::setw(16) << shape << std::setw(9)
        << dtype << std::right << std::setw(12) << count << '\n';
  };
  out << class_name() << '\n';
  row("variable", "shape", "dtype", "parameters");
  Index frozen = 0;
  for (const Variable& v : all) {
    row(v.name(), to_string(v.shape()), std::string(unroll::name(v.dtype())), std::to_string(v.size()));
    if (!v.trainable()) frozen += v.size();
  }
  row("total", "", "", std::to_string(parameter_count()));
  if (frozen) row("frozen", "", "", std::to_string(frozen));
  return out.str();
}

}  // namespace unroll
