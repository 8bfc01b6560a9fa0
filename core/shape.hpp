#pragma once
// Shape: the dimensions of a tensor.
#include <array>
#include <cstdint>
#include <initializer_list>
#include <iosfwd>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace unroll {

using Index = std::int64_t;

/// `axis` in 0 .. rank-1; negative counts from the end. Throws IndexError outside, in the name of `who`.
int normalize_axis(std::string_view who, Index axis, int rank);

/// Dimensions of a tensor, outermost first. At most `max_rank` of them, none negative, their product 2^62 at most.
/// TensorFlow's `TensorShape`. A single integer converts to a shape of rank 1, so `state_size` may return `units`.
class Shape {
 public:
  static constexpr int max_rank = 8;

  /// Rank 0, one element.
  Shape() = default;
  /// Throws ValueError for a negative dimension or too many of them, ResourceExhaustedError if the product overflows.
  Shape(std::initializer_list<Index> dims) : Shape(std::span(dims.begin(), dims.size())) {}
  explicit Shape(std::span<const Index> dims);
  Shape(Index dim) : Shape({dim}) {}  // NOLINT(google-explicit-constructor)

  int rank() const { return rank_; }
  /// Number of elements; 1 for rank 0.
  Index size() const { return size_; }
  /// Dimension `axis`; negative axes count from the end. Throws IndexError outside.
  Index operator[](int axis) const { return dims_[normalize_axis(axis)]; }
  std::span<const Index> dims() const { return {dims_.data(), static_cast<std::size_t>(rank_)}; }
  const Index* begin() const { return dims_.data(); }
  const Index* end() const { return dims_.data() + rank_; }

  /// `axis` in 0 .. rank-1; negative counts from the end. Throws IndexError outside.
  int normalize_axis(int axis) const {
    if (axis < -rank_ || axis >= rank_) bad_axis(axis);
    return axis < 0 ? axis + rank_ : axis;
  }
  /// The same shape with dimension `axis` replaced by, removed, or with `dim` inserted before it (axis may be rank).
  Shape with(int axis, Index dim) const;
  Shape without(int axis) const;
  Shape insert(int axis, Index dim) const;
  /// Dimensions from, from+1, ... up to but without `to`; none if from >= to. Throws IndexError for from < 0.
  Shape slice(int from, int to = max_rank) const;
  /// This shape followed by another.
  Shape operator+(const Shape& tail) const;

  friend bool operator==(const Shape& a, const Shape& b) {
    if (a.rank_ != b.rank_) return false;
    for (int k = 0; k < a.rank_; ++k)
      if (a.dims_[k] != b.dims_[k]) return false;
    return true;
  }

 private:
  [[noreturn]] void bad_axis(int axis) const;

  std::array<Index, max_rank> dims_{};  // the first rank_ count
  Index size_ = 1;
  int rank_ = 0;
};

/// Integers given to a function for the time of the call: in braces, or as a vector, a span or a Shape.
class IndexList : public std::span<const Index> {
 public:
  IndexList(std::initializer_list<Index> list) : span(list.begin(), list.size()) {}
  IndexList(const std::vector<Index>& list) : span(list) {}  // NOLINT(google-explicit-constructor)
  IndexList(std::span<const Index> list) : span(list) {}     // NOLINT(google-explicit-constructor)
  IndexList(const Shape& shape) : span(shape.dims()) {}      // NOLINT(google-explicit-constructor)
};

/// "(2, 3)", "(4,)", "()" as Python prints a tuple.
std::string to_string(const Shape& shape);
std::ostream& operator<<(std::ostream& out, const Shape& shape);

/// NumPy's rule: shapes are aligned at their last dimension, and dimensions of 1 stretch. Throws ValueError in the name
/// of `who` when two dimensions differ and neither is 1.
Shape broadcast(std::string_view who, const Shape& a, const Shape& b);
/// Whether `from` can be broadcast to exactly `to`.
bool broadcasts_to(const Shape& from, const Shape& to);

}  // namespace unroll

/// As a range a Shape has rank() numbers; its size() counts elements.
template <>
inline constexpr bool std::ranges::disable_sized_range<unroll::Shape> = true;
