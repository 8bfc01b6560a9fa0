#include "unroll/cells/keras/gru_cell.hpp"

#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/concat.hpp"
#include "unroll/autograd/ops/matmul.hpp"
#include "unroll/autograd/ops/slice.hpp"
#include "unroll/cells/check.hpp"

namespace unroll::keras {

GRUCell::GRUCell(Index units, CellOptions options) : Cell("keras.GRUCell", units, std::move(options)) {}

Config GRUCell::config() const {
  Config config = Cell::config();
  config.emplace_back("reset_after", options_.reset_after);
  return config;
}

void GRUCell::create(const SpecNest& inputs) {
  create_kernels(inputs, 3);
  if (options_.use_bias)
    bias_ = add_variable("bias", options_.reset_after ? Shape{2, 3 * units_} : Shape{3 * units_},
                         options_.bias_initializer);
}

StepResult GRUCell::call(const Nest& inputs, const Nest& state) {
  const Tensor& x = matrix_input(*this, inputs, depth_, dtype());
  const Tensor& h = matrix_state(*this, state, x.shape(0), units_, dtype());
  const ActivationArgument& gate = options_.recurrent_activation;
  Tensor of_x = input_product(x), z, candidate;
  if (options_.use_bias) of_x = bias_add(of_x, options_.reset_after ? row(bias_, 0) : bias_.value());
  auto [xz, xr, xc] = split<3>(of_x, 1);
  if (options_.reset_after) {
    Tensor of_h = recurrent_product(h);
    if (options_.use_bias) of_h = bias_add(of_h, row(bias_, 1));
    auto [hz, hr, hc] = split<3>(of_h, 1);
    z = gate(xz + hz);
    candidate = xc + gate(xr + hr) * hc;
  } else {
    auto [kz, kr, kc] = split<3>(recurrent_kernel_, 1);
    z = gate(xz + matmul(dropped_state(h, 0), kz));
    Tensor r = gate(xr + matmul(dropped_state(h, 1), kr));
    candidate = xc + matmul(r * dropped_state(h, 2), kc);
  }
  Tensor next = z * h + (1.0 - z) * options_.activation(candidate);
  return {next, next};
}

}  // namespace unroll::keras
