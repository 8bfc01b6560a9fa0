#pragma once
// Tensor: an array of numbers with a run-time dtype and shape.
#include <atomic>
#include <cstring>
#include <initializer_list>
#include <iosfwd>
#include <span>
#include <type_traits>
#include <vector>

#include "unroll/core/dtype.hpp"
#include "unroll/core/shape.hpp"

namespace unroll {

/// What is known of a tensor without its values.
struct TensorSpec {
  Shape shape;
  DType dtype = float32;
  friend bool operator==(const TensorSpec&, const TensorSpec&) = default;
};
std::ostream& operator<<(std::ostream& out, const TensorSpec& spec);

namespace detail {

/// Where a tensor stands in a recording; see autograd/log.hpp. Position 0: nowhere.
struct Position {
  std::uint64_t log = 0;
  std::uint32_t node = 0;
};

/// The shared part of a tensor. Its elements follow it in the same block, or belong to `base` if it is a view.
struct TensorImpl {
  std::atomic<std::uint32_t> references{1};
  std::uint8_t size_class = 0;
  DType dtype = float32;
  std::atomic<std::uint32_t> leaf{0};  // != 0: a variable or a watched tensor, by this number
  Position position;                   // the op that made it
  std::uint64_t symbol = 0;            // != 0: no elements, stands for a value in a trace (autograd/trace.hpp)
  TensorImpl* base = nullptr;
  std::byte* data = nullptr;
  Shape shape;
};

void destroy(TensorImpl* impl) noexcept;

/// Specialised by the bridge to xtensor: how a Tensor is made from an expression of type E.
template <class E>
struct TensorFrom {};

}  // namespace detail

template <class T>
concept Arithmetic = std::is_arithmetic_v<T>;

/// Row-major, contiguous, aligned to 64 bytes (a view: to its element). A Tensor is a reference-counted value: a copy
/// costs nothing and shares the elements, and a write through one handle (`mutable_data`, `set`) first makes that
/// handle's elements its own, so no other handle ever sees it. A default-constructed Tensor is null: it stands for "no
/// tensor" (None), and whatever needs its elements throws ValueError.
class Tensor {
 public:
  Tensor() = default;
  /// Elements are uninitialised.
  explicit Tensor(const TensorSpec& spec);
  /// Rank 0, from a number of C++: `Tensor(1.5f)` is float32, `Tensor(2)` is int32.
  template <Arithmetic T>
  explicit Tensor(T value) : Tensor(TensorSpec{Shape(), dtype_of<T>()}) {
    *data_as<T>() = value;
  }
  template <Arithmetic T>
  Tensor(T value, DType dtype) : Tensor(Tensor(value), dtype) {}
  /// From nested lists, up to rank 4: `Tensor{{1.f, 2.f}, {3.f, 4.f}}`; `Tensor({{1, 2}, {3, 4}}, float32)` converts.
  /// Throws ValueError if the lists are not of equal length.
  template <Arithmetic T>
  Tensor(std::initializer_list<T> values);
  template <Arithmetic T>
  Tensor(std::initializer_list<std::initializer_list<T>> values);
  template <Arithmetic T>
  Tensor(std::initializer_list<std::initializer_list<std::initializer_list<T>>> values);
  template <Arithmetic T>
  Tensor(std::initializer_list<std::initializer_list<std::initializer_list<std::initializer_list<T>>>> values);
  template <Arithmetic T>
  Tensor(std::initializer_list<T> values, DType dtype) : Tensor(Tensor(values), dtype) {}
  template <Arithmetic T>
  Tensor(std::initializer_list<std::initializer_list<T>> values, DType dtype) : Tensor(Tensor(values), dtype) {}
  template <Arithmetic T>
  Tensor(std::initializer_list<std::initializer_list<std::initializer_list<T>>> values, DType dtype)
      : Tensor(Tensor(values), dtype) {}
  /// From elements in row-major order. Throws ValueError unless there are shape.size() of them.
  template <Arithmetic T>
  Tensor(const Shape& shape, std::span<const T> values);
  template <Arithmetic T>
  Tensor(const Shape& shape, const std::vector<T>& values);
  template <Arithmetic T>
  Tensor(const Shape& shape, std::initializer_list<T> values)
      : Tensor(shape, std::span<const T>(values.begin(), values.size())) {}
  /// A copy in another dtype, as `cast` does.
  Tensor(const Tensor& values, DType dtype);
  /// From any xtensor expression; include unroll/core/xtensor.hpp.
  template <class E>
  requires requires(const E& e) { detail::TensorFrom<E>::make(e); }
  Tensor(const E& expression) : Tensor(detail::TensorFrom<E>::make(expression)) {}  // NOLINT

  Tensor(const Tensor& other) noexcept : impl_(other.impl_) {
    if (impl_) impl_->references.fetch_add(1, std::memory_order_relaxed);
  }
  Tensor(Tensor&& other) noexcept : impl_(other.impl_) { other.impl_ = nullptr; }
  Tensor& operator=(const Tensor& other) noexcept { return *this = Tensor(other); }
  Tensor& operator=(Tensor&& other) noexcept {
    std::swap(impl_, other.impl_);
    other.reset();
    return *this;
  }
  ~Tensor() { reset(); }
  /// Becomes null.
  void reset() noexcept {
    if (impl_ && impl_->references.fetch_sub(1, std::memory_order_acq_rel) == 1) detail::destroy(impl_);
    impl_ = nullptr;
  }

  /// False for a null tensor.
  bool defined() const { return impl_ != nullptr; }
  explicit operator bool() const { return defined(); }

  const Shape& shape() const { return impl().shape; }
  Index shape(int axis) const { return impl().shape[axis]; }
  int rank() const { return impl().shape.rank(); }
  Index size() const { return impl().shape.size(); }
  DType dtype() const { return impl().dtype; }
  TensorSpec spec() const { return {shape(), dtype()}; }
  std::size_t bytes() const { return static_cast<std::size_t>(size()) * size_of(dtype()); }

  /// The elements. Throws TypeError unless T is the C++ type of dtype().
  template <Arithmetic T>
  const T* data() const {
    check_type(dtype_of<T>());
    return data_as<T>();
  }
  template <Arithmetic T>
  std::span<const T> values() const& {
    return {data<T>(), static_cast<std::size_t>(size())};
  }
  /// A temporary's elements would be gone before a loop over them begins.
  template <Arithmetic T>
  std::span<const T> values() const&& = delete;
  /// The elements, to write to. Copies them first if another handle shares them.
  template <Arithmetic T>
  T* mutable_data() {
    check_type(dtype_of<T>());
    make_unique();
    return data_as<T>();
  }
  /// One element. Throws IndexError outside of the shape; negative indices count from the end.
  template <Arithmetic T>
  T at(std::initializer_list<Index> index) const {
    return data<T>()[offset(index)];
  }
  template <Arithmetic T>
  void set(std::initializer_list<Index> index, T value) {
    Index k = offset(index);
    mutable_data<T>()[k] = value;
  }
  /// The only element of a tensor of size 1, converted to T. Throws ValueError for another size.
  template <Arithmetic T>
  T item() const {
    check_single();
    check_concrete();
    return dispatch(dtype(), [&](auto zero) { return convert<T>(*data_as<decltype(zero)>()); });
  }

  /// Elements first .. last-1 along the first axis, sharing them. This is the bare view: an op on the tape is
  /// `slice_rows`. Throws IndexError outside, ValueError for rank 0.
  Tensor rows_view(Index first, Index last) const;
  /// The same elements under another shape, sharing them; the op is `reshape`. Throws ValueError if sizes differ.
  Tensor reshaped_view(const Shape& shape) const;
  /// A copy that shares nothing.
  Tensor clone() const;

  /// Whether both are handles of the very same tensor.
  bool is_same(const Tensor& other) const { return impl_ == other.impl_; }
  /// Whether nobody else can see the elements.
  bool is_unique() const;
  const std::byte* raw() const {
    check_concrete();
    return impl_->data;
  }
  std::byte* mutable_raw() {
    make_unique();
    return impl_->data;
  }
  /// For traces only: a tensor without elements. Whatever asks for its elements throws SymbolicTensorError.
  static Tensor symbolic(const TensorSpec& spec, std::uint64_t symbol);
  /// For executors only: a tensor whose elements lie at `data`, which outlives it and is written to through it.
  static Tensor borrowed(const TensorSpec& spec, std::byte* data);
  bool is_symbolic() const { return impl_ && impl_->symbol != 0; }
  /// For the recording only.
  detail::TensorImpl& impl() const {
    if (!impl_) null_error();
    return *impl_;
  }

 private:
  template <class T>
  T* data_as() const {
    return reinterpret_cast<T*>(impl_->data);
  }
  void check_type(DType expected) const {
    if (dtype() != expected || !impl_->data) access_error(expected);
  }
  [[noreturn]] static void null_error();
  [[noreturn]] void access_error(DType expected) const;
  void check_concrete() const {
    if (!impl().data) access_error(dtype());
  }
  void make_unique();
  Index offset(std::initializer_list<Index> index) const;
  void check_single() const;

  detail::TensorImpl* impl_ = nullptr;
};

/// NumPy's layout: "[[1. 2.]\n [3. 4.]]"; of large tensors (over 1,000 elements) the first and last three along each
/// axis. A null tensor prints as "None".
std::ostream& operator<<(std::ostream& out, const Tensor& tensor);
std::string to_string(const Tensor& tensor);

/// Same shape, dtype and elements; NaN equals nothing, as in NumPy. Null equals only null.
bool array_equal(const Tensor& a, const Tensor& b);
/// Same shape, dtype and bits: NaN equals the same NaN, and 0 differs from -0.
bool bit_equal(const Tensor& a, const Tensor& b);
/// |a - b| <= atol + rtol * |b| for all elements, a and b broadcast together. NaNs are equal only if `equal_nan`.
bool allclose(const Tensor& a, const Tensor& b, double rtol = 1e-5, double atol = 1e-8, bool equal_nan = false);

}  // namespace unroll

#include "unroll/core/tensor_lists.hpp"  // IWYU pragma: export
