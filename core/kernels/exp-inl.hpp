// exp, expm1, tanh and sigmoid on vectors. With n = round(x / ln 2) and r = x - n ln 2, exp(x) = 2^n e^r.
// The polynomials were made with the Remez algorithm for the least relative error.
#if defined(UNROLL_KERNELS_EXP_INL_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef UNROLL_KERNELS_EXP_INL_HPP
#undef UNROLL_KERNELS_EXP_INL_HPP
#else
#define UNROLL_KERNELS_EXP_INL_HPP
#endif

#include "unroll/core/kernels/simd-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace unroll::kernels::HWY_NAMESPACE {

// ln2_high has few enough bits that n * ln2_high is exact without a fused multiply-add.
// round: adding 1.5 * 2^mantissa_bits leaves the nearest integer in the low bits.
// exp: e^r = sum exp[k] r^k; expm1: e^r - 1 = r + r^2 sum expm1[k] r^k; both for |r| <= ln(2) / 2.
template <class T>
struct ExpConstants;

template <>
struct ExpConstants<float> {
  static constexpr int mantissa_bits = 23;
  static constexpr float round = 0x1.8p23f;
  static constexpr float log2_e = 0x1.715476p0f, ln2 = 0x1.62e43p-1f, ln2_high = 0x1.62ep-1f, ln2_low = 0x1.0bfbe8p-15f;
  static constexpr float underflow = -104, overflow = 89, expm1_is_minus_1 = -20;
  static constexpr float exp[] = {1, 1, 0x1.fffffcp-2f, 0x1.555492p-3f, 0x1.5558f8p-5f, 0x1.1239fep-7f, 0x1.6a1e7p-10f};
  static constexpr float expm1[] = {0x1p-1f,        0x1.555556p-3f,  0x1.55547p-5f,
                                    0x1.1110acp-7f, 0x1.6da824p-10f, 0x1.a17eacp-13f};
};

template <>
struct ExpConstants<double> {
  static constexpr int mantissa_bits = 52;
  static constexpr double round = 0x1.8p52;
  static constexpr double log2_e = 0x1.71547652b82fep0, ln2_high = 0x1.62e42feep-1, ln2_low = 0x1.a39ef35793c76p-33;
  static constexpr double underflow = -746, overflow = 710, expm1_is_minus_1 = -40;
  static constexpr double exp[] = {1,
                                   1,
                                   0x1.0000000000009p-1,
                                   0x1.5555555555558p-3,
                                   0x1.555555555034dp-5,
                                   0x1.111111110f7d5p-7,
                                   0x1.6c16c18625d6ap-10,
                                   0x1.a01a01b02246cp-13,
                                   0x1.a019934df6373p-16,
                                   0x1.71ddf6757d7e1p-19,
                                   0x1.28b4706afed1bp-22,
                                   0x1.af63a06ec766ep-26};
  static constexpr double expm1[] = {0x1.0000000000001p-1,  0x1.5555555555557p-3,  0x1.5555555554d2ep-5,
                                     0x1.11111111100c8p-7,  0x1.6c16c16f0e229p-10, 0x1.a01a01abf3525p-13,
                                     0x1.a019f38a7d7edp-16, 0x1.71de020bb06d4p-19, 0x1.280231b31c195p-22,
                                     0x1.af4e3b85314ccp-26, 0x1.e63245d22a22cp-30};
};

// NaN in x passes. On x86 hn::Min and hn::Max give the second operand if either is NaN, on Arm NaN.
template <class D, class V, class T = hn::TFromD<D>>
HWY_INLINE V AtMost(D d, V x, T limit) {
#if HWY_TARGET == HWY_SCALAR || HWY_TARGET == HWY_EMU128
  return hn::IfThenElse(hn::Gt(x, hn::Set(d, limit)), hn::Set(d, limit), x);
#else
  return hn::Min(hn::Set(d, limit), x);
#endif
}
template <class D, class V, class T = hn::TFromD<D>>
HWY_INLINE V AtLeast(D d, V x, T limit) {
#if HWY_TARGET == HWY_SCALAR || HWY_TARGET == HWY_EMU128
  return hn::IfThenElse(hn::Lt(x, hn::Set(d, limit)), hn::Set(d, limit), x);
#else
  return hn::Max(hn::Set(d, limit), x);
#endif
}

/// sum c[first + k] x^k, in powers of x^2: half as long a chain as Horner's rule.
template <size_t first = 0, class D, class V, class T, size_t N>
HWY_INLINE V Polynomial(D d, V x, const T (&c)[N]) {
  constexpr size_t even = (N - 1 - first) / 2 * 2;  // the last even power
  const V x2 = hn::Mul(x, x);
  V y = hn::Set(d, c[first + even]);
  if constexpr (first + even + 1 < N) y = hn::MulAdd(x, hn::Set(d, c[N - 1]), y);
  for (size_t k = even; k > 0;) {
    k -= 2;
    y = hn::MulAdd(y, x2, hn::MulAdd(x, hn::Set(d, c[first + k + 1]), hn::Set(d, c[first + k])));
  }
  return y;
}

/// y 2^n, rounded once: an instruction of AVX-512.
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3
constexpr bool has_scale = true;
HWY_INLINE hn::Vec512<float> Scale(hn::Vec512<float> y, hn::Vec512<float> n) {
  return {_mm512_scalef_ps(y.raw, n.raw)};
}
HWY_INLINE hn::Vec256<float> Scale(hn::Vec256<float> y, hn::Vec256<float> n) {
  return {_mm256_scalef_ps(y.raw, n.raw)};
}
HWY_INLINE hn::Vec512<double> Scale(hn::Vec512<double> y, hn::Vec512<double> n) {
  return {_mm512_scalef_pd(y.raw, n.raw)};
}
HWY_INLINE hn::Vec256<double> Scale(hn::Vec256<double> y, hn::Vec256<double> n) {
  return {_mm256_scalef_pd(y.raw, n.raw)};
}
#else
constexpr bool has_scale = false;
template <class V>
V Scale(V y, V n) = delete;
#endif

/// e^(c[1] r) from coefficients that begin with 1.
template <class D, class V, class T, size_t N>
HWY_INLINE V SmallExp(D d, V r, const T (&c)[N]) {
  const V linear = c[1] == 1 ? r : hn::Mul(r, hn::Set(d, c[1]));
  return hn::Add(hn::Set(d, c[0]), hn::MulAdd(hn::Mul(r, r), Polynomial<2>(d, r, c), linear));
}

template <class D>
struct Reduced {
  using V = hn::Vec<D>;
  using C = ExpConstants<hn::TFromD<D>>;
  V r, n;
  V n_rounded;  // n + C::round

  HWY_INLINE Reduced(D d, V x) {
    n_rounded = hn::MulAdd(x, hn::Set(d, C::log2_e), hn::Set(d, C::round));
    n = hn::Sub(n_rounded, hn::Set(d, C::round));
    r = hn::NegMulAdd(n, hn::Set(d, C::ln2_low), hn::NegMulAdd(n, hn::Set(d, C::ln2_high), x));
  }
};

/// 2^(n + extra), which must be a normal number, from the bits of n or of n + C::round.
template <class D, class VI>
HWY_INLINE hn::Vec<D> PowerOf2(D d, VI n, int extra = 0) {
  using T = hn::TFromD<D>;
  using TI = hwy::MakeSigned<T>;
  constexpr int bits = ExpConstants<T>::mantissa_bits;
  const hn::RebindToSigned<D> di;
  const TI exponent_of_1 = (TI(1) << (sizeof(T) * 8 - 2 - bits)) - 1;
  return hn::BitCast(d, hn::Add(hn::ShiftLeft<bits>(n), hn::Set(di, (exponent_of_1 + extra) << bits)));
}

/// Within 1.01 ulp, denormal results included.
template <class D, class V>
HWY_INLINE V ExpOf(D d, V x) {
  using C = ExpConstants<hn::TFromD<D>>;
  const Reduced<D> x_reduced(d, AtLeast(d, AtMost(d, x, C::overflow), C::underflow));
  const V y = SmallExp(d, x_reduced.r, C::exp);
  if constexpr (has_scale) {
    return Scale(y, x_reduced.n);
  } else {
    // 2^n may be too large or too small for a number where the result is not.
    const hn::RebindToSigned<D> di;
    const auto n = hn::Sub(hn::BitCast(di, x_reduced.n_rounded), hn::BitCast(di, hn::Set(d, C::round)));
    const auto half = hn::ShiftRight<1>(n);
    return hn::Mul(hn::Mul(y, PowerOf2(d, half)), PowerOf2(d, hn::Sub(n, half)));
  }
}

/// With p = e^r - 1: 2 (2^(n-1) p + (2^(n-1) - 1/2)); below 2 ulp.
template <class D, class V>
HWY_INLINE V Expm1Of(D d, V x) {
  using T = hn::TFromD<D>;
  using C = ExpConstants<T>;
  const hn::RebindToSigned<D> di;
  const Reduced<D> x_reduced(d, AtLeast(d, AtMost(d, x, C::overflow), C::expm1_is_minus_1));
  const V r = x_reduced.r;
  const V p = hn::MulAdd(hn::Mul(r, r), Polynomial(d, r, C::expm1), r);
  const V half = hn::Set(d, T(0.5));
  const V s = PowerOf2(d, hn::BitCast(di, x_reduced.n_rounded), -1);
  const V y = hn::MulAdd(s, p, hn::Sub(s, half));
  // n = 0 apart: half of p may be denormal.
  return hn::CopySign(hn::IfThenElse(hn::Eq(s, half), p, hn::Add(y, y)), x);
}

/// 1 - 2 e / (1 + e), e = exp(-2 |x|), and an odd polynomial for small |x|; below 2 ulp.
template <class D, class V>
HWY_INLINE V TanhFloat(D d, V x) {
  using C = ExpConstants<float>;
  constexpr float Q[] = {-0x1.55544cp-2f, 0x1.10c76ep-3f, -0x1.ae6e4cp-5f, 0x1.08bae8p-6f};
  const V y = hn::Abs(x);
  const V w = hn::Mul(y, y);
  const V small = hn::MulAdd(hn::Mul(y, w), Polynomial(d, w, Q), y);

  // The factor -2 sits in the constants: s = r / -2, and exp_minus_2[k] = (-2)^k exp[k].
  constexpr float exp_minus_2[] = {
      1, -2, 4 * C::exp[2], -8 * C::exp[3], 16 * C::exp[4], -32 * C::exp[5], 64 * C::exp[6]};
  const V bounded = AtMost(d, y, 9.1f);
  const V n_rounded = hn::MulAdd(bounded, hn::Set(d, -2 * C::log2_e), hn::Set(d, C::round));
  const V n = hn::Sub(n_rounded, hn::Set(d, C::round));
#if HWY_NATIVE_FMA
  const V s = hn::MulAdd(n, hn::Set(d, C::ln2 / 2), bounded);
#else
  const V s = hn::MulAdd(n, hn::Set(d, C::ln2_low / 2), hn::MulAdd(n, hn::Set(d, C::ln2_high / 2), bounded));
#endif
  const V one = hn::Set(d, 1.0f);
  V e = SmallExp(d, s, exp_minus_2);
  if constexpr (has_scale)
    e = Scale(e, n);
  else
    e = hn::Mul(e, PowerOf2(d, hn::BitCast(hn::RebindToSigned<D>(), n_rounded)));
  const V large = hn::Sub(one, hn::Div(hn::Add(e, e), hn::Add(one, e)));
  return hn::CopySign(hn::IfThenElse(hn::Gt(y, hn::Set(d, 0.56f)), large, small), x);
}

/// -m / (m + 2), m = expm1(-2 |x|); below 4 ulp.
template <class D, class V>
HWY_INLINE V TanhDouble(D d, V x) {
  const V m = Expm1Of(d, hn::Mul(hn::Abs(x), hn::Set(d, -2.0)));
  return hn::CopySign(hn::Div(m, hn::Add(m, hn::Set(d, 2.0))), x);
}

template <class D, class V>
HWY_INLINE V TanhOf(D d, V x) {
  if constexpr (sizeof(hn::TFromD<D>) == sizeof(float)) {
    return TanhFloat(d, x);
  } else {
    return TanhDouble(d, x);
  }
}

/// q = (x < 0 ? e : 1) / (1 + e), e = exp(-|x|), with the rounding error of 1 + e put back; below 2 ulp. Where e is
/// denormal it was rounded, but 1 + e = 1 then.
template <class D, class V>
HWY_INLINE V SigmoidOf(D d, V x) {
  using T = hn::TFromD<D>;
  using C = ExpConstants<T>;
  const V one = hn::Set(d, T(1));
  const Reduced<D> z(d, AtLeast(d, hn::Or(x, hn::SignBit(d)), C::underflow));  // -|x|
  V e = SmallExp(d, z.r, C::exp);
  if constexpr (has_scale)
    e = Scale(e, z.n);
  else
    e = hn::Mul(hn::Mul(e, PowerOf2(d, hn::BitCast(hn::RebindToSigned<D>(), z.n_rounded), 64)), hn::Set(d, T(0x1p-64)));
  const V denominator = hn::Add(one, e);
  const V rounded_off = hn::Sub(e, hn::Sub(denominator, one));
  const V q = hn::Div(hn::IfNegativeThenElse(x, e, one), denominator);
  return hn::NegMulAdd(q, rounded_off, q);
}

}  // namespace unroll::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
