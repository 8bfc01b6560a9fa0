#include "unroll/core/strided.hpp"

#include <algorithm>

#include "unroll/core/kernels/accumulate.hpp"

namespace unroll {
namespace {

// The pattern beside a contiguous block, dimensions that can be walked as one merged; innermost last.
struct Loops {
  std::array<Index, Shape::max_rank> dims{}, strides{}, block{};
  int rank = 0;

  explicit Loops(const StridedPattern& p) {
    for (int axis = 0; axis < p.shape.rank(); ++axis) {
      Index dim = p.shape.begin()[axis];
      if (dim == 1) continue;
      if (rank > 0 && strides[rank - 1] == p.strides[axis] * dim) {
        dims[rank - 1] *= dim;
        strides[rank - 1] = p.strides[axis];
      } else {
        dims[rank] = dim;
        strides[rank++] = p.strides[axis];
      }
    }
    Index step = 1;
    for (int k = rank - 1; k >= 0; --k) {
      block[k] = step;
      step *= dims[k];
    }
  }
};

// Calls f(place, at, count, stride) for runs of places, in row-major order of the block.
template <class F>
void for_each_run(const StridedPattern& p, F&& f) {
  if (p.shape.size() == 0) return;
  Loops loops(p);
  if (loops.rank == 0) return f(p.offset, Index{0}, Index{1}, Index{1});
  int inner = loops.rank - 1;
  std::array<Index, Shape::max_rank> count{};
  Index place = p.offset;
  for (Index at = 0;; at += loops.dims[inner]) {
    f(place, at, loops.dims[inner], loops.strides[inner]);
    int k = inner - 1;
    for (; k >= 0; --k) {
      place += loops.strides[k];
      if (++count[k] < loops.dims[k]) break;
      place -= loops.strides[k] * loops.dims[k];
      count[k] = 0;
    }
    if (k < 0) return;
  }
}

// A matrix transpose in blocks that stay in the first-level cache. True if the pattern is one.
template <class T>
bool gather_transposed(const T* source, const StridedPattern& p, T* block) {
  Loops loops(p);
  if (loops.rank != 2 || loops.strides[0] != 1) return false;
  constexpr Index tile = 16;
  Index rows = loops.dims[0], columns = loops.dims[1], stride = loops.strides[1];
  source += p.offset;
  for (Index i = 0; i < rows; i += tile)
    for (Index j = 0; j < columns; j += tile)
      for (Index r = i; r < std::min(i + tile, rows); ++r)
        for (Index c = j; c < std::min(j + tile, columns); ++c) block[r * columns + c] = source[r + c * stride];
  return true;
}

// Values are moved, not computed with, so one C++ type serves for each size.
template <class F>
void by_size(DType dtype, F&& f) {
  if (size_of(dtype) == 1)
    f(std::uint8_t{});
  else if (size_of(dtype) == 4)
    f(std::uint32_t{});
  else
    f(std::uint64_t{});
}

}  // namespace

StridedPattern contiguous_pattern(const Shape& shape) {
  StridedPattern p{shape};
  Index step = 1;
  for (int axis = shape.rank() - 1; axis >= 0; --axis) {
    p.strides[axis] = step;
    step *= shape.begin()[axis];
  }
  return p;
}

void gather_strided(const Tensor& source, const StridedPattern& pattern, Tensor& block) {
  by_size(source.dtype(), [&](auto unit) {
    using T = decltype(unit);
    const T* x = reinterpret_cast<const T*>(source.raw());
    T* y = reinterpret_cast<T*>(block.mutable_raw());
    if (gather_transposed(x, pattern, y)) return;
    for_each_run(pattern, [&](Index place, Index at, Index n, Index stride) {
      if (stride == 1)
        std::copy_n(x + place, n, y + at);
      else if (stride == 0)
        std::fill_n(y + at, n, x[place]);
      else
        for (Index i = 0; i < n; ++i) y[at + i] = x[place + i * stride];
    });
  });
}

void scatter_strided(const Tensor& block, const StridedPattern& pattern, Tensor& target) {
  by_size(block.dtype(), [&](auto unit) {
    using T = decltype(unit);
    const T* x = reinterpret_cast<const T*>(block.raw());
    T* y = reinterpret_cast<T*>(target.mutable_raw());
    for_each_run(pattern, [&](Index place, Index at, Index n, Index stride) {
      if (stride == 1)
        std::copy_n(x + at, n, y + place);
      else
        for (Index i = 0; i < n; ++i) y[place + i * stride] = x[at + i];
    });
  });
}

void add_strided(const Tensor& block, const StridedPattern& pattern, Tensor& target) {
  dispatch_floating("add_strided", block.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T* x = block.data<T>();
    T* y = target.mutable_data<T>();
    for_each_run(pattern, [&](Index place, Index at, Index n, Index stride) {
      if (stride == 1)
        kernels::add_to(y + place, x + at, n);
      else
        for (Index i = 0; i < n; ++i) y[place + i * stride] += x[at + i];
    });
  });
}

}  // namespace unroll
