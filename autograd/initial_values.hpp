#pragma once
// Where variables get their first values from, other than an initialiser: a file.
#include <functional>
#include <string>

#include "unroll/core/tensor.hpp"

namespace unroll {

/// While it lives, variables that modules of this thread create ask `source` for their values, by full name, instead of
/// their initialisers (the custom_getter of tf.compat.v1.variable_scope). No random number is drawn. `source` returns a
/// tensor of the spec that it is asked for, or throws; then the module stays unbuilt.
class InitialValues {
 public:
  using Source = std::function<Tensor(const std::string& name, const TensorSpec& spec)>;

  explicit InitialValues(Source source);
  ~InitialValues();
  InitialValues(const InitialValues&) = delete;
  InitialValues& operator=(const InitialValues&) = delete;

  /// The source of the innermost one that lives, or null.
  static const Source* current();

 private:
  Source source_;
  const Source* outer_;
};

}  // namespace unroll
