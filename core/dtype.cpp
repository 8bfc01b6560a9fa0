#include "unroll/core/dtype.hpp"

#include <array>
#include <ostream>

namespace unroll {
namespace {
constexpr std::array<std::string_view, 5> names{"bool", "int32", "int64", "float32", "float64"};
}

std::string_view name(DType dtype) { return names[static_cast<std::size_t>(dtype)]; }

DType dtype_from_name(std::string_view name) {
  for (std::size_t k = 0; k < names.size(); ++k)
    if (names[k] == name) return static_cast<DType>(k);
  raise<ValueError>("dtype_from_name", "there is no dtype \"", name, "\"");
}

std::ostream& operator<<(std::ostream& out, DType dtype) { return out << name(dtype); }

}  // namespace unroll
