#include "unroll/core/shape.hpp"

#include <algorithm>
#include <sstream>

#include "unroll/core/errors.hpp"

namespace unroll {
namespace {
constexpr Index max_size = Index{1} << 62;

std::string list(std::span<const Index> dims) {
  std::ostringstream out;
  out << '(';
  for (std::size_t k = 0; k < dims.size(); ++k) out << (k ? ", " : "") << dims[k];
  out << (dims.size() == 1 ? ",)" : ")");
  return out.str();
}
}  // namespace

Shape::Shape(std::span<const Index> dims) : rank_(static_cast<int>(dims.size())) {
  if (dims.size() > max_rank)
    raise<ValueError>("Shape", "rank is ", dims.size(), ", expected at most ", static_cast<int>(max_rank));
  bool empty = false;
  for (int k = 0; k < rank_; ++k) {
    if (dims[k] < 0) raise<ValueError>("Shape", list(dims), " has a negative dimension");
    dims_[k] = dims[k];
    empty |= dims[k] == 0;
  }
  for (int k = 0; k < rank_; ++k) {
    if (dims[k] != 0 && size_ > max_size / dims[k])
      raise<ResourceExhaustedError>("Shape", list(dims), " has more elements than can be counted");
    if (dims[k] != 0) size_ *= dims[k];
  }
  if (empty) size_ = 0;
}

int normalize_axis(std::string_view who, Index axis, int rank) {
  if (axis < -rank || axis >= rank) raise<IndexError>(who, "axis ", axis, " is out of range for rank ", rank);
  return static_cast<int>(axis < 0 ? axis + rank : axis);
}

void Shape::bad_axis(int axis) const {
  raise<IndexError>("Shape", "axis ", axis, " is out of range for shape ", list(dims()), " of rank ", rank_);
}

Shape Shape::with(int axis, Index dim) const {
  std::array<Index, max_rank> d = dims_;
  d[normalize_axis(axis)] = dim;
  return Shape(std::span(d.data(), rank_));
}

Shape Shape::without(int axis) const {
  std::array<Index, max_rank> d = dims_;
  axis = normalize_axis(axis);
  std::copy(d.begin() + axis + 1, d.begin() + rank_, d.begin() + axis);
  return Shape(std::span(d.data(), rank_ - 1));
}

Shape Shape::insert(int axis, Index dim) const {
  if (axis < -rank_ - 1 || axis > rank_) bad_axis(axis);
  if (axis < 0) axis += rank_ + 1;
  std::array<Index, max_rank + 1> d;
  std::copy(begin(), begin() + axis, d.begin());
  d[axis] = dim;
  std::copy(begin() + axis, end(), d.begin() + axis + 1);
  return Shape(std::span(d.data(), rank_ + 1));
}

Shape Shape::slice(int from, int to) const {
  if (from < 0) bad_axis(from);
  to = std::min(to, rank_);
  return from >= to ? Shape() : Shape(dims().subspan(from, to - from));
}

Shape Shape::operator+(const Shape& tail) const {
  std::array<Index, 2 * max_rank> d;
  std::copy(tail.begin(), tail.end(), std::copy(begin(), end(), d.begin()));
  return Shape(std::span(d.data(), rank_ + tail.rank_));
}

std::string to_string(const Shape& shape) { return list(shape.dims()); }
std::ostream& operator<<(std::ostream& out, const Shape& shape) { return out << to_string(shape); }

Shape broadcast(std::string_view who, const Shape& a, const Shape& b) {
  if (a == b) return a;
  const Shape& longer = a.rank() >= b.rank() ? a : b;
  const Shape& shorter = a.rank() >= b.rank() ? b : a;
  std::array<Index, Shape::max_rank> d;
  std::copy(longer.begin(), longer.end(), d.begin());
  int offset = longer.rank() - shorter.rank();
  for (int k = 0; k < shorter.rank(); ++k) {
    Index& dim = d[offset + k];
    Index other = shorter.begin()[k];
    if (dim == 1)
      dim = other;
    else if (other != 1 && other != dim)
      raise<ValueError>(who, "shapes ", a, " and ", b, " cannot be broadcast together");
  }
  return Shape(std::span(d.data(), longer.rank()));
}

bool broadcasts_to(const Shape& from, const Shape& to) {
  int offset = to.rank() - from.rank();
  if (offset < 0) return false;
  for (int k = 0; k < from.rank(); ++k)
    if (from.begin()[k] != 1 && from.begin()[k] != to.begin()[offset + k]) return false;
  return true;
}

}  // namespace unroll
