// What nearly every source of the library includes, compiled once (meson's cpp_pch). The sources include it themselves,
// too.
#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "unroll/autograd/module.hpp"
#include "unroll/core/creation.hpp"
