#pragma once
// Everything a program needs that builds and trains recurrent networks.
#include "unroll/autograd/ops/activation.hpp"          // IWYU pragma: export
#include "unroll/autograd/ops/activation_by_name.hpp"  // IWYU pragma: export
#include "unroll/autograd/ops/cast.hpp"                // IWYU pragma: export
#include "unroll/autograd/ops/comparison.hpp"          // IWYU pragma: export
#include "unroll/autograd/ops/concat.hpp"              // IWYU pragma: export
#include "unroll/autograd/ops/dropout.hpp"             // IWYU pragma: export
#include "unroll/autograd/ops/math.hpp"                // IWYU pragma: export
#include "unroll/autograd/ops/matmul.hpp"              // IWYU pragma: export
#include "unroll/autograd/ops/reshape.hpp"             // IWYU pragma: export
#include "unroll/autograd/ops/selection.hpp"           // IWYU pragma: export
#include "unroll/autograd/ops/slice.hpp"               // IWYU pragma: export
#include "unroll/core/initializers.hpp"                // IWYU pragma: export
#include "unroll/core/random.hpp"                      // IWYU pragma: export
#include "unroll/optim/adam.hpp"                       // IWYU pragma: export
#include "unroll/optim/gradient_descent.hpp"           // IWYU pragma: export
#include "unroll/optim/momentum.hpp"                   // IWYU pragma: export
#include "unroll/optim/rmsprop.hpp"                    // IWYU pragma: export
