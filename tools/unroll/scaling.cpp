#include "scaling.hpp"

#include <cmath>

#include "unroll/autograd/ops/arithmetic.hpp"

namespace unroll::program {
namespace {

bool ends_with(const Variable& v, const char* end) { return v.name().ends_with(end); }

// bias += shift kernel, where the kernel's rows that are not inputs have no part.
void add_to_bias(const Variable& bias, const Variable& kernel, const std::vector<double>& shift) {
  const Index columns = kernel.shape()[1];
  for (Index j = 0; j < columns; ++j) {
    double sum = bias.mutable_data<float>()[j];
    for (std::size_t k = 0; k < shift.size(); ++k)
      sum += shift[k] * static_cast<double>(kernel.value().data<float>()[static_cast<Index>(k) * columns + j]);
    bias.mutable_data<float>()[j] = static_cast<float>(sum);
  }
}

}  // namespace

void Scaling::add(std::span<const double> row) {
  ++count_;
  for (std::size_t k = 0; k < width(); ++k) {
    const double difference = row[k] - mean_[k];
    mean_[k] += difference / count_;
    squares_[k] += difference * (row[k] - mean_[k]);
  }
}

double Scaling::deviation(std::size_t column) const {
  const double deviation = std::sqrt(squares_[column] / count_);
  return deviation > 0 ? deviation : 1;
}

Tensor Scaling::operator()(const Tensor& values) const {
  std::vector<double> deviations;
  for (std::size_t k = 0; k < width(); ++k) deviations.push_back(deviation(k));
  const Shape shape{static_cast<Index>(width())};
  return (values - Tensor(Tensor(shape, mean_), float32)) / Tensor(Tensor(shape, deviations), float32);
}

void Scaling::fold_into_inputs(Module& cell) const {
  Module& first = cell.submodules().empty() ? cell : *cell.submodules()[0];
  const std::vector<Variable>& variables = first.own_variables();
  for (const Variable& kernel : variables) {
    if (!ends_with(kernel, "kernel") || ends_with(kernel, "hidden_projection/kernel")) continue;
    const std::string stem = kernel.name().substr(0, kernel.name().size() - std::string("kernel").size());
    std::vector<double> shift;
    for (std::size_t k = 0; k < width(); ++k) {
      const Index columns = kernel.shape()[1];
      float* row = kernel.mutable_data<float>() + static_cast<Index>(k) * columns;
      for (Index j = 0; j < columns; ++j) row[j] = static_cast<float>(row[j] / deviation(k));
      shift.push_back(-mean_[k]);
    }
    for (const Variable& bias : variables)
      if (bias.name() == stem + "bias") add_to_bias(bias, kernel, shift);
  }
}

void Scaling::fold_into_outputs(Module& head) const {
  const Variable &kernel = head.own_variables().at(0), &bias = head.own_variables().at(1);
  const Index rows = kernel.shape()[0], columns = kernel.shape()[1];
  float *weights = kernel.mutable_data<float>(), *shifts = bias.mutable_data<float>();
  for (Index j = 0; j < columns; ++j) {
    const auto column = static_cast<std::size_t>(j) % width();
    for (Index i = 0; i < rows; ++i)
      weights[i * columns + j] = static_cast<float>(weights[i * columns + j] * deviation(column));
    shifts[j] = static_cast<float>(shifts[j] * deviation(column) + mean_[column]);
  }
}

}  // namespace unroll::program
