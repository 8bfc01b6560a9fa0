// What nearly every test includes, compiled once for each binary (meson's cpp_pch). The tests include it themselves,
// too.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "unroll/autograd/module.hpp"
#include "unroll/autograd/tape.hpp"
#include "unroll/core/creation.hpp"
