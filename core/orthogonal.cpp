#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "unroll/core/initializers.hpp"
#include "unroll/core/random.hpp"

namespace unroll {
namespace {

// Some columns of a matrix side by side: they are reflected together, and fit into a cache.
constexpr Index width = 8;
using Panel = std::vector<std::array<double, width>>;

// I - beta v v', v beginning at row `first`. `sign` makes the diagonal of R positive.
struct Reflector {
  Index first;
  std::vector<double> v;
  double beta, sign;

  // The one that leaves nothing below row `first` of x's column.
  Reflector(const Panel& x, Index column, Index first) : first(first) {
    double squares = 0;
    for (std::size_t i = first; i < x.size(); ++i) {
      v.push_back(x[i][column]);
      squares += v.back() * v.back();
    }
    double length = std::sqrt(squares), head = v[0];
    v[0] += head < 0 ? -length : length;
    beta = squares > 0 ? 1 / (length * (length + std::abs(head))) : 0;  // 2 / v'v
    sign = head < 0 ? 1 : -1;                                           // of R's diagonal, whose size is `length`
  }

  void apply(Panel& x) const {
    std::array<double, width> products{};
    for (std::size_t i = 0; i < v.size(); ++i)
      for (Index k = 0; k < width; ++k) products[k] += v[i] * x[first + i][k];
    for (double& product : products) product *= beta;
    for (std::size_t i = 0; i < v.size(); ++i)
      for (Index k = 0; k < width; ++k) x[first + i][k] -= v[i] * products[k];
  }
};

// Q of x = Q R for x [rows, columns], rows >= columns, by Householder's reflections, with the signs for which R has a
// positive diagonal: then Q of a normal x is distributed evenly (F. Mezzadri, "How to generate random matrices from the
// classical compact groups", 2007). Not LAPACK's, whose last bits depend on the processor and on the number of threads.
void orthonormalise(double* x, Index rows, Index columns) {
  std::vector<Reflector> reflectors;
  Panel panel(rows);
  for (Index start = 0; start < columns; start += width) {
    Index count = std::min(width, columns - start);
    for (Index i = 0; i < rows; ++i) std::copy_n(x + i * columns + start, count, panel[i].begin());
    for (const Reflector& reflector : reflectors) reflector.apply(panel);
    for (Index k = 0; k < count; ++k) reflectors.emplace_back(panel, k, start + k).apply(panel);
  }
  for (Index start = 0; start < columns; start += width) {
    Index end = std::min(start + width, columns);
    std::fill(panel.begin(), panel.end(), std::array<double, width>{});
    for (Index k = start; k < end; ++k) panel[k][k - start] = reflectors[k].sign;
    for (Index k = end - 1; k >= 0; --k) reflectors[k].apply(panel);  // later ones leave these columns alone
    for (Index i = 0; i < rows; ++i) std::copy_n(panel[i].begin(), end - start, x + i * columns + start);
  }
}

}  // namespace

Initializer orthogonal_initializer(const OrthogonalOptions& o) {
  return {"orthogonal_initializer", [o](const Shape& shape, DType dtype) {
            constexpr std::string_view who = "orthogonal_initializer";
            if (shape.rank() < 2) raise<ValueError>(who, "shape is ", shape, ", expected rank 2 or more");
            Index last = shape[-1], others = shape.slice(0, shape.rank() - 1).size();
            Index rows = std::max(last, others), columns = std::min(last, others);
            Tensor result(TensorSpec{shape, dtype});
            dispatch_floating(who, dtype, [&](auto zero) {
              using T = decltype(zero);
              Tensor x = random_normal({rows, columns}, {.seed = o.seed}, float64);
              double* q = x.mutable_data<double>();
              orthonormalise(q, rows, columns);
              T* y = result.mutable_data<T>();
              for (Index i = 0; i < rows; ++i)
                for (Index k = 0; k < columns; ++k)
                  y[others >= last ? i * columns + k : k * rows + i] = static_cast<T>(o.gain * q[i * columns + k]);
            });
            return result;
          }};
}

}  // namespace unroll
