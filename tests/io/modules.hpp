#pragma once
// Modules to save and load.
#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "unroll/autograd/module.hpp"
#include "unroll/core/initializers.hpp"

namespace testing {

/// A module with one variable "values", of any dtype.
class Holder : public unroll::Module {
 public:
  explicit Holder(const unroll::Tensor& values, std::string name = {})
      : Module(std::move(name), values.dtype()), values_(values) {}
  std::string class_name() const override { return "Holder"; }
  unroll::Config config() const override { return {{"rank", unroll::Index{values_.rank()}}}; }
  const unroll::Tensor& values() const { return own_variables().at(0).value(); }

 private:
  void create(const unroll::SpecNest&) override {
    add_variable("values", values_.shape(), [&](const unroll::Shape&, unroll::DType) { return values_; });
  }

  unroll::Tensor values_;
};

/// Variables w and b, and a configuration with a value of each kind.
class Affine : public unroll::Module {
 public:
  explicit Affine(unroll::Index units, std::string name = {}) : unroll::Module(std::move(name)), units_(units) {}
  std::string class_name() const override { return "Affine"; }
  unroll::Config config() const override { return {{"units", units_}, {"slope", 0.25}, {"bias", true}, {"clip", {}}}; }

 private:
  void create(const unroll::SpecNest& inputs) override {
    add_variable("w", {inputs.leaf().shape[1], units_});
    add_variable("b", {units_}, unroll::zeros_initializer());
  }
  unroll::Index units_;
};

/// Modules within a module.
class Pair : public unroll::Module {
 public:
  explicit Pair(std::shared_ptr<Affine> first, std::shared_ptr<Affine> second)
      : first_(std::move(first)), second_(std::move(second)) {}
  std::string class_name() const override { return "Pair"; }
  std::vector<unroll::Module*> submodules() override { return {first_.get(), second_.get()}; }

 private:
  void create(const unroll::SpecNest& inputs) override {
    add_variable("scale", {}, unroll::ones_initializer());
    first_->build(inputs);
    second_->build(inputs);
  }
  std::shared_ptr<Affine> first_, second_;
};

inline const unroll::SpecNest four_inputs = unroll::TensorSpec{{2, 4}, unroll::float32};

/// The same variables: names, bits and whether they are trainable.
inline void check_equal(const unroll::Module& a, const unroll::Module& b) {
  std::vector<unroll::Variable> x = a.variables(), y = b.variables();
  REQUIRE(x.size() == y.size());
  for (std::size_t k = 0; k < x.size(); ++k) {
    CHECK(x[k].name() == y[k].name());
    CHECK(unroll::bit_equal(x[k].value(), y[k].value()));
    CHECK(x[k].trainable() == y[k].trainable());
  }
}

}  // namespace testing
