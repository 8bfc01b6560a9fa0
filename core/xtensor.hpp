#pragma once
// The bridge to xtensor: tensors from any expression, and tensors seen as xtensor arrays, without copying.
#include <xtensor/xadapt.hpp>
#include <xtensor/xarray.hpp>

#include "unroll/core/tensor.hpp"

namespace unroll {

/// The elements as an xtensor array, for reading; valid as long as `tensor` lives. Throws TypeError unless T is the C++
/// type of its dtype.
template <Arithmetic T>
auto as_xtensor(const Tensor& tensor) {
  auto dims = tensor.shape().dims();
  return xt::adapt(tensor.data<T>(), static_cast<std::size_t>(tensor.size()), xt::no_ownership(),
                   xt::dynamic_shape<std::size_t>(dims.begin(), dims.end()));
}

/// The same for writing. The tensor's elements become its own first, as with mutable_data.
template <Arithmetic T>
auto as_xtensor(Tensor& tensor) {
  T* data = tensor.mutable_data<T>();
  auto dims = tensor.shape().dims();
  return xt::adapt(data, static_cast<std::size_t>(tensor.size()), xt::no_ownership(),
                   xt::dynamic_shape<std::size_t>(dims.begin(), dims.end()));
}

namespace detail {

template <class E>
requires std::is_base_of_v<xt::xexpression<E>, E>
struct TensorFrom<E> {
  static Tensor make(const E& expression) {
    using Value = std::remove_cvref_t<typename E::value_type>;
    auto dims = expression.shape();
    std::vector<Index> sizes(dims.begin(), dims.end());
    Tensor result(TensorSpec{Shape(std::span<const Index>(sizes)), dtype_of<Value>()});
    as_xtensor<Value>(result) = expression;
    return result;
  }
};

}  // namespace detail
}  // namespace unroll
