#pragma once
// Reading golden cases: tensors, nests, and the comparison with what unroll gave.
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "unroll/core/nest.hpp"

namespace parity {

using Json = nlohmann::ordered_json;
using unroll::Nest;
using unroll::Tensor;

/// {"shape", "dtype", "data"}.
Tensor read_tensor(const Json& json);
/// A tensor, null, or {"tuple"}, {"list"}, {"namedtuple", "fields"}, {"dict"}.
Nest read_nest(const Json& json);
/// Whether a key is there and not null.
bool has(const Json& json, const char* key);
/// The value of a key, or `otherwise` if it is absent or null.
template <class T>
T get(const Json& json, const char* key, T otherwise) {
  return has(json, key) ? json.at(key).get<T>() : otherwise;
}

/// How close is close enough: |got - want| <= atol + rtol * |want|.
struct Tolerance {
  double rtol = 1e-9, atol = 1e-11;
};
Tolerance read_tolerance(const Json& json);

/// What is wrong in one case.
class Differences {
 public:
  explicit Differences(Tolerance tolerance) : tolerance_(tolerance) {}

  /// Shapes, dtypes (unless `any_dtype`) and values; NaN equals NaN.
  void compare(const std::string& what, const Tensor& got, const Tensor& want, bool any_dtype = false);
  /// The same for all leaves, and the structures. A null wanted leaf asks for nothing, or zeros.
  void compare(const std::string& what, const Nest& got, const Nest& want);
  void add(std::string line) { lines_.push_back(std::move(line)); }
  const std::vector<std::string>& lines() const { return lines_; }

 private:
  Tolerance tolerance_;
  std::vector<std::string> lines_;
};

}  // namespace parity
