// The cells that golden cases describe by their equations ("class": "custom").
#include "runner.hpp"
#include "unroll/autograd/ops/activation.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/cast.hpp"
#include "unroll/autograd/ops/matmul.hpp"
#include "unroll/autograd/ops/reduce.hpp"
#include "unroll/autograd/ops/reshape.hpp"
#include "unroll/core/creation.hpp"

namespace parity {
namespace {

using namespace unroll;

// Depth of a member of the inputs.
Index depth(const SpecNest& inputs) { return inputs.leaf().shape[-1]; }

class PairCell : public RNNCell {
 public:
  std::string class_name() const override { return "PairCell"; }
  SizeNest state_size() const override { return SizeNest::tuple({3, Shape(), Shape{2, 3}}); }
  SizeNest output_size() const override { return SizeNest::tuple({3, Shape{2, 3}}); }
  Nest zero_state(Index batch, DType dtype) const override {
    return Nest::tuple({zeros({batch, 3}, dtype), zeros({batch}, int32), zeros({batch, 2, 3}, dtype)});
  }

 private:
  void create(const SpecNest& inputs) override {
    wa_ = add_variable("wa", {depth(inputs[0]), 3});
    wb_ = add_variable("wb", {depth(inputs[1]), 3});
    u_ = add_variable("u", {3, 3});
    b_ = add_variable("b", {3});
    v_ = add_variable("v", {3, 6});
  }
  StepResult call(const Nest& inputs, const Nest& state) override {
    Tensor h = tanh(matmul(inputs[0], wa_) + matmul(inputs[1], wb_) + matmul(state[0], u_) + b_);
    Tensor k = state[1].leaf() + 1;
    Tensor m = 0.5 * state[2].leaf() + reshape(matmul(h, v_), {h.shape(0), 2, 3});
    Tensor factor = reshape(cast(k, m.dtype()), {k.size(), 1, 1});
    return {Nest::tuple({h, m * factor}), Nest::tuple({h, k, m})};
  }
  Variable wa_, wb_, u_, b_, v_;
};

class GridCell : public RNNCell {
 public:
  std::string class_name() const override { return "GridCell"; }
  SizeNest state_size() const override { return Shape{2, 3}; }
  SizeNest output_size() const override { return Shape{2, 3}; }

 private:
  void create(const SpecNest&) override {
    w_ = add_variable("w", {2, 3});
    u_ = add_variable("u", {2, 3});
    b_ = add_variable("b", {2, 3});
  }
  StepResult call(const Nest& inputs, const Nest& state) override {
    const Tensor& x = inputs;
    Tensor s = tanh(x * w_.value() + state.leaf() * u_.value() + b_);
    return {s + x, s};
  }
  Variable w_, u_, b_;
};

class ClockCell : public RNNCell {
 public:
  std::string class_name() const override { return "ClockCell"; }
  SizeNest state_size() const override { return SizeNest::tuple({2, Shape()}); }
  SizeNest output_size() const override { return 2; }
  Nest zero_state(Index batch, DType dtype) const override {
    return Nest::tuple({zeros({batch, 2}, dtype), zeros({}, int32)});
  }

 private:
  void create(const SpecNest& inputs) override {
    w_ = add_variable("w", {depth(inputs), 2});
    u_ = add_variable("u", {2, 2});
    b_ = add_variable("b", {2});
  }
  StepResult call(const Nest& inputs, const Nest& state) override {
    Tensor h = tanh(matmul(inputs, w_) + matmul(state[0], u_) + b_);
    const Tensor& k = state[1];
    return {h + 0.1 * cast(k, h.dtype()), Nest::tuple({h, k + 1})};
  }
  Variable w_, u_, b_;
};

class DictCell : public RNNCell {
 public:
  std::string class_name() const override { return "DictCell"; }
  SizeNest state_size() const override { return SizeNest::dict({{"slow", 2}, {"fast", 2}}); }
  SizeNest output_size() const override { return SizeNest::dict({{"sum", 2}, {"difference", 2}}); }

 private:
  void create(const SpecNest& inputs) override {
    w_ = add_variable("w", {depth(inputs["left"]), 2});
    v_ = add_variable("v", {depth(inputs["right"]), 2});
    b_ = add_variable("b", {2});
  }
  StepResult call(const Nest& inputs, const Nest& state) override {
    const Tensor &slow = state["slow"], &fast = state["fast"];
    Tensor next_fast = tanh(matmul(inputs["left"], w_) + matmul(inputs["right"], v_) + slow + b_);
    Tensor next_slow = 0.9 * slow + 0.1 * next_fast * fast;
    return {Nest::dict({{"sum", next_fast + next_slow}, {"difference", next_fast - next_slow}}),
            Nest::dict({{"slow", next_slow}, {"fast", next_fast}})};
  }
  Variable w_, v_, b_;
};

class SideCell : public RNNCell {
 public:
  std::string class_name() const override { return "SideCell"; }
  SizeNest state_size() const override { return SizeNest::tuple({3, SizeNest::tuple({1})}); }
  SizeNest output_size() const override { return 3; }

 private:
  void create(const SpecNest& inputs) override {
    w_ = add_variable("w", {depth(inputs["left"]), 3});
    v_ = add_variable("v", {depth(inputs["right"][0]), 3});
    b_ = add_variable("b", {3});
  }
  StepResult call(const Nest& inputs, const Nest& state) override {
    const Tensor &h = state[0], &m = state[1][0];
    Tensor next = tanh(matmul(inputs["left"], w_) + matmul(inputs["right"][0], v_) * h + b_);
    Tensor memory = 0.5 * m + reduce_mean(next, {1}, true);
    return {next * (1.0 + m), Nest::tuple({next, Nest::tuple({memory})})};
  }
  Variable w_, v_, b_;
};

template <class Cell>
std::shared_ptr<RNNCell> make(const Json&) {
  return std::make_shared<Cell>();
}

const RegisterCell cells[] = {{"custom PairCell", make<PairCell>},
                              {"custom GridCell", make<GridCell>},
                              {"custom ClockCell", make<ClockCell>},
                              {"custom DictCell", make<DictCell>},
                              {"custom SideCell", make<SideCell>}};

}  // namespace
}  // namespace parity
