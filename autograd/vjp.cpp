#include "unroll/autograd/vjp.hpp"

#include "unroll/autograd/backward.hpp"
#include "unroll/autograd/ops/broadcast.hpp"
#include "unroll/core/creation.hpp"

namespace unroll {

std::size_t Vjp::input_count() const { return record_.input_count; }
std::size_t Vjp::output_count() const { return record_.output_count; }

const Tensor& Vjp::input(std::size_t k) const {
  const Tensor& saved = record_.saved[k];
  if (!saved) raise<RuntimeError>(record_.op->name(), "vjp reads input ", k, ", which saved() did not ask for");
  return saved;
}

const Tensor& Vjp::output(std::size_t k) const {
  const Tensor& saved = record_.saved[record_.input_count + k];
  if (!saved) raise<RuntimeError>(record_.op->name(), "vjp reads output ", k, ", which saved() did not ask for");
  return saved;
}

TensorSpec Vjp::input_spec(std::size_t k) const { return record_.spec(k); }
TensorSpec Vjp::output_spec(std::size_t k) const { return record_.spec(record_.input_count + k); }

const Tensor& Vjp::gradient(std::size_t k) {
  Tensor& g = backward_.gradient(record_.first_output + static_cast<std::uint32_t>(k));
  if (!g) g = zeros(output_spec(k).shape, output_spec(k).dtype);
  return g;
}

bool Vjp::has_gradient(std::size_t k) const {
  return backward_.gradient(record_.first_output + static_cast<std::uint32_t>(k)).defined();
}

bool Vjp::needs(std::size_t k) const { return backward_.needed(record_.inputs[k]); }

void Vjp::add(std::size_t k, Tensor gradient) {
  if (!needs(k)) return;
  TensorSpec expected = input_spec(k);
  if (gradient.shape() != expected.shape)
    raise<ValueError>(record_.op->name(), "the gradient of input ", k, " has shape ", gradient.shape(), ", expected ",
                      expected.shape);
  if (gradient.dtype() != expected.dtype)
    raise<TypeError>(record_.op->name(), "the gradient of input ", k, " is ", gradient.dtype(), ", expected ",
                     expected.dtype);
  backward_.add(record_.inputs[k], std::move(gradient));
}

Tensor Vjp::take(std::size_t k) { return std::exchange(backward_.gradient(record_.inputs[k]), Tensor()); }

std::uint32_t Vjp::node(std::size_t k) const { return record_.inputs[k]; }

void Vjp::add_broadcast(std::size_t k, const Tensor& gradient) {
  if (!needs(k)) return;
  add(k, sum_to(gradient, input_shape(k)));
}

Tensor Vjp::transposed_weight(std::size_t k) { return backward_.transposed_weight(input(k)); }

Tensor* Vjp::accumulator(std::size_t k) { return backward_.accumulator(record_.inputs[k]); }

}  // namespace unroll
