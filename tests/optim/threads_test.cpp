// Results may not depend on the number of threads, in what surrounds the recurrent loop.
#include <doctest/doctest.h>

#include <cmath>

#include "support/use_threads.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/cross_entropy.hpp"
#include "unroll/autograd/ops/dropout.hpp"
#include "unroll/autograd/ops/gather.hpp"
#include "unroll/autograd/ops/matmul.hpp"
#include "unroll/autograd/ops/reduce.hpp"
#include "unroll/autograd/ops/reshape.hpp"
#include "unroll/autograd/ops/softmax.hpp"
#include "unroll/core/creation.hpp"
#include "unroll/core/random.hpp"
#include "unroll/optim/adam.hpp"
#include "unroll/optim/clipping.hpp"
#include "unroll/optim/gradient_descent.hpp"
#include "unroll/optim/momentum.hpp"
#include "unroll/optim/rmsprop.hpp"

using namespace unroll;

namespace {

// What f gives on 1 thread, after the same has come out on 2, 3 and 8.
template <class F>
std::vector<Tensor> same_for_all(F f) {
  testing::UseThreads one(1);
  std::vector<Tensor> expected = f();
  for (int n : {2, 3, 8}) {
    CAPTURE(n);
    testing::UseThreads use(n);
    std::vector<Tensor> got = f();
    REQUIRE(got.size() == expected.size());
    for (std::size_t k = 0; k < got.size(); ++k) {
      CAPTURE(k);
      CHECK(bit_equal(got[k], expected[k]));
    }
  }
  return expected;
}

}  // namespace

TEST_CASE_TEMPLATE("large matrix products have the same bits for any number of threads", T, float, double) {
  RandomGenerator r(1);
  struct Size {
    Index m, n, k;
  };
  for (auto [m, n, k] : {Size{1030, 80, 128}, Size{128, 600, 1000}, Size{130, 97, 700}, Size{2100, 300, 50}})
    for (bool ta : {false, true})
      for (bool tb : {false, true}) {
        const Index rows = m;  // clang captures no structured binding
        CAPTURE(rows);
        CAPTURE(ta);
        CAPTURE(tb);
        Tensor a = r.normal(ta ? Shape{k, m} : Shape{m, k}, 0, 1, dtype_of<T>());
        Tensor b = r.normal(tb ? Shape{n, k} : Shape{k, n}, 0, 1, dtype_of<T>());
        Tensor c = same_for_all([&] { return std::vector{matmul(a, b, {ta, tb})}; })[0];
        // Against sums in the corners and the middle.
        for (Index i : {Index{0}, m / 2, m - 1})
          for (Index j : {Index{0}, n / 2, n - 1}) {
            double sum = 0;
            for (Index l = 0; l < k; ++l)
              sum += double(ta ? a.at<T>({l, i}) : a.at<T>({i, l})) * (tb ? b.at<T>({j, l}) : b.at<T>({l, j}));
            CHECK(std::abs(sum - c.at<T>({i, j})) < 1e-4 * std::sqrt(double(k)));
          }
      }
}

TEST_CASE("a model without a recurrent layer has the same losses, gradients and weights for any number of threads") {
  constexpr Index rows = 40, time = 100, classes = 130, depth = 96;
  RandomGenerator r(2);
  const Tensor ids = r.integers({rows, time}, 0, 50, int32), labels = r.integers({rows, time}, 0, classes, int32);
  const Tensor targets = softmax(r.normal({rows, time, classes}));
  const Tensor table = r.normal({50, depth}), kernel = r.normal({depth, classes}, 0, 0.1), bias = r.normal({classes});
  auto make = [](int kind) -> std::unique_ptr<Optimizer> {
    if (kind == 0) return std::make_unique<Adam>();
    if (kind == 1) return std::make_unique<Momentum>(MomentumOptions{.learning_rate = 0.1, .momentum = 0.9});
    if (kind == 2) return std::make_unique<RMSProp>(RMSPropOptions{.learning_rate = 0.01});
    return std::make_unique<GradientDescent>(GradientDescentOptions{.learning_rate = 0.1});
  };
  for (int kind = 0; kind < 4; ++kind) {
    CAPTURE(kind);
    auto optimizer_losses = same_for_all([&] {
      const std::vector<Variable> variables = {Variable(table, "table"), Variable(kernel, "kernel"),
                                               Variable(bias, "bias")};
      auto optimizer = make(kind);
      std::vector<Tensor> all;
      for (std::uint64_t step = 0; step < 3; ++step) {
        GradientTape tape;
        Tensor x = dropout(embedding_lookup(variables[0], ids), 0.2, {.seed = 3, .stream = step});
        Tensor logits =
            bias_add(reshape(matmul(reshape(x, {-1, depth}), variables[1]), {rows, time, classes}), variables[2]);
        Tensor loss = reduce_mean(sparse_softmax_cross_entropy_with_logits(labels, logits)) +
                      reduce_mean(softmax_cross_entropy_with_logits(targets, logits));
        auto [gradients, norm] = clip_by_global_norm(tape.gradient(loss, variables), 0.01);
        optimizer->apply_gradients(gradients, variables);
        all.push_back(loss);
        all.push_back(norm);
        all.insert(all.end(), gradients.begin(), gradients.end());
      }
      for (const Variable& v : variables) all.push_back(v.value().clone());
      return all;
    });
    CHECK(optimizer_losses[10].item<float>() < optimizer_losses[0].item<float>());
  }
}

TEST_CASE("updates and norms of large variables are the same for any number of threads") {
  RandomGenerator r(5);
  const Tensor initial = r.normal({700, 301}), gradient = r.normal({700, 301});
  auto results = same_for_all([&] {
    Variable v(initial);
    Adam adam;
    auto [gradients, norm] = clip_by_global_norm({gradient}, 1.0);
    adam.apply_gradients(gradients, {v});
    return std::vector<Tensor>{v.value().clone(), norm, gradients[0]};
  });
  double sum = 0;
  for (float g : gradient.values<float>()) sum += double(g) * g;
  CHECK(results[1].item<double>() == doctest::Approx(std::sqrt(sum)).epsilon(1e-6));
  CHECK(results[2].at<float>({699, 300}) == doctest::Approx(gradient.at<float>({699, 300}) / std::sqrt(sum)));
}

TEST_CASE("a label or an index out of range is refused on any number of threads, the first of several") {
  Tensor labels = zeros({2000}, int32), ids = zeros({9000}, int32);
  for (Index at : {1500, 300}) labels.set<std::int32_t>({at}, 64);
  for (Index at : {8000, 77}) ids.set<std::int32_t>({at}, -1);
  for (int n : {1, 2, 3}) {
    testing::UseThreads use(n);
    CHECK_THROWS_WITH_AS(sparse_softmax_cross_entropy_with_logits(labels, zeros({2000, 64})),
                         doctest::Contains("label 64 at position 300 "), InvalidArgumentError);
    CHECK_THROWS_WITH_AS(embedding_lookup(zeros({5, 64}), ids), doctest::Contains("indices[77] = -1"),
                         InvalidArgumentError);
  }
}
