#pragma once
// Tensors with names: what most files of weights hold.
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "unroll/autograd/module.hpp"

namespace unroll {

/// In the order of the file; no name occurs twice.
using NamedTensors = std::vector<std::pair<std::string, Tensor>>;

/// Throws ValueError in the name of `who` for a name that occurs twice.
void check_unique_names(std::string_view who, const NamedTensors& tensors);
/// Null if there is none of that name.
Tensor find_tensor(const NamedTensors& tensors, std::string_view name);

/// All variables of the modules under their full names. Throws ValueError for a module that is not built, or if
/// different variables have the same name.
NamedTensors named_variables(std::string_view who, const std::vector<Module*>& modules);
/// Gives all variables of the modules the values of that name. Throws ValueError for a module that is not built, for a
/// variable without a tensor, a tensor without a variable, or a shape that differs, TypeError for a dtype that differs;
/// then nothing has changed.
void assign_variables(std::string_view who, const std::vector<Module*>& modules, const NamedTensors& tensors);

}  // namespace unroll
