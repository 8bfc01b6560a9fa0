#include "unroll/rnn/compile/passes.hpp"

#include <doctest/doctest.h>

#include "agreement.hpp"
#include "unroll/rnn/compile/run_compiled.hpp"

using namespace unroll;
using namespace testing;

namespace {

class UsePasses {
 public:
  explicit UsePasses(const compile::Passes& passes) : before_(std::exchange(compile::default_passes(), passes)) {}
  ~UsePasses() { compile::default_passes() = before_; }
  UsePasses(const UsePasses&) = delete;

 private:
  compile::Passes before_;
};

std::vector<compile::Passes> choices() {
  std::vector<compile::Passes> all(1);
  for (bool compile::Passes::*pass : {&compile::Passes::fold, &compile::Passes::merge, &compile::Passes::recompute,
                                      &compile::Passes::fuse, &compile::Passes::hoist}) {
    all.emplace_back().*pass = false;
    all.push_back({false, false, false, false, false});
    all.back().*pass = true;
  }
  all.push_back({false, false, false, false, false});
  return all;
}

}  // namespace

TEST_CASE("each pass keeps results and gradients, left out or alone") {
  for (const CompiledCase& c : compiled_cases()) {
    CAPTURE(c.name);
    auto cell = built_cell(c, float64);
    Nest x = random_inputs(c, 4, 5, float64);
    DynamicRnnOptions options{
        .sequence_length = Tensor{5, 2, 0, 4}, .initial_state = random_state(*cell, 4), .executor = Executor::eager};
    Everything want = everything(*cell, x, options);
    options.executor = Executor::compiled;
    for (const compile::Passes& passes : choices()) {
      CAPTURE(passes.fold);
      CAPTURE(passes.merge);
      CAPTURE(passes.recompute);
      CAPTURE(passes.fuse);
      CAPTURE(passes.hoist);
      UsePasses use(passes);
      CHECK(first_difference(everything(*cell, x, options), want, 1e-12) == "");
    }
  }
}

TEST_CASE("each pass changes the step program of some cell") {
  MultiRNNCell cell(std::vector<std::shared_ptr<RNNCell>>{
      layer_norm_cell(20), std::make_shared<LSTMCell>(5),
      std::make_shared<FormulaCell>(3, 3, std::vector<Shape>{{0, 3}},
                                    [](const Nest& x, const Nest& h, const std::vector<Variable>& p) -> StepResult {
                                      Tensor y = tanh(matmul(x, p[0])), equal = tanh(matmul(x, p[0]));
                                      return {y * equal + 0.0, h.leaf() * 0.5 + y};
                                    })});
  Tensor x = random_tensor({4, 5, 18}, 1);
  auto program = [&] {
    GradientTape tape;
    tape.watch(x);
    return explain(cell, x, {.dtype = float64});
  };
  std::string all = program();
  for (bool compile::Passes::*pass : {&compile::Passes::fold, &compile::Passes::merge, &compile::Passes::recompute,
                                      &compile::Passes::fuse, &compile::Passes::hoist}) {
    compile::Passes passes;
    passes.*pass = false;
    UsePasses use(passes);
    CAPTURE(passes.fold);
    CAPTURE(passes.merge);
    CAPTURE(passes.recompute);
    CAPTURE(passes.fuse);
    CAPTURE(passes.hoist);
    bool changed = program() != all;
    CHECK(changed);
  }
}
