#include <cmath>
#include <vector>

#include "unroll/core/initializers.hpp"
#include "unroll/core/kernels/accumulate.hpp"
#include "unroll/core/random.hpp"

namespace unroll {
namespace {

// x -= v (beta v' x) for the columns first, ... of the rows k, ... of x [rows, columns]; v has rows - k elements.
void reflect(const std::vector<double>& v, double beta, double* x, Index k, Index first, Index rows, Index columns,
             std::vector<double>& scratch) {
  Index n = columns - first;
  std::fill_n(scratch.begin(), n, 0.0);
  for (Index i = k; i < rows; ++i) kernels::scale_add_to(scratch.data(), v[i - k], x + i * columns + first, n);
  for (Index i = k; i < rows; ++i) kernels::scale_add_to(x + i * columns + first, -beta * v[i - k], scratch.data(), n);
}

// Q of x = Q R [rows, columns], rows >= columns, by Householder's reflections, with the signs for which R has a
// positive diagonal: then Q of a normal x is distributed evenly (F. Mezzadri, "How to generate random matrices from the
// classical compact groups", 2007). Not LAPACK's, whose last bits depend on the processor and on the number of threads.
std::vector<double> orthonormal(double* x, Index rows, Index columns) {
  std::vector<std::vector<double>> vectors;
  std::vector<double> betas, signs, scratch(columns);
  for (Index k = 0; k < columns; ++k) {
    std::vector<double> v(rows - k);
    double squares = 0;
    for (Index i = k; i < rows; ++i) {
      v[i - k] = x[i * columns + k];
      squares += v[i - k] * v[i - k];
    }
    double length = std::sqrt(squares), head = v[0];
    v[0] += head < 0 ? -length : length;
    double beta = squares > 0 ? 1 / (length * (length + std::abs(head))) : 0;  // 2 / v'v
    reflect(v, beta, x, k, k + 1, rows, columns, scratch);
    vectors.push_back(std::move(v));
    betas.push_back(beta);
    signs.push_back(head < 0 ? 1 : -1);  // R[k, k] is -length if head >= 0
  }
  std::vector<double> q(rows * columns);
  for (Index k = columns - 1; k >= 0; --k) {
    q[k * columns + k] = 1;
    reflect(vectors[k], betas[k], q.data(), k, k, rows, columns, scratch);
  }
  for (Index i = 0; i < rows; ++i)
    for (Index k = 0; k < columns; ++k) q[i * columns + k] *= signs[k];
  return q;
}

}  // namespace

Initializer orthogonal_initializer(const OrthogonalOptions& o) {
  return {"orthogonal_initializer", [o](const Shape& shape, DType dtype) {
            constexpr std::string_view who = "orthogonal_initializer";
            if (shape.rank() < 2) raise<ValueError>(who, "shape is ", shape, ", expected rank 2 or more");
            Index width = shape[-1], height = shape.slice(0, shape.rank() - 1).size();
            Index rows = std::max(width, height), columns = std::min(width, height);
            Tensor result(TensorSpec{shape, dtype});
            dispatch_floating(who, dtype, [&](auto zero) {
              using T = decltype(zero);
              Tensor x = random_normal({rows, columns}, {.seed = o.seed}, float64);
              std::vector<double> q = orthonormal(x.mutable_data<double>(), rows, columns);
              T* y = result.mutable_data<T>();
              for (Index i = 0; i < rows; ++i)
                for (Index k = 0; k < columns; ++k)
                  y[height >= width ? i * columns + k : k * rows + i] = static_cast<T>(o.gain * q[i * columns + k]);
            });
            return result;
          }};
}

}  // namespace unroll
