#pragma once
// LBFGS: a quasi-Newton method for losses over all data at once.
#include <functional>
#include <vector>

#include "unroll/autograd/variable.hpp"

namespace unroll {

struct LBFGSOptions {
  int max_iterations = 100;
  int max_evaluations = 1000;
  /// How many pairs of steps and changes of the gradient the inverse Hessian is estimated from.
  int history = 10;
  /// Ends when no element of the gradient is larger, or when the loss changes by less, relative to its size.
  double gradient_tolerance = 1e-7;
  double loss_tolerance = 1e-12;
};

struct LBFGSResult {
  double loss = 0;
  int iterations = 0;
  int evaluations = 0;
  /// Whether a tolerance was reached; false: a limit was, or no better point could be found along the last direction.
  bool converged = false;
};

/// Limited-memory BFGS (Nocedal and Wright 2006, algorithms 7.4 and 7.5), each step found by a line search for the
/// strong Wolfe conditions (algorithms 3.5 and 3.6, c1 = 1e-4, c2 = 0.9). Computes in float64 whatever the variables
/// are, evaluates the loss on a tape of its own, and leaves the best point in the variables:
///
///     LBFGS lbfgs;
///     LBFGSResult result = lbfgs.minimize(cell.trainable_variables(), [&] { return mean_squared_error(y, model(x));
///     });
///
/// The loss has to be the same function at each call: no dropout, no batches.
class LBFGS {
 public:
  /// Throws ValueError unless the counts are at least 1 and the tolerances not negative.
  explicit LBFGS(LBFGSOptions options = {});

  /// Throws ValueError if there are no variables, if the loss is not of size 1, or if it is not finite at the start;
  /// TypeError for integer variables.
  LBFGSResult minimize(const std::vector<Variable>& variables, const std::function<Tensor()>& loss) const;

 private:
  LBFGSOptions options_;
};

}  // namespace unroll
