#pragma once
// Initialisers: what a variable holds at first. Names, defaults and formulas are TensorFlow 1's.
//
//     LSTMCell cell(128, {.initializer = orthogonal_initializer({.gain = 1.1, .seed = 7})});
//
// With `seed` an initialiser gives the same tensor for the same shape each time; without, each call takes the next
// stream of the global generator (core/random.hpp). What follows about random ones holds for float32 and float64 only;
// other dtypes throw TypeError.
#include <functional>
#include <optional>
#include <string>

#include "unroll/core/tensor.hpp"

namespace unroll {

/// A copyable function from shape and dtype to a tensor. Any callable of that kind converts to one. A
/// default-constructed Initializer is null: "none given".
class Initializer {
 public:
  using Function = std::function<Tensor(const Shape&, DType)>;

  Initializer() = default;
  template <class F>
  requires std::is_invocable_r_v<Tensor, F&, const Shape&, DType> &&(!std::same_as<std::remove_cvref_t<F>, Initializer>)
      Initializer(F function)  // NOLINT(google-explicit-constructor)
      : Initializer("custom", Function(std::move(function))) {}
  Initializer(std::string name, Function function) : name_(std::move(name)), function_(std::move(function)) {}

  explicit operator bool() const { return static_cast<bool>(function_); }
  /// Throws ValueError if this is null, or if the function returns a tensor of another shape; TypeError for another
  /// dtype.
  Tensor operator()(const Shape& shape, DType dtype = float32) const;
  /// "glorot_uniform_initializer", or "custom" for a callable of the user's own.
  const std::string& name() const { return name_; }

 private:
  std::string name_;
  Function function_;
};

Initializer zeros_initializer();
Initializer ones_initializer();
Initializer constant_initializer(double value);
/// The values row by row; if they are fewer than the shape has elements, the last one is repeated. Converted to the
/// dtype asked for. Calls throw ValueError if there are more, or none.
Initializer constant_initializer(const Tensor& values);

struct RandomUniformInitializerOptions {
  double minval = 0;
  double maxval = 1;
  std::optional<std::uint64_t> seed{};
};
/// Uniform in [minval, maxval).
Initializer random_uniform_initializer(const RandomUniformInitializerOptions& options = {});

struct RandomNormalInitializerOptions {
  double mean = 0;
  double stddev = 1;
  std::optional<std::uint64_t> seed{};
};
Initializer random_normal_initializer(const RandomNormalInitializerOptions& options = {});
/// Normal, drawn again beyond two standard deviations. `stddev` is that of the whole normal distribution; the tensor's
/// own is 0.88 of it.
Initializer truncated_normal_initializer(const RandomNormalInitializerOptions& options = {});

/// What a variance is divided by. fan_in and fan_out are the first and second dimension of a matrix; more dimensions in
/// front (a convolution's window) multiply both; a vector of n has n for both, rank 0 has 1.
enum class FanMode : std::uint8_t { fan_in, fan_out, fan_avg };
enum class VarianceScalingDistribution : std::uint8_t { truncated_normal, untruncated_normal, uniform };

struct VarianceScalingOptions {
  double scale = 1;
  FanMode mode = FanMode::fan_in;
  VarianceScalingDistribution distribution = VarianceScalingDistribution::truncated_normal;
  std::optional<std::uint64_t> seed{};
};
/// Mean 0 and variance scale / max(1, n), n chosen by `mode`: a normal distribution of that variance, one cut at two
/// standard deviations and widened so that its variance is right after the cut, or a uniform one within
/// sqrt(3 scale / n). Throws ValueError unless scale > 0 and finite.
Initializer variance_scaling_initializer(const VarianceScalingOptions& options = {});

struct SeedOptions {
  std::optional<std::uint64_t> seed{};
};
/// Variance 2 / (fan_in + fan_out): Glorot and Bengio, "Understanding the difficulty of training deep feedforward
/// neural networks", 2010. glorot_uniform is what cells use when no initialiser is given.
Initializer glorot_uniform_initializer(const SeedOptions& options = {});
Initializer glorot_normal_initializer(const SeedOptions& options = {});
/// Variance 2 / fan_in: He, Zhang, Ren and Sun, "Delving deep into rectifiers", 2015.
Initializer he_uniform_initializer(const SeedOptions& options = {});
Initializer he_normal_initializer(const SeedOptions& options = {});
/// Variance 1 / fan_in: LeCun, Bottou, Orr and Müller, "Efficient BackProp", 1998.
Initializer lecun_uniform_initializer(const SeedOptions& options = {});
Initializer lecun_normal_initializer(const SeedOptions& options = {});

struct OrthogonalOptions {
  double gain = 1;
  std::optional<std::uint64_t> seed{};
};
/// A random matrix with orthonormal columns (rows, if it has fewer of those) times gain, evenly distributed over all of
/// them; more dimensions in front are taken together as rows. Computed in float64. Saxe, McClelland and Ganguli, "Exact
/// solutions to the nonlinear dynamics of learning in deep linear neural networks", 2013. Calls throw ValueError for a
/// rank below 2.
Initializer orthogonal_initializer(const OrthogonalOptions& options = {});

struct IdentityOptions {
  double gain = 1;
};
/// `gain` on the diagonal, else 0. Calls throw ValueError unless the rank is 2.
Initializer identity_initializer(const IdentityOptions& options = {});

}  // namespace unroll
