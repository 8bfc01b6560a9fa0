#include "unroll/core/creation.hpp"

#include <cmath>
#include <cstring>

namespace unroll {

Tensor zeros(const Shape& shape, DType dtype) {
  Tensor result(TensorSpec{shape, dtype});
  if (result.size()) std::memset(result.mutable_raw(), 0, result.bytes());
  return result;
}

Tensor ones(const Shape& shape, DType dtype) { return full(shape, 1, dtype); }

Tensor full(const Shape& shape, double value, DType dtype) {
  Tensor result(TensorSpec{shape, dtype});
  dispatch(dtype, [&](auto zero) {
    using T = decltype(zero);
    std::fill_n(result.mutable_data<T>(), result.size(), convert<T>(value));
  });
  return result;
}

Tensor zeros_like(const Tensor& tensor) { return zeros(tensor.shape(), tensor.dtype()); }
Tensor ones_like(const Tensor& tensor) { return ones(tensor.shape(), tensor.dtype()); }

Tensor arange(double start, double stop, double step, DType dtype) {
  if (step == 0 || !std::isfinite(start) || !std::isfinite(stop) || !std::isfinite(step))
    raise<ValueError>("arange", "start ", start, ", stop ", stop, " and step ", step,
                      " must be finite and the step not 0");
  double count = std::max(0.0, std::ceil((stop - start) / step));
  if (count > 1e15) raise<ResourceExhaustedError>("arange", count, " elements are too many");
  Tensor result(TensorSpec{Shape(static_cast<Index>(count)), dtype});
  dispatch_number("arange", dtype, [&](auto zero) {
    using T = decltype(zero);
    T* y = result.mutable_data<T>();
    for (Index k = 0; k < result.size(); ++k) y[k] = convert<T>(start + static_cast<double>(k) * step);
  });
  return result;
}

Tensor linspace(double start, double stop, Index count, DType dtype) {
  Tensor result(TensorSpec{Shape(count), dtype});
  double step = count > 1 ? (stop - start) / static_cast<double>(count - 1) : 0;
  dispatch_floating("linspace", dtype, [&](auto zero) {
    using T = decltype(zero);
    T* y = result.mutable_data<T>();
    for (Index k = 0; k < count; ++k)
      y[k] = static_cast<T>(k == count - 1 && k > 0 ? stop : start + static_cast<double>(k) * step);
  });
  return result;
}

Tensor eye(Index rows, Index columns, DType dtype) {
  if (columns == -1) columns = rows;
  Tensor result = zeros({rows, columns}, dtype);
  dispatch(dtype, [&](auto zero) {
    using T = decltype(zero);
    T* y = result.mutable_data<T>();
    for (Index k = 0; k < std::min(rows, columns); ++k) y[k * columns + k] = T{1};
  });
  return result;
}

}  // namespace unroll
