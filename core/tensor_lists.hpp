#pragma once
// Tensors from nested initialiser lists and from vectors.
#include <algorithm>

#include "unroll/core/tensor.hpp"

namespace unroll {
namespace detail {

template <class T>
struct ListOf {
  static constexpr int depth = 0;
};
template <class T>
struct ListOf<std::initializer_list<T>> {
  static constexpr int depth = ListOf<T>::depth + 1;
};

template <class List>
void list_shape(const List& list, Index* dims) {
  if constexpr (ListOf<List>::depth > 0) {
    *dims = static_cast<Index>(list.size());
    if constexpr (ListOf<List>::depth > 1) {
      if (list.size()) list_shape(*list.begin(), dims + 1);
    }
  }
}

template <class T, class List>
T* list_values(const List& list, const Index* dims, T* out) {
  if constexpr (ListOf<List>::depth == 0) {
    *out++ = list;
  } else {
    if (static_cast<Index>(list.size()) != *dims)
      raise<ValueError>("Tensor", "nested lists differ in length: ", list.size(), " and ", *dims);
    for (const auto& item : list) out = list_values(item, dims + 1, out);
  }
  return out;
}

template <class T, class List>
Tensor from_lists(const List& list) {
  std::array<Index, ListOf<List>::depth> dims{};
  list_shape(list, dims.data());
  Tensor result(TensorSpec{Shape(std::span<const Index>(dims)), dtype_of<T>()});
  list_values(list, dims.data(), result.mutable_data<T>());
  return result;
}

}  // namespace detail

template <Arithmetic T>
Tensor::Tensor(std::initializer_list<T> values) : Tensor(detail::from_lists<T>(values)) {}
template <Arithmetic T>
Tensor::Tensor(std::initializer_list<std::initializer_list<T>> values) : Tensor(detail::from_lists<T>(values)) {}
template <Arithmetic T>
Tensor::Tensor(std::initializer_list<std::initializer_list<std::initializer_list<T>>> values)
    : Tensor(detail::from_lists<T>(values)) {}
template <Arithmetic T>
Tensor::Tensor(std::initializer_list<std::initializer_list<std::initializer_list<std::initializer_list<T>>>> values)
    : Tensor(detail::from_lists<T>(values)) {}

template <Arithmetic T>
Tensor::Tensor(const Shape& shape, std::span<const T> values) : Tensor(TensorSpec{shape, dtype_of<T>()}) {
  if (static_cast<Index>(values.size()) != shape.size())
    raise<ValueError>("Tensor", values.size(), " values given for shape ", to_string(shape), ", expected ",
                      shape.size());
  std::copy(values.begin(), values.end(), data_as<T>());
}
template <Arithmetic T>
Tensor::Tensor(const Shape& shape, const std::vector<T>& values) : Tensor(TensorSpec{shape, dtype_of<T>()}) {
  if (static_cast<Index>(values.size()) != shape.size())
    raise<ValueError>("Tensor", values.size(), " values given for shape ", to_string(shape), ", expected ",
                      shape.size());
  std::copy(values.begin(), values.end(), data_as<T>());  // not a span: vector<bool> has none
}

}  // namespace unroll
