#pragma once
// A user's own cell, for the benchmarks: an LSTM with layer norm on x W, on h U and on the cell state.
#include <unroll/unroll.hpp>

namespace bench {

class LayerNormLSTM : public unroll::RNNCell {
 public:
  explicit LayerNormLSTM(unroll::Index units) : units_(units) {}
  std::string class_name() const override { return "LayerNormLSTM"; }
  unroll::SizeNest state_size() const override { return unroll::SizeNest::tuple({units_, units_}); }
  unroll::SizeNest output_size() const override { return units_; }

 private:
  void create(const unroll::SpecNest& inputs) override {
    using namespace unroll;
    w_ = add_variable("w", {inputs.leaf().shape[1], 4 * units_});
    u_ = add_variable("u", {units_, 4 * units_});
    for (auto* norm : {&x_, &h_}) *norm = add_norm(norm == &x_ ? "x" : "h", 4 * units_);
    c_ = add_norm("c", units_);
  }
  unroll::StepResult call(const unroll::Nest& x, const unroll::Nest& state) override {
    using namespace unroll;
    const Tensor &c = state[0], &h = state[1];
    auto gates = split(x_(matmul(x, w_)) + h_(matmul(h, u_)), 4, 1);
    Tensor next_c = sigmoid(gates[2]) * c + sigmoid(gates[0]) * tanh(gates[1]);
    Tensor next_h = sigmoid(gates[3]) * tanh(c_(next_c));
    return {next_h, Nest::tuple({next_c, next_h})};
  }

  struct Norm {
    unroll::Variable gain, bias;
    unroll::Tensor operator()(const unroll::Tensor& x) const { return unroll::layer_norm(x, gain, bias); }
  };
  Norm add_norm(const std::string& name, unroll::Index width) {
    return {add_variable(name + "/gain", {width}, unroll::ones_initializer()),
            add_variable(name + "/bias", {width}, unroll::zeros_initializer())};
  }

  unroll::Index units_;
  unroll::Variable w_, u_;
  Norm x_, h_, c_;
};

}  // namespace bench
