#include "golden.hpp"

#include <cmath>
#include <sstream>

#include "support/golden.hpp"
#include "unroll/core/creation.hpp"

namespace parity {
namespace {

using namespace unroll;

std::string place(Index flat, const Shape& shape) {
  std::ostringstream out;
  for (int axis = 0; axis < shape.rank(); ++axis) {
    Index below = shape.slice(axis + 1).size();
    out << (axis ? ", " : "") << flat / below % shape[axis];
  }
  return "[" + out.str() + "]";
}

}  // namespace

bool has(const Json& json, const char* key) { return json.contains(key) && !json.at(key).is_null(); }

Tensor read_tensor(const Json& json) { return golden_tensor(json); }

Nest read_nest(const Json& json) {
  if (json.is_null()) return Tensor();
  if (json.contains("shape")) return read_tensor(json);
  for (const char* sequence : {"tuple", "list"})
    if (json.contains(sequence)) {
      std::vector<Nest> items;
      for (const Json& item : json.at(sequence)) items.push_back(read_nest(item));
      return Nest::tuple(std::move(items));
    }
  bool dict = json.contains("dict");
  std::vector<Nest::Field> fields;
  for (const auto& [key, value] : json.at(dict ? "dict" : "fields").items()) fields.emplace_back(key, read_nest(value));
  if (dict) return Nest::dict(std::move(fields));
  return Nest::named_tuple(json.at("namedtuple").get<std::string>(), std::move(fields));
}

Tolerance read_tolerance(const Json& json) {
  Tolerance tolerance;
  if (has(json, "tolerance")) {
    tolerance.rtol = get(json.at("tolerance"), "rtol", tolerance.rtol);
    tolerance.atol = get(json.at("tolerance"), "atol", tolerance.atol);
  }
  return tolerance;
}

void Differences::compare(const std::string& what, const Tensor& got, const Tensor& want, bool any_dtype) {
  std::ostringstream line;
  line.precision(17);
  line << what << ": ";
  if (!got) {
    line << "there is none";
  } else if (got.shape() != want.shape()) {
    line << "its shape is " << got.shape() << ", expected " << want.shape();
  } else if (got.dtype() != want.dtype() && !any_dtype) {
    line << "its dtype is " << got.dtype() << ", expected " << want.dtype();
  } else {
    Tensor a(got, float64), b(want, float64);
    double worst = 0;
    Index wrong = 0, at = -1;
    for (Index k = 0; k < a.size(); ++k) {
      double x = a.data<double>()[k], y = b.data<double>()[k];
      if (x == y || (std::isnan(x) && std::isnan(y))) continue;
      double off = std::abs(x - y) / (tolerance_.atol + tolerance_.rtol * std::abs(y));
      if (off <= 1) continue;
      ++wrong;
      if (at < 0 || !(off <= worst)) {
        worst = off;
        at = k;
      }
    }
    if (!wrong) return;
    line << wrong << " of " << a.size() << " elements differ, most at " << place(at, a.shape()) << ": "
         << a.data<double>()[at] << ", expected " << b.data<double>()[at] << " (" << worst << " times the tolerance)";
  }
  lines_.push_back(line.str());
}

void Differences::compare(const std::string& what, const Nest& got, const Nest& want) {
  if (!got.same_structure(want)) {
    lines_.push_back(what + ": its structure is " + got.structure() + ", expected " + want.structure());
    return;
  }
  std::vector<Tensor> a = got.flatten(), b = want.flatten();
  std::vector<std::string> paths = want.paths();
  for (std::size_t k = 0; k < a.size(); ++k) {
    if (b[k])
      compare(what + paths[k], a[k], b[k]);
    else if (a[k] && !array_equal(a[k], zeros_like(a[k])))
      add(what + paths[k] + ": there is one, expected none");
  }
}

}  // namespace parity
