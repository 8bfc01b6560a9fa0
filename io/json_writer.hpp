#pragma once
// Modules as JSON text; docs/json.md is the format's reference.
#include <functional>

#include "unroll/io/model_record.hpp"

namespace unroll {

/// Passes the text to `sink` piece by piece, so that it is never in memory as a whole. Throws ValueError in the name of
/// `who` for names that are not UTF-8.
void write_json(std::string_view who, const std::vector<ModuleRecord>& modules,
                const std::function<void(std::string_view)>& sink);

}  // namespace unroll
