#pragma once
// Giving modules the state of records.
#include "unroll/io/model_record.hpp"

namespace unroll {

/// Builds the modules that are not built, under the records' scopes and for their inputs, and gives all variables the
/// recorded values; those of modules built here also whether they are trainable. Throws as `compare`; then nothing has
/// changed, and what was not built is not.
void restore(std::string_view who, const std::vector<Module*>& modules, const std::vector<ModuleRecord>& records);

}  // namespace unroll
