#pragma once
// Models as JSON: https://www.rfc-editor.org/rfc/rfc8259. docs/json.md is the format's reference.
#include <concepts>
#include <filesystem>
#include <vector>

#include "unroll/autograd/module.hpp"

namespace unroll {

/// Writes modules with all that is inside them: class, name, configuration, the inputs they were built for, and the
/// variables by TensorFlow's names with shape, dtype and values. Every value reads back to the same bits (of NaN, only
/// that it is one). The file is complete or not there: after a crash or an error `path` holds what it held before. A
/// symbolic link is followed; permissions of a file that is replaced are kept.
///
///     save_json("model.json", cell, head);
///
/// A variable that several modules share is written once. Throws ValueError for a module that is not built, or if
/// different variables have the same name; IOError if the file cannot be written.
void save_json(const std::filesystem::path& path, const std::vector<Module*>& modules);
template <std::derived_from<Module>... Modules>
requires(sizeof...(Modules) > 0) void save_json(const std::filesystem::path& path, Modules&... modules) {
  save_json(path, std::vector<Module*>{&modules...});
}

/// Gives modules the state that was saved. They must be constructed as those saved were: as many, in the same order, of
/// the same classes, names and configurations. Those that are not built are built as the saved ones were, under the
/// same scopes and so with the same variable names; variables get the saved values and the saved `trainable`. Those
/// that are built must have the same scopes and variables, frozen or not as the saved ones.
///
///     LSTMCell cell(128);
///     Dense head(1);
///     load_json("model.json", cell, head);
///
/// Everything is checked before anything changes: after an error the modules are as they were. The message names the
/// file and the place in it: "load_json: model.json: modules[1].variables[0].shape is [65, 128], expected [64, 128]".
/// Throws IOError if the file cannot be read, DataLossError if it is not JSON, truncated or not of the format,
/// ValueError if it does not fit to the modules, TypeError if a dtype does not.
void load_json(const std::filesystem::path& path, const std::vector<Module*>& modules);
template <std::derived_from<Module>... Modules>
requires(sizeof...(Modules) > 0) void load_json(const std::filesystem::path& path, Modules&... modules) {
  load_json(path, std::vector<Module*>{&modules...});
}

}  // namespace unroll
