#include "chain.hpp"

#include "unroll/cells/dense.hpp"
#include "unroll/cells/prelu.hpp"

namespace unroll::program {

Chain::Chain(std::vector<std::shared_ptr<Module>> modules) : modules_(std::move(modules)) {
  for (const auto& module : modules_) {
    if (const auto* cell = dynamic_cast<const RNNCell*>(module.get()))
      outputs_ = cell->output_size().leaf()[0];
    else if (dynamic_cast<const Dense*>(module.get()))
      outputs_ = module->own_variables().at(0).shape()[1];
    else if (dynamic_cast<const PReLU*>(module.get()))
      outputs_ = module->own_variables().at(0).shape()[0];
    else
      raise<ValueError>("run", module->class_name(), " \"", module->name(), "\" is no cell, Dense or PReLU");
  }
  build(TensorSpec{{1, modules_[0]->built_for().leaf().shape[1]}, modules_[0]->variables().at(0).dtype()});
}

SizeNest Chain::state_size() const {
  std::vector<SizeNest> sizes;
  for (const auto& module : modules_)
    if (const auto* cell = dynamic_cast<const RNNCell*>(module.get())) sizes.push_back(cell->state_size());
  return SizeNest::tuple(std::move(sizes));
}

std::vector<Module*> Chain::submodules() {
  std::vector<Module*> modules;
  for (const auto& module : modules_) modules.push_back(module.get());
  return modules;
}

StepResult Chain::call(const Nest& inputs, const Nest& state) {
  Nest x = inputs;
  std::vector<Nest> states;
  for (const auto& module : modules_) {
    if (auto* cell = dynamic_cast<RNNCell*>(module.get())) {
      StepResult result = (*cell)(x, state[states.size()]);
      x = std::move(result.output);
      states.push_back(std::move(result.state));
    } else if (auto* dense = dynamic_cast<Dense*>(module.get())) {
      x = (*dense)(x.leaf());
    } else {
      x = static_cast<PReLU&>(*module)(x.leaf());
    }
  }
  return {x, Nest::tuple(std::move(states))};
}

}  // namespace unroll::program
