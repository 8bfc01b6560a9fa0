#include "unroll/autograd/initial_values.hpp"

#include <doctest/doctest.h>

#include "unroll/autograd/module.hpp"
#include "unroll/core/creation.hpp"

using namespace unroll;

namespace {

class Scale : public Module {
 public:
  std::string class_name() const override { return "Scale"; }

 private:
  void create(const SpecNest& inputs) override {
    add_variable("factor", inputs.leaf().shape.slice(1), ones_initializer());
    add_variable("offset", {}, zeros_initializer());
  }
};

const SpecNest two_inputs = TensorSpec{{5, 2}, float64};

}  // namespace

TEST_CASE("variables take their values from the innermost source, by full name, and from initialisers after it") {
  auto all = [](double value) {
    return [value](const std::string& name, const TensorSpec& spec) {
      return full(spec.shape, name == "scale/offset" ? -value : value, spec.dtype);
    };
  };
  Scale inner, outer, plain;
  {
    InitialValues three(all(3));
    {
      InitialValues four(all(4));
      inner.build(two_inputs);
    }
    outer.build(two_inputs);
  }
  plain.build(two_inputs);
  CHECK(array_equal(inner.own_variables()[0], Tensor{4.0, 4.0}));
  CHECK(array_equal(inner.own_variables()[1], Tensor(-4.0)));
  CHECK(array_equal(outer.own_variables()[0], Tensor{3.0, 3.0}));
  CHECK(array_equal(plain.own_variables()[0], Tensor{1.0, 1.0}));
  CHECK(InitialValues::current() == nullptr);
}

TEST_CASE("a module stays unbuilt if the source throws, and can be built afterwards") {
  Scale scale;
  {
    InitialValues none([](const std::string& name, const TensorSpec&) -> Tensor {
      if (name == "scale/offset") throw ValueError("no " + name);
      return Tensor{1.0, 2.0};
    });
    CHECK_THROWS_WITH_AS(scale.build(two_inputs), "no scale/offset", ValueError);
  }
  CHECK_FALSE(scale.built());
  CHECK(scale.variables().empty());
  CHECK(scale.scope().empty());
  scale.build(TensorSpec{{5, 3}, float32});
  CHECK(scale.own_variables()[0].shape() == Shape(3));
  CHECK(scale.own_variables()[0].dtype() == float32);
}

TEST_CASE("a module that is unbuilt can be built for other inputs") {
  Scale scale;
  scale.build(two_inputs);
  Variable before = scale.own_variables()[0];
  scale.unbuild();
  CHECK_FALSE(scale.built());
  CHECK(scale.variables().empty());
  CHECK(before.shape() == Shape(2));  // who holds it keeps it
  scale.build(TensorSpec{{5, 3}, float32});
  CHECK_FALSE(scale.own_variables()[0] == before);
  CHECK(scale.own_variables()[0].shape() == Shape(3));
}
