#include "unroll/core/tensor.hpp"

#include <cmath>
#include <new>
#include <ostream>

#include "unroll/core/memory.hpp"

namespace unroll {
namespace {
constexpr std::size_t header = (sizeof(detail::TensorImpl) + 63) / 64 * 64;

detail::TensorImpl* make_impl(const Shape& shape, DType dtype, std::size_t bytes) {
  std::uint8_t size_class;
  auto* impl = new (allocate_block(header + bytes, size_class)) detail::TensorImpl;
  impl->size_class = size_class;
  impl->dtype = dtype;
  impl->shape = shape;
  return impl;
}
}  // namespace

void detail::destroy(TensorImpl* impl) noexcept {
  // A view has an owner that is no view: two rounds at most.
  while (impl) {
    TensorImpl* base = impl->base;
    release_block(impl, impl->size_class);
    impl = base && base->references.fetch_sub(1, std::memory_order_acq_rel) == 1 ? base : nullptr;
  }
}

std::ostream& operator<<(std::ostream& out, const TensorSpec& spec) { return out << spec.dtype << spec.shape; }

Tensor::Tensor(const TensorSpec& spec) {
  if (spec.shape.size() > (Index{1} << 45))
    raise<ResourceExhaustedError>("Tensor", "shape ", spec.shape, " is too large");
  impl_ = make_impl(spec.shape, spec.dtype, static_cast<std::size_t>(spec.shape.size()) * size_of(spec.dtype));
  impl_->data = reinterpret_cast<std::byte*>(impl_) + header;
}

Tensor Tensor::symbolic(const TensorSpec& spec, std::uint64_t symbol) {
  Tensor tensor;
  tensor.impl_ = make_impl(spec.shape, spec.dtype, 0);
  tensor.impl_->symbol = symbol;
  return tensor;
}

Tensor Tensor::borrowed(const TensorSpec& spec, std::byte* data) {
  Tensor tensor;
  tensor.impl_ = make_impl(spec.shape, spec.dtype, 0);
  tensor.impl_->data = data;
  return tensor;
}

Tensor::Tensor(const Tensor& values, DType dtype) : Tensor(TensorSpec{values.shape(), dtype}) {
  values.check_concrete();
  dispatch(values.dtype(), [&](auto from) {
    dispatch(dtype, [&](auto to) {
      using To = decltype(to);
      const auto* x = values.data_as<decltype(from)>();
      std::transform(x, x + size(), data_as<To>(), [](auto v) { return convert<To>(v); });
    });
  });
}

void Tensor::null_error() { raise<ValueError>("Tensor", "expected a tensor, got None (a null Tensor)"); }

void Tensor::access_error(DType expected) const {
  if (!impl_->data)
    raise<SymbolicTensorError>("Tensor", "the elements of a tensor ", spec(),
                               " are asked for while a step is traced: there are none yet");
  raise<TypeError>("Tensor", "its elements are ", name(dtype()), ", not ", name(expected));
}

bool Tensor::is_unique() const {
  const auto& i = impl();
  return i.references.load(std::memory_order_acquire) == 1 &&
         (!i.base || i.base->references.load(std::memory_order_acquire) == 1);
}

void Tensor::make_unique() {
  check_concrete();
  if (!is_unique()) *this = clone();
  impl_->position = {};
}

Tensor Tensor::clone() const {
  check_concrete();
  Tensor copy(spec());
  if (size()) std::memcpy(copy.impl_->data, impl_->data, bytes());
  return copy;
}

Index Tensor::offset(std::initializer_list<Index> index) const {
  if (static_cast<int>(index.size()) != rank())
    raise<IndexError>("Tensor", index.size(), " indices given for shape ", shape());
  Index flat = 0;
  int axis = 0;
  for (Index i : index) {
    Index dim = shape(axis++);
    if (i < -dim || i >= dim)
      raise<IndexError>("Tensor", "index ", i, " is out of range for axis ", axis - 1, " of shape ", shape());
    flat = flat * dim + (i < 0 ? i + dim : i);
  }
  return flat;
}

void Tensor::check_single() const {
  if (size() != 1) raise<ValueError>("Tensor", "item() needs one element, the shape is ", shape());
}

Tensor Tensor::rows_view(Index first, Index last) const {
  if (rank() == 0) raise<ValueError>("Tensor", "a tensor of rank 0 has no rows");
  if (first < 0 || last < first || last > shape(0))
    raise<IndexError>("Tensor", "rows ", first, " to ", last, " are out of range for shape ", shape());
  Tensor view = reshaped_view(shape());
  view.impl_->shape = shape().with(0, last - first);
  Index row = shape(0) ? size() / shape(0) : 0;
  view.impl_->data += static_cast<std::size_t>(first * row) * size_of(dtype());
  return view;
}

Tensor Tensor::reshaped_view(const Shape& shape) const {
  if (shape.size() != size())
    raise<ValueError>("Tensor", "shape ", this->shape(), " cannot be reshaped to ", shape, ": the sizes differ");
  check_concrete();
  Tensor view;
  view.impl_ = make_impl(shape, dtype(), 0);
  view.impl_->base = impl_->base ? impl_->base : impl_;
  view.impl_->base->references.fetch_add(1, std::memory_order_relaxed);
  view.impl_->data = impl_->data;
  return view;
}

bool bit_equal(const Tensor& a, const Tensor& b) {
  if (!a || !b) return !a && !b;
  return a.spec() == b.spec() && (a.size() == 0 || std::memcmp(a.raw(), b.raw(), a.bytes()) == 0);
}

bool array_equal(const Tensor& a, const Tensor& b) {
  if (!a || !b) return !a && !b;
  return a.spec() == b.spec() && dispatch(a.dtype(), [&](auto zero) {
           auto x = a.values<decltype(zero)>(), y = b.values<decltype(zero)>();
           return std::equal(x.begin(), x.end(), y.begin());
         });
}

}  // namespace unroll
