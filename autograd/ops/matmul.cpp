#include "unroll/autograd/ops/matmul.hpp"

#include <algorithm>

#include "unroll/autograd/ops/broadcast.hpp"
#include "unroll/autograd/ops/elementwise.hpp"
#include "unroll/core/kernels/accumulate.hpp"
#include "unroll/core/kernels/arithmetic.hpp"
#include "unroll/core/kernels/matmul.hpp"
#include "unroll/core/thread_team.hpp"

namespace unroll {
namespace {

Shape batch_of(const Shape& shape) { return shape.slice(0, shape.rank() - 2); }

template <class T>
void multiply_batch(bool transpose_a, bool transpose_b, Index m, Index n, Index k, const T* a, Index a_step, const T* b,
                    Index b_step, T beta, T* c, Index c_step, Index count) {
  if constexpr (std::floating_point<T>) {
    kernels::matmul_batch(transpose_a, transpose_b, m, n, k, a, a_step, b, b_step, beta, c, c_step, count);
  } else {
    using U = std::make_unsigned_t<T>;  // wraps around
    for (; count > 0; --count, a += a_step, b += b_step, c += c_step)
      for (Index i = 0; i < m; ++i)
        for (Index j = 0; j < n; ++j) {
          U sum = beta == 0 ? U{0} : static_cast<U>(c[i * n + j]);
          for (Index l = 0; l < k; ++l)
            sum += static_cast<U>(transpose_a ? a[l * m + i] : a[i * k + l]) *
                   static_cast<U>(transpose_b ? b[j * k + l] : b[l * n + j]);
          c[i * n + j] = static_cast<T>(sum);
        }
  }
}

// c += op(a) op(b), the batches of a and b broadcast together, and those of the product summed to c's. Without
// `accumulate`, c need not have a value yet.
void multiply_into(bool transpose_a, bool transpose_b, const Tensor& a, const Tensor& b, bool accumulate, Tensor& c) {
  Index m = c.shape(-2), n = c.shape(-1), k = a.shape(transpose_a ? -2 : -1);
  dispatch_number("matmul", c.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T *x = a.data<T>(), *y = b.data<T>();
    T* z = c.mutable_data<T>();
    if (c.rank() == 2 && a.rank() == 2 && b.rank() == 2)
      return multiply_batch<T>(transpose_a, transpose_b, m, n, k, x, 0, y, 0, accumulate, z, 0, 1);
    Shape of_a = batch_of(a.shape()), of_b = batch_of(b.shape()), of_c = batch_of(c.shape());
    // One large product instead of many: rows of a, or terms of the sum, follow each other through the batch.
    if (!transpose_a && of_b.size() == 1 && of_a == of_c && m * of_a.size() <= kernels::matmul_max_dimension)
      return multiply_batch<T>(false, transpose_b, m * of_a.size(), n, k, x, 0, y, 0, accumulate, z, 0, 1);
    if (transpose_a && !transpose_b && of_c.size() == 1 && of_a == of_b &&
        k * of_a.size() <= kernels::matmul_max_dimension)
      return multiply_batch<T>(true, false, m, n, k * of_a.size(), x, 0, y, 0, accumulate, z, 0, 1);
    Shape all = broadcast("matmul", of_a, of_b);
    bool sums = all != of_c;
    if (sums && !accumulate) std::fill_n(z, c.size(), T{0});
    BroadcastRuns<3>(all, {&of_a, &of_b, &of_c}).for_each([&](const auto& at, const auto& step, Index, Index count) {
      multiply_batch<T>(transpose_a, transpose_b, m, n, k, x + at[0] * m * k, step[0] * m * k, y + at[1] * k * n,
                        step[1] * k * n, accumulate || sums, z + at[2] * m * n, step[2] * m * n, count);
    });
  });
}

[[noreturn]] void inner_dimensions_differ(const Tensor& a, const Tensor& b, const MatmulOptions& t, Index of_a,
                                          Index of_b) {
  raise<ValueError>("matmul", "a has shape ", a.shape(), t.transpose_a ? " (transposed)" : "", ", b has shape ",
                    b.shape(), t.transpose_b ? " (transposed)" : "", "; the inner dimensions differ: ", of_a, " and ",
                    of_b);
}

struct Matmul : Op {
  MatmulOptions t;
  explicit Matmul(MatmulOptions options) : t(options) {}
  std::string_view name() const override { return "matmul"; }
  auto attributes() const { return std::pair(t.transpose_a, t.transpose_b); }
  Lowering lowering() const override {
    return {.kind = Lowering::Kind::matmul, .transpose_a = t.transpose_a, .transpose_b = t.transpose_b};
  }

  TensorSpec infer(Inputs x) const override {
    const Tensor &a = x[0], &b = x[1];
    same_dtype(name(), x);
    if (a.dtype() == bool_) raise<TypeError>(name(), "expected numbers, got bool");
    if (a.rank() < 2 || b.rank() < 2)
      raise<ValueError>(name(), "a has shape ", a.shape(), ", b has shape ", b.shape(), "; both need rank 2 or more");
    Index m = a.shape(t.transpose_a ? -1 : -2), k = a.shape(t.transpose_a ? -2 : -1);
    Index n = b.shape(t.transpose_b ? -2 : -1), k_of_b = b.shape(t.transpose_b ? -1 : -2);
    if (k != k_of_b) inner_dimensions_differ(a, b, t, k, k_of_b);
    if (std::max({m, n, k}) > kernels::matmul_max_dimension)
      raise<ResourceExhaustedError>(name(), "a has shape ", a.shape(), ", b has shape ", b.shape(),
                                    "; a dimension is at most ", kernels::matmul_max_dimension);
    if (a.rank() == 2 && b.rank() == 2) return {{m, n}, a.dtype()};
    return {broadcast(name(), batch_of(a.shape()), batch_of(b.shape())) + Shape{m, n}, a.dtype()};
  }
  void forward(Inputs x, Tensor& y) const override {
    multiply_into(t.transpose_a, t.transpose_b, x[0], x[1], false, y);
  }
  void vjp(Vjp& v) const override { add_gradients(v, v.gradient()); }
  Saved saved() const override { return {Saved::all, Saved::none}; }

 protected:
  void add_gradients(Vjp& v, const Tensor& g) const;
};

// matmul, its batches summed to `batch`: what the gradient of a broadcast matrix needs, without the terms of the sum.
struct MatmulSum final : Matmul {
  Shape batch;
  MatmulSum(MatmulOptions options, const Shape& target) : Matmul(options), batch(target) {}
  std::string_view name() const override { return "matmul_sum"; }
  auto attributes() const { return std::tuple(t.transpose_a, t.transpose_b, batch); }
  TensorSpec infer(Inputs x) const override {
    TensorSpec full = Matmul::infer(x);
    return {batch + full.shape.slice(full.shape.rank() - 2), full.dtype};
  }
  bool forward_add(Inputs x, Tensor& sum) const override {
    multiply_into(t.transpose_a, t.transpose_b, x[0], x[1], true, sum);
    return true;
  }
  void vjp(Vjp& v) const override {
    const Tensor& g = v.gradient();
    Shape full = broadcast(name(), batch_of(v.input_shape(0)), batch_of(v.input_shape(1)));
    add_gradients(v, broadcast_to(g, full + g.shape().slice(g.rank() - 2)));
  }
};

// Adds op(a) op(b), summed to the input's batch, to the gradient of input k.
void add_product(Vjp& v, std::size_t k, const Tensor& a, const Tensor& b, MatmulOptions t) {
  v.add_into(
      k, [&](Tensor& sum) { multiply_into(t.transpose_a, t.transpose_b, a, b, true, sum); },
      [&] { return apply(MatmulSum(t, batch_of(v.input_shape(k))), a, b); });
}

void Matmul::add_gradients(Vjp& v, const Tensor& g) const {
  if (v.needs(0)) {
    if (t.transpose_a)
      add_product(v, 0, v.input(1), g, {t.transpose_b, true});
    else if (t.transpose_b)
      add_product(v, 0, g, v.input(1), {});
    else if (Tensor transposed = v.transposed_weight(1))
      add_product(v, 0, g, transposed, {});
    else
      add_product(v, 0, g, v.input(1), {.transpose_b = true});
  }
  if (v.needs(1)) {
    if (t.transpose_b)
      add_product(v, 1, g, v.input(0), {true, t.transpose_a});
    else
      add_product(v, 1, v.input(0), g, {.transpose_a = !t.transpose_a});
  }
}

struct BiasAdd final : Op {
  std::string_view name() const override { return "bias_add"; }
  Lowering lowering() const override { return Lowering::elementwise(kernels::TileOp::add); }
  TensorSpec infer(Inputs x) const override {
    same_dtype(name(), x);
    if (x[0].rank() < 2 || x[1].rank() != 1 || x[0].shape(-1) != x[1].shape(0))
      raise<ValueError>(name(), "x has shape ", x[0].shape(), ", bias has shape ", x[1].shape(),
                        "; expected (..., n) of rank 2 or more and (n,)");
    return x[0].spec();
  }
  void forward(Inputs x, Tensor& y) const override {
    dispatch_number(name(), y.dtype(), [&](auto zero) {
      using T = decltype(zero);
      const T *in = x[0].data<T>(), *bias = x[1].data<T>();
      T* out = y.mutable_data<T>();
      const Index n = x[1].size();
      constexpr double ns_per_element = 0.3;
      parallel_rows(n ? y.size() / n : 0, static_cast<double>(n) * ns_per_element, [&](Index first, Index last) {
        for (Index at = first * n; at < last * n; at += n) kernels::add(in + at, 1, bias, 1, out + at, n);
      });
    });
  }
  void vjp(Vjp& v) const override {
    const Tensor& g = v.gradient();
    v.add(0, g);
    v.add_into(
        1,
        [&](Tensor& sum) {
          dispatch_floating(name(), g.dtype(), [&](auto zero) {
            using T = decltype(zero);
            Index n = sum.size();
            if (n) kernels::add_rows_to(g.data<T>(), g.size() / n, n, sum.mutable_data<T>());
          });
        },
        [&] { return sum_to(g, v.input_shape(1)); });
  }
  Saved saved() const override { return {Saved::none, Saved::none}; }
};

}  // namespace

Tensor matmul(const Tensor& a, const Tensor& b, MatmulOptions options) { return apply(Matmul(options), a, b); }

Tensor bias_add(const Tensor& x, const Tensor& bias) { return apply(BiasAdd{}, x, bias); }

}  // namespace unroll
