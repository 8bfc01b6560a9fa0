#include "unroll/autograd/check_gradients.hpp"

#include <doctest/doctest.h>

#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/vjp.hpp"

using namespace unroll;

namespace {

// The square, with a gradient that is wrong in a chosen way.
enum class Fault { none, negated, doubled, zeroed, one_element };

struct FaultySquare final : Op {
  Fault fault;
  explicit FaultySquare(Fault f) : fault(f) {}
  std::string_view name() const override { return "faulty_square"; }
  TensorSpec infer(Inputs x) const override { return x[0].spec(); }
  void forward(Inputs x, Tensor& y) const override {
    for (Index k = 0; k < y.size(); ++k) y.mutable_data<double>()[k] = x[0].data<double>()[k] * x[0].data<double>()[k];
  }
  void vjp(Vjp& v) const override {
    Tensor g = v.gradient() * v.input(0) * 2.0;
    if (fault == Fault::negated) g = -g;
    if (fault == Fault::doubled) g = g * 2.0;
    if (fault == Fault::zeroed) g = g * 0.0;
    if (fault == Fault::one_element) g.set<double>({1, 2}, g.at<double>({1, 2}) + 1e-3);
    v.add(0, g);
  }
};

GradientCheck check(Fault fault) {
  Tensor x{{0.3, -1.2, 2.0}, {0.7, 1.1, -0.4}};
  return check_gradients([&](const std::vector<Tensor>& in) { return apply(FaultySquare(fault), in[0]); }, {x});
}

}  // namespace

TEST_CASE("the gradient checker accepts a right gradient") {
  GradientCheck result = check(Fault::none);
  CHECK_MESSAGE(result, result.to_string());
  CHECK(result.checked == 6);
  CHECK(result.worst < 1);
}

TEST_CASE("the gradient checker rejects a negated, a doubled and a zeroed gradient at every element") {
  for (Fault fault : {Fault::negated, Fault::doubled, Fault::zeroed}) {
    GradientCheck result = check(fault);
    CHECK_FALSE(result);
    CHECK(result.failures.size() == 6);
  }
}

TEST_CASE("the gradient checker names the one element that is off") {
  GradientCheck result = check(Fault::one_element);
  REQUIRE(result.failures.size() == 1);
  CHECK(result.failures[0].find("input 0 at (1, 2): gradient ") == 0);
}

TEST_CASE("the gradient checker needs float64, elements, and a function that repeats itself") {
  auto square = [](const std::vector<Tensor>& in) { return in[0] * in[0]; };
  CHECK_THROWS_AS(check_gradients(square, {Tensor{1.f}}), TypeError);
  CHECK_THROWS_AS(check_gradients(square, {Tensor(TensorSpec{{0, 3}, float64})}), ValueError);
  double drift = 1;
  auto changing = [&](const std::vector<Tensor>& in) { return in[0] * (drift += 1); };
  CHECK_THROWS_AS(check_gradients(changing, {Tensor{1.0}}), ValueError);
}

TEST_CASE("gradients of variables are checked in place and the values come back") {
  Variable a(Tensor{1.5, -0.5}, "a"), b(Tensor{{2.0}, {3.0}}, "b");
  Tensor before = a.value().clone();
  GradientCheck result = check_gradients([&] { return Nest(a * b - b / a); }, {a, b});
  CHECK_MESSAGE(result, result.to_string());
  CHECK(result.checked == 4);
  CHECK(array_equal(a.value(), before));
}
