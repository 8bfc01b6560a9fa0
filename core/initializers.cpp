#include "unroll/core/initializers.hpp"

#include <algorithm>
#include <cmath>

#include "unroll/core/creation.hpp"
#include "unroll/core/random.hpp"

namespace unroll {

Tensor Initializer::operator()(const Shape& shape, DType dtype) const {
  if (!function_) raise<ValueError>("Initializer", "expected an initializer, got None (a null Initializer)");
  Tensor result = function_(shape, dtype);
  if (result.shape() != shape) raise<ValueError>(name_, "returned shape ", result.shape(), ", expected ", shape);
  if (result.dtype() != dtype) raise<TypeError>(name_, "returned ", result.dtype(), ", expected ", dtype);
  return result;
}

Initializer zeros_initializer() {
  return {"zeros_initializer", [](const Shape& shape, DType dtype) { return zeros(shape, dtype); }};
}

Initializer ones_initializer() {
  return {"ones_initializer", [](const Shape& shape, DType dtype) { return ones(shape, dtype); }};
}

Initializer constant_initializer(double value) {
  return {"constant_initializer", [value](const Shape& shape, DType dtype) { return full(shape, value, dtype); }};
}

Initializer constant_initializer(const Tensor& values) {
  return {"constant_initializer", [values](const Shape& shape, DType dtype) {
            Index n = values.size();
            if (n > shape.size() || (n == 0 && shape.size() > 0))
              raise<ValueError>("constant_initializer", n, " values given for shape ", shape, " of size ",
                                shape.size());
            Tensor cast(values, dtype), result(TensorSpec{shape, dtype});
            dispatch(dtype, [&](auto zero) {
              using T = decltype(zero);
              T* y = std::copy_n(cast.data<T>(), n, result.mutable_data<T>());
              if (n) std::fill_n(y, shape.size() - n, cast.data<T>()[n - 1]);
            });
            return result;
          }};
}

Initializer random_uniform_initializer(const RandomUniformInitializerOptions& o) {
  return {"random_uniform_initializer", [o](const Shape& shape, DType dtype) {
            return random_uniform(shape, {.minval = o.minval, .maxval = o.maxval, .seed = o.seed}, dtype);
          }};
}

Initializer random_normal_initializer(const RandomNormalInitializerOptions& o) {
  return {"random_normal_initializer", [o](const Shape& shape, DType dtype) {
            return random_normal(shape, {.mean = o.mean, .stddev = o.stddev, .seed = o.seed}, dtype);
          }};
}

Initializer truncated_normal_initializer(const RandomNormalInitializerOptions& o) {
  return {"truncated_normal_initializer", [o](const Shape& shape, DType dtype) {
            return truncated_normal(shape, {.mean = o.mean, .stddev = o.stddev, .seed = o.seed}, dtype);
          }};
}

namespace {

double fan(const Shape& shape, FanMode mode) {
  double in = 1, out = 1;
  if (shape.rank() == 1) {
    in = out = static_cast<double>(shape[0]);
  } else if (shape.rank() >= 2) {
    auto window = static_cast<double>(shape.slice(0, shape.rank() - 2).size());
    in = window * static_cast<double>(shape[-2]);
    out = window * static_cast<double>(shape[-1]);
  }
  return mode == FanMode::fan_in ? in : mode == FanMode::fan_out ? out : (in + out) / 2;
}

Initializer variance_scaling(std::string name, const VarianceScalingOptions& o) {
  using Distribution = VarianceScalingDistribution;
  // The standard deviation of a standard normal distribution cut at -2 and 2.
  constexpr double cut_stddev = 0.87962566103423978;
  return {std::move(name), [o](const Shape& shape, DType dtype) {
            double stddev = std::sqrt(o.scale / std::max(1.0, fan(shape, o.mode)));
            if (o.distribution == Distribution::truncated_normal)
              return truncated_normal(shape, {.stddev = stddev / cut_stddev, .seed = o.seed}, dtype);
            if (o.distribution == Distribution::untruncated_normal)
              return random_normal(shape, {.stddev = stddev, .seed = o.seed}, dtype);
            double limit = std::sqrt(3.0) * stddev;
            return random_uniform(shape, {.minval = -limit, .maxval = limit, .seed = o.seed}, dtype);
          }};
}

constexpr auto uniform = VarianceScalingDistribution::uniform;
constexpr auto normal = VarianceScalingDistribution::truncated_normal;

}  // namespace

Initializer variance_scaling_initializer(const VarianceScalingOptions& o) {
  constexpr const char* who = "variance_scaling_initializer";
  if (!(o.scale > 0) || !std::isfinite(o.scale))
    raise<ValueError>(who, "scale is ", o.scale, ", expected a positive number");
  return variance_scaling(who, o);
}

Initializer glorot_uniform_initializer(const SeedOptions& o) {
  return variance_scaling("glorot_uniform_initializer", {1, FanMode::fan_avg, uniform, o.seed});
}
Initializer glorot_normal_initializer(const SeedOptions& o) {
  return variance_scaling("glorot_normal_initializer", {1, FanMode::fan_avg, normal, o.seed});
}
Initializer he_uniform_initializer(const SeedOptions& o) {
  return variance_scaling("he_uniform_initializer", {2, FanMode::fan_in, uniform, o.seed});
}
Initializer he_normal_initializer(const SeedOptions& o) {
  return variance_scaling("he_normal_initializer", {2, FanMode::fan_in, normal, o.seed});
}
Initializer lecun_uniform_initializer(const SeedOptions& o) {
  return variance_scaling("lecun_uniform_initializer", {1, FanMode::fan_in, uniform, o.seed});
}
Initializer lecun_normal_initializer(const SeedOptions& o) {
  return variance_scaling("lecun_normal_initializer", {1, FanMode::fan_in, normal, o.seed});
}

Initializer identity_initializer(const IdentityOptions& o) {
  return {"identity_initializer", [o](const Shape& shape, DType dtype) {
            if (shape.rank() != 2) raise<ValueError>("identity_initializer", "shape is ", shape, ", expected rank 2");
            Tensor result = zeros(shape, dtype);
            dispatch(dtype, [&](auto zero) {
              using T = decltype(zero);
              T* y = result.mutable_data<T>();
              for (Index k = 0; k < std::min(shape[0], shape[1]); ++k) y[k * (shape[1] + 1)] = convert<T>(o.gain);
            });
            return result;
          }};
}

}  // namespace unroll
