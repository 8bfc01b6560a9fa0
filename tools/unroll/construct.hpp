#pragma once
// Modules from what a file says of them.
#include <memory>

#include "unroll/io/model_record.hpp"

namespace unroll::program {

/// A module of the record's class, name and options, not built. Throws ValueError for one that only a program can
/// construct.
std::shared_ptr<Module> construct(const ModuleRecord& record);

}  // namespace unroll::program
