#include "machine_rates.hpp"

// The instruction sets of the library's kernels.
#include "unroll/core/kernels/targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "machine_rates_loops.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace bench::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;

double multiply_add_loop(std::size_t loops) {
  const D d;
  // Read from memory, so that nothing can be computed ahead.
  volatile float start = 1e-3f, scale = 0.999f;
  const V x = hn::Set(d, scale), y = hn::Set(d, start);
  V a0 = y, a1 = y, a2 = y, a3 = y, a4 = y, a5 = y, a6 = y, a7 = y, a8 = y, a9 = y, a10 = y, a11 = y;
  for (std::size_t k = 0; k < loops; ++k) {
    a0 = hn::MulAdd(a0, x, y), a1 = hn::MulAdd(a1, x, y), a2 = hn::MulAdd(a2, x, y), a3 = hn::MulAdd(a3, x, y);
    a4 = hn::MulAdd(a4, x, y), a5 = hn::MulAdd(a5, x, y), a6 = hn::MulAdd(a6, x, y), a7 = hn::MulAdd(a7, x, y);
    a8 = hn::MulAdd(a8, x, y), a9 = hn::MulAdd(a9, x, y), a10 = hn::MulAdd(a10, x, y), a11 = hn::MulAdd(a11, x, y);
    // All chains look alike to a compiler, which would else compute one of them.
#if HWY_ARCH_X86
    asm volatile("" : "+v"(a0.raw), "+v"(a1.raw), "+v"(a2.raw), "+v"(a3.raw), "+v"(a4.raw), "+v"(a5.raw));
    asm volatile("" : "+v"(a6.raw), "+v"(a7.raw), "+v"(a8.raw), "+v"(a9.raw), "+v"(a10.raw), "+v"(a11.raw));
#endif
  }
  V sum = hn::Add(hn::Add(hn::Add(a0, a1), hn::Add(a2, a3)), hn::Add(hn::Add(a4, a5), hn::Add(a6, a7)));
  start = hn::GetLane(hn::SumOfLanes(d, hn::Add(sum, hn::Add(hn::Add(a8, a9), hn::Add(a10, a11)))));
  return 2.0 * 12 * static_cast<double>(hn::Lanes(d) * loops);
}

float read_loop(const float* values, std::size_t count) {
  const D d;
  const std::size_t n = hn::Lanes(d);
  V a = hn::Zero(d), b = a, c = a, e = a, f = a, g = a, h = a, i = a;
  for (const float* end = values + count; values < end; values += 8 * n) {
    a = hn::Add(a, hn::Load(d, values)), b = hn::Add(b, hn::Load(d, values + n));
    c = hn::Add(c, hn::Load(d, values + 2 * n)), e = hn::Add(e, hn::Load(d, values + 3 * n));
    f = hn::Add(f, hn::Load(d, values + 4 * n)), g = hn::Add(g, hn::Load(d, values + 5 * n));
    h = hn::Add(h, hn::Load(d, values + 6 * n)), i = hn::Add(i, hn::Load(d, values + 7 * n));
  }
  V left = hn::Add(hn::Add(a, b), hn::Add(c, e)), right = hn::Add(hn::Add(f, g), hn::Add(h, i));
  return hn::GetLane(hn::SumOfLanes(d, hn::Add(left, right)));
}

// The continued fraction of tanh, x / (1 + x^2 / (3 + x^2 / (5 + ...))), cut after 13.
HWY_INLINE V Tanh(V x) {
  const D d;
  const V edge = hn::Set(d, 4.97f);
  x = hn::Min(hn::Max(x, hn::Neg(edge)), edge);
  const V s = hn::Mul(x, x);
  const V p = hn::MulAdd(hn::MulAdd(hn::Add(s, hn::Set(d, 378)), s, hn::Set(d, 17325)), s, hn::Set(d, 135135));
  const V q = hn::MulAdd(hn::MulAdd(hn::MulAdd(hn::Set(d, 28), s, hn::Set(d, 3150)), s, hn::Set(d, 62370)), s,
                         hn::Set(d, 135135));
  return hn::Div(hn::Mul(x, p), q);
}

HWY_INLINE V Sigmoid(V x) {
  const V half = hn::Set(D(), 0.5f);
  return hn::MulAdd(half, Tanh(hn::Mul(half, x)), half);
}

void gates_loop(const float* z, const float* c, std::size_t count, float* g, float* next_c, float* h) {
  const D d;
  for (std::size_t k = 0; k < count; k += hn::Lanes(d)) {
    const V i = Sigmoid(hn::Load(d, z + k)), j = Tanh(hn::Load(d, z + count + k));
    const V f = Sigmoid(hn::Load(d, z + 2 * count + k)), o = Sigmoid(hn::Load(d, z + 3 * count + k));
    const V next = hn::MulAdd(f, hn::Load(d, c + k), hn::Mul(i, j));
    hn::Store(i, d, g + k), hn::Store(j, d, g + count + k);
    hn::Store(f, d, g + 2 * count + k), hn::Store(o, d, g + 3 * count + k);
    hn::Store(next, d, next_c + k);
    hn::Store(hn::Mul(o, Tanh(next)), d, h + k);
  }
}

void gates_gradient_loop(const float* g, const float* c, const float* next_c, const float* dh, std::size_t count,
                         float* dz, float* dc) {
  const D d;
  for (std::size_t k = 0; k < count; k += hn::Lanes(d)) {
    const V i = hn::Load(d, g + k), j = hn::Load(d, g + count + k), f = hn::Load(d, g + 2 * count + k);
    const V o = hn::Load(d, g + 3 * count + k), t = Tanh(hn::Load(d, next_c + k)), up = hn::Load(d, dh + k);
    const V uo = hn::Mul(up, o), state = hn::Add(hn::Load(d, dc + k), hn::NegMulAdd(hn::Mul(uo, t), t, uo));
    const V di = hn::Mul(state, hn::Mul(j, i)), dj = hn::Mul(state, i);
    const V df = hn::Mul(state, hn::Mul(hn::Load(d, c + k), f)), d_o = hn::Mul(uo, t);
    hn::Store(hn::NegMulAdd(di, i, di), d, dz + k);
    hn::Store(hn::NegMulAdd(hn::Mul(dj, j), j, dj), d, dz + count + k);
    hn::Store(hn::NegMulAdd(df, f, df), d, dz + 2 * count + k);
    hn::Store(hn::NegMulAdd(d_o, o, d_o), d, dz + 3 * count + k);
    hn::Store(hn::Mul(state, f), d, dc + k);
  }
}

}  // namespace
}  // namespace bench::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace bench {

HWY_EXPORT(multiply_add_loop);
HWY_EXPORT(read_loop);
HWY_EXPORT(gates_loop);
HWY_EXPORT(gates_gradient_loop);

double multiply_add(std::size_t loops) { return HWY_DYNAMIC_DISPATCH(multiply_add_loop)(loops); }

float read_all(const float* values, std::size_t count) { return HWY_DYNAMIC_DISPATCH(read_loop)(values, count); }

void lstm_gates(const float* z, const float* c, std::size_t count, float* g, float* next_c, float* h) {
  HWY_DYNAMIC_DISPATCH(gates_loop)(z, c, count, g, next_c, h);
}

void lstm_gates_gradient(const float* g, const float* c, const float* next_c, const float* dh, std::size_t count,
                         float* dz, float* dc) {
  HWY_DYNAMIC_DISPATCH(gates_gradient_loop)(g, c, next_c, dh, count, dz, dc);
}

}  // namespace bench
#endif
