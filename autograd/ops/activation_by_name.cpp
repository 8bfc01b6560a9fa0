#include "unroll/autograd/ops/activation_by_name.hpp"

#include "unroll/autograd/ops/activation.hpp"
#include "unroll/autograd/ops/math.hpp"
#include "unroll/autograd/ops/softmax.hpp"
#include "unroll/core/listed.hpp"

namespace unroll {
namespace {

struct Entry {
  std::string_view name;
  Tensor (*function)(const Tensor&);
};

constexpr Entry table[] = {
    {"elu", elu},
    {"exponential", exp},
    {"gelu", [](const Tensor& x) { return gelu(x); }},
    {"hard_sigmoid", hard_sigmoid},
    {"leaky_relu", [](const Tensor& x) { return leaky_relu(x); }},
    {"linear", [](const Tensor& x) { return x; }},
    {"relu", relu},
    {"selu", selu},
    {"sigmoid", sigmoid},
    {"silu", swish},
    {"softmax", [](const Tensor& x) { return softmax(x); }},
    {"softplus", softplus},
    {"softsign", softsign},
    {"swish", swish},
    {"tanh", tanh},
};

}  // namespace

std::function<Tensor(const Tensor&)> activation(std::string_view name) {
  for (const Entry& entry : table)
    if (entry.name == name) return entry.function;
  raise<ValueError>("activation", "\"", name, "\" is none of ", listed(table, &Entry::name));
}

}  // namespace unroll
