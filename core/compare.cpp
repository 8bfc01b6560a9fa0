#include <cmath>

#include "unroll/core/broadcast.hpp"
#include "unroll/core/tensor.hpp"

namespace unroll {

bool allclose(const Tensor& a, const Tensor& b, double rtol, double atol, bool equal_nan) {
  bool close = true;
  Shape shape = broadcast("allclose", a.shape(), b.shape());
  dispatch(a.dtype(), [&](auto first) {
    dispatch(b.dtype(), [&](auto second) {
      const auto* x = a.data<decltype(first)>();
      const auto* y = b.data<decltype(second)>();
      BroadcastRuns<2>(shape, {&a.shape(), &b.shape()})
          .for_each([&](const auto& offset, const auto& step, Index, Index n) {
            for (Index i = 0; i < n && close; ++i) {
              auto u = static_cast<double>(x[offset[0] + i * step[0]]);
              auto v = static_cast<double>(y[offset[1] + i * step[1]]);
              if (std::isnan(u) || std::isnan(v))
                close = equal_nan && std::isnan(u) && std::isnan(v);
              else  // an infinity is close to itself alone
                close =
                    u == v || (std::isfinite(u) && std::isfinite(v) && std::abs(u - v) <= atol + rtol * std::abs(v));
            }
          });
    });
  });
  return close;
}

}  // namespace unroll
