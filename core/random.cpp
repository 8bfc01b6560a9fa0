#include "unroll/core/random.hpp"

#include <cmath>
#include <limits>
#include <numbers>

#include "unroll/core/philox.hpp"

namespace unroll {
namespace {

constexpr std::uint64_t max_position = std::uint64_t{1} << 48;

// Redraws of an element's words are numbered in the upper bits of the block number, which positions leave free.
std::array<std::uint64_t, 2> words(const RandomStream& s, std::uint64_t block, std::uint64_t attempt = 0) {
  auto w = philox_block(s.seed, s.stream, block | attempt << 48);
  return {w[0] | std::uint64_t{w[1]} << 32, w[2] | std::uint64_t{w[3]} << 32};
}

template <class T>
T unit(std::uint64_t word) {
  constexpr int bits = std::numeric_limits<T>::digits;
  return static_cast<T>(word >> (64 - bits)) * (T{1} / static_cast<T>(std::uint64_t{1} << bits));
}

std::array<double, 2> normal_pair(const std::array<std::uint64_t, 2>& w) {
  double radius = std::sqrt(-2 * std::log(1 - unit<double>(w[0])));
  double angle = 2 * std::numbers::pi * unit<double>(w[1]);
  return {radius * std::cos(angle), radius * std::sin(angle)};
}

double truncated(const RandomStream& s, std::uint64_t position) {
  for (std::uint64_t attempt = 0;; ++attempt)
    for (double z : normal_pair(words(s, position, attempt)))
      if (std::abs(z) <= 2) return z;
}

// 0 .. range-1 from 64 random bits without bias: the upper half of word * range, unless the lower half falls into the
// remainder (D. Lemire, "Fast random integer generation in an interval", 2019).
std::uint64_t bounded(const RandomStream& s, std::uint64_t position, std::uint64_t range) {
  for (std::uint64_t attempt = 0;; ++attempt) {
    std::uint64_t word = attempt ? words(s, position, attempt)[0] : words(s, position / 2)[position % 2];
    auto product = static_cast<unsigned __int128>(word) * range;
    auto lower = static_cast<std::uint64_t>(product);
    if (lower >= range || lower >= (0 - range) % range) return static_cast<std::uint64_t>(product >> 64);
  }
}

void check_positions(std::string_view who, std::uint64_t offset, std::uint64_t count) {
  if (offset >= max_position || count > max_position - offset)
    raise<ValueError>(who, "offset ", offset, " is too large for ", count, " elements, positions are below 2^48");
}

// y[i] = f(pair of block (offset + i) / 2)[(offset + i) % 2]
template <class T, class F>
void fill_from_pairs(Tensor& y, const RandomStream& s, std::uint64_t offset, F&& f) {
  T* out = y.mutable_data<T>();
  std::uint64_t end = offset + static_cast<std::uint64_t>(y.size());
  for (std::uint64_t block = offset / 2; 2 * block < end; ++block) {
    auto pair = f(words(s, block));
    if (2 * block >= offset) *out++ = pair[0];
    if (2 * block + 1 >= offset && 2 * block + 1 < end) *out++ = pair[1];
  }
}

void check_normal(std::string_view who, const NormalOptions& o) {
  if (!std::isfinite(o.mean) || !std::isfinite(o.stddev) || o.stddev < 0)
    raise<ValueError>(who, "mean is ", o.mean, " and stddev is ", o.stddev,
                      ", expected finite numbers and stddev >= 0");
}

}  // namespace

RandomStream detail::choose_stream(std::string_view who, const std::optional<std::uint64_t>& seed, std::uint64_t stream,
                                   std::uint64_t offset) {
  if (traced_draws) ++traced_draws->choices;
  if (seed) return {*seed, stream};
  if (stream || offset) raise<ValueError>(who, "stream and offset need a seed, none is given");
  return next_random_stream();
}

Tensor random_uniform(const Shape& shape, const UniformOptions& o, DType dtype) {
  constexpr std::string_view who = "random_uniform";
  if (!std::isfinite(o.minval) || !std::isfinite(o.maxval) || o.minval > o.maxval)
    raise<ValueError>(who, "minval is ", o.minval, " and maxval is ", o.maxval, ", expected finite, minval <= maxval");
  Tensor y(TensorSpec{shape, dtype});
  check_positions(who, o.offset, static_cast<std::uint64_t>(y.size()));
  dispatch_floating(who, dtype, [&](auto zero) {
    using T = decltype(zero);
    T low = static_cast<T>(o.minval), high = static_cast<T>(o.maxval), width = high - low;
    if (!std::isfinite(width)) raise<ValueError>(who, "maxval - minval is too large for ", name(dtype));
    T last = low < high ? std::nextafter(high, low) : low;  // the sum may round up to maxval
    auto value = [&](std::uint64_t word) { return std::min(low + width * unit<T>(word), last); };
    fill_from_pairs<T>(y, detail::choose_stream(who, o.seed, o.stream, o.offset), o.offset, [&](const auto& w) {
      return std::array<T, 2>{value(w[0]), value(w[1])};
    });
  });
  return y;
}

Tensor random_normal(const Shape& shape, const NormalOptions& o, DType dtype) {
  constexpr std::string_view who = "random_normal";
  check_normal(who, o);
  Tensor y(TensorSpec{shape, dtype});
  check_positions(who, o.offset, static_cast<std::uint64_t>(y.size()));
  dispatch_floating(who, dtype, [&](auto zero) {
    using T = decltype(zero);
    auto value = [&](double z) { return static_cast<T>(o.mean + o.stddev * z); };
    fill_from_pairs<T>(y, detail::choose_stream(who, o.seed, o.stream, o.offset), o.offset, [&](const auto& w) {
      auto z = normal_pair(w);
      return std::array<T, 2>{value(z[0]), value(z[1])};
    });
  });
  return y;
}

Tensor truncated_normal(const Shape& shape, const NormalOptions& o, DType dtype) {
  constexpr std::string_view who = "truncated_normal";
  check_normal(who, o);
  Tensor y(TensorSpec{shape, dtype});
  check_positions(who, o.offset, static_cast<std::uint64_t>(y.size()));
  dispatch_floating(who, dtype, [&](auto zero) {
    using T = decltype(zero);
    RandomStream s = detail::choose_stream(who, o.seed, o.stream, o.offset);
    T* out = y.mutable_data<T>();
    for (Index i = 0; i < y.size(); ++i)
      out[i] = static_cast<T>(o.mean + o.stddev * truncated(s, o.offset + static_cast<std::uint64_t>(i)));
  });
  return y;
}

Tensor random_integers(const Shape& shape, std::int64_t low, std::int64_t high, const RandomOptions& o, DType dtype) {
  constexpr std::string_view who = "random_integers";
  if (!is_integer(dtype)) raise<TypeError>(who, "expected int32 or int64, got ", name(dtype));
  if (low >= high) raise<ValueError>(who, "low is ", low, " and high is ", high, ", expected low < high");
  Tensor y(TensorSpec{shape, dtype});
  check_positions(who, o.offset, static_cast<std::uint64_t>(y.size()));
  dispatch_number(who, dtype, [&](auto zero) {
    using T = decltype(zero);
    if (convert<T>(low) != low || convert<T>(high - 1) != high - 1)
      raise<ValueError>(who, "low ", low, " and high ", high, " do not fit to ", name(dtype));
    RandomStream s = detail::choose_stream(who, o.seed, o.stream, o.offset);
    auto range = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
    T* out = y.mutable_data<T>();
    for (Index i = 0; i < y.size(); ++i)
      out[i] =
          static_cast<T>(static_cast<std::uint64_t>(low) + bounded(s, o.offset + static_cast<std::uint64_t>(i), range));
  });
  return y;
}

void shuffle(std::vector<Index>& indices, const RandomOptions& o) {
  check_positions("shuffle", o.offset, indices.size());
  RandomStream s = detail::choose_stream("shuffle", o.seed, o.stream, o.offset);
  for (std::size_t k = indices.size(); k > 1; --k) std::swap(indices[k - 1], indices[bounded(s, o.offset + k - 1, k)]);
}

Tensor random_permutation(Index n, const RandomOptions& o) {
  if (n < 0) raise<ValueError>("random_permutation", "n is ", n, ", expected 0 or more");
  std::vector<Index> order(static_cast<std::size_t>(n));
  for (Index k = 0; k < n; ++k) order[k] = k;
  shuffle(order, o);
  return Tensor(Shape(n), order);
}

}  // namespace unroll
