#include "unroll/optim/lbfgs.hpp"

#include <algorithm>
#include <cmath>
#include <deque>
#include <numeric>

#include "unroll/autograd/tape.hpp"
#include "unroll/optim/schedule_check.hpp"
#include "unroll/optim/wolfe_search.hpp"

namespace unroll {
namespace {

constexpr std::string_view who = "LBFGS";
using Vector = std::vector<double>;

double dot(const Vector& a, const Vector& b) { return std::inner_product(a.begin(), a.end(), b.begin(), 0.0); }

// y += a * x
void add(Vector& y, double a, const Vector& x) {
  for (std::size_t i = 0; i < y.size(); ++i) y[i] += a * x[i];
}

struct Point {
  Vector x, gradient;
  double loss = 0;
};

// The loss as a function of all variables' elements in one vector.
class Objective {
 public:
  Objective(const std::vector<Variable>& variables, const std::function<Tensor()>& loss)
      : variables_(variables), loss_(loss) {
    if (variables.empty()) raise<ValueError>(who, "no variables provided");
  }

  Vector position() const {
    Vector x;
    for (const Variable& variable : variables_) append(x, variable.value());
    return x;
  }
  void move_to(const Vector& x) const {
    std::size_t next = 0;
    for (const Variable& variable : variables_)
      dispatch_floating(who, variable.dtype(), [&](auto zero) {
        using T = decltype(zero);
        T* values = variable.mutable_data<T>();
        for (Index i = 0; i < variable.size(); ++i) values[i] = static_cast<T>(x[next++]);
      });
  }
  Point evaluate(Vector x) {
    ++evaluations_;
    move_to(x);
    GradientTape tape({.watch_accessed_variables = false});
    for (const Variable& variable : variables_) tape.watch(variable);
    Tensor loss = loss_();
    if (loss.size() != 1) raise<ValueError>(who, "the loss has shape ", loss.shape(), ", expected one number");
    Point point{std::move(x), {}, loss.item<double>()};
    for (const Tensor& g : tape.gradient(loss, variables_, {.unconnected_gradients = Unconnected::zero}))
      append(point.gradient, g);
    return point;
  }
  int evaluations() const { return evaluations_; }

 private:
  static void append(Vector& to, const Tensor& tensor) {
    dispatch_floating(who, tensor.dtype(), [&](auto zero) {
      auto values = tensor.values<decltype(zero)>();
      to.insert(to.end(), values.begin(), values.end());
    });
  }

  const std::vector<Variable>& variables_;
  const std::function<Tensor()>& loss_;
  int evaluations_ = 0;
};

class History {
 public:
  explicit History(std::size_t size) : size_(size) {}

  void add_pair(Vector step, Vector change) {
    double curvature = dot(step, change);
    if (!(curvature > 1e-10 * dot(change, change))) return;  // it would not be positive definite
    if (pairs_.size() == size_) pairs_.pop_front();
    pairs_.push_back({std::move(step), std::move(change), 1 / curvature});
  }
  bool empty() const { return pairs_.empty(); }
  void clear() { pairs_.clear(); }

  // -H g by two loops over the pairs.
  Vector direction(const Vector& gradient) const {
    Vector q = gradient;
    Vector alphas(pairs_.size());
    for (std::size_t k = pairs_.size(); k-- > 0;) {
      alphas[k] = pairs_[k].rho * dot(pairs_[k].step, q);
      add(q, -alphas[k], pairs_[k].change);
    }
    double scale = empty() ? 1 : 1 / (pairs_.back().rho * dot(pairs_.back().change, pairs_.back().change));
    for (double& value : q) value *= scale;
    for (std::size_t k = 0; k < pairs_.size(); ++k)
      add(q, alphas[k] - pairs_[k].rho * dot(pairs_[k].change, q), pairs_[k].step);
    for (double& value : q) value = -value;
    return q;
  }

 private:
  struct Pair {
    Vector step, change;
    double rho;
  };
  std::size_t size_;
  std::deque<Pair> pairs_;
};

double largest(const Vector& v) {
  double result = 0;
  for (double value : v) result = std::max(result, std::abs(value));
  return result;
}

Point search(Objective& objective, const Point& from, const Vector& direction, double first, int evaluations) {
  Point last = from, best = from;
  detail::LineFunction along = [&](double distance) {
    Vector x = from.x;
    add(x, distance, direction);
    last = objective.evaluate(std::move(x));
    if (last.loss < best.loss) best = last;
    return detail::LinePoint{distance, last.loss, dot(last.gradient, direction)};
  };
  detail::LinePoint found =
      detail::wolfe_search(along, {0, from.loss, dot(from.gradient, direction)}, first, evaluations);
  return found.value == last.loss ? last : best;
}

}  // namespace

LBFGS::LBFGS(LBFGSOptions options) : options_(options) {
  detail::check_positive(who, "max_iterations", options.max_iterations);
  detail::check_positive(who, "max_evaluations", options.max_evaluations);
  detail::check_positive(who, "history", options.history);
  detail::check_not_negative(who, "gradient_tolerance", options.gradient_tolerance);
  detail::check_not_negative(who, "loss_tolerance", options.loss_tolerance);
}

LBFGSResult LBFGS::minimize(const std::vector<Variable>& variables, const std::function<Tensor()>& loss) const {
  Objective objective(variables, loss);
  Point now = objective.evaluate(objective.position());
  if (!std::isfinite(now.loss)) raise<ValueError>(who, "the loss is ", now.loss, " at the start");
  History history(static_cast<std::size_t>(options_.history));
  LBFGSResult result;
  result.converged = largest(now.gradient) <= options_.gradient_tolerance;
  while (!result.converged && result.iterations < options_.max_iterations) {
    int left = options_.max_evaluations - objective.evaluations();
    if (left <= 0) break;
    Vector direction = history.direction(now.gradient);
    if (!(dot(direction, now.gradient) < 0)) history.clear(), direction = history.direction(now.gradient);
    double first = history.empty() ? std::min(1.0, 1 / largest(now.gradient)) : 1;
    Point next = search(objective, now, direction, first, std::min(left, 25));
    if (!(next.loss < now.loss)) {
      if (history.empty()) break;
      history.clear();  // once more, along the gradient itself
      continue;
    }
    ++result.iterations;
    Vector step = next.x, change = next.gradient;
    add(step, -1, now.x);
    add(change, -1, now.gradient);
    history.add_pair(std::move(step), std::move(change));
    result.converged = largest(next.gradient) <= options_.gradient_tolerance ||
                       now.loss - next.loss <= options_.loss_tolerance * std::abs(now.loss);
    now = std::move(next);
  }
  objective.move_to(now.x);
  result.loss = now.loss;
  result.evaluations = objective.evaluations();
  return result;
}

}  // namespace unroll
