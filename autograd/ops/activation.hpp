#pragma once
// Non-linearities, element by element. All are for float32 and float64 and throw TypeError for another dtype. NaN gives
// NaN.
#include "unroll/core/tensor.hpp"

namespace unroll {

/// 1 / (1 + exp(-x)) (tf.sigmoid). Within 2 ulp in float32.
Tensor sigmoid(const Tensor& x);
/// The hyperbolic tangent (tf.tanh). Within 2 ulp in float32.
Tensor tanh(const Tensor& x);
/// 0.2 x + 0.5, clipped to 0 .. 1 (tf.keras.activations.hard_sigmoid of Keras 1 and 2). The gradient is 0.2 inside,
/// the bounds included.
Tensor hard_sigmoid(const Tensor& x);
/// x / (1 + |x|) (tf.nn.softsign); NaN at the infinities.
Tensor softsign(const Tensor& x);
/// log(1 + exp(x)) (tf.nn.softplus), without overflow.
Tensor softplus(const Tensor& x);

/// max(x, 0) (tf.nn.relu). The gradient at 0 is 0.
Tensor relu(const Tensor& x);
/// x where x > 0, else alpha x (tf.nn.leaky_relu; Maas et al. 2013). The gradient at 0 is alpha.
Tensor leaky_relu(const Tensor& x, double alpha = 0.2);
/// x where x >= 0, else exp(x) - 1 (tf.nn.elu; Clevert et al. 2015).
Tensor elu(const Tensor& x);
/// 1.0507 (x where x >= 0, else 1.6733 (exp(x) - 1)) (tf.nn.selu; Klambauer et al. 2017, which has more digits).
Tensor selu(const Tensor& x);
/// x F(x), F being the distribution function of the normal distribution (tf.nn.gelu; Hendrycks and Gimpel 2016).
/// `approximate`: x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2. NaN at -infinity.
Tensor gelu(const Tensor& x, bool approximate = false);
/// x sigmoid(x) (tf.nn.swish, also called silu; Ramachandran et al. 2017). NaN at -infinity.
Tensor swish(const Tensor& x);

}  // namespace unroll
