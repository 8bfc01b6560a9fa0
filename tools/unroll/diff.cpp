#include <cmath>
#include <iostream>

#include "commands.hpp"
#include "model_file.hpp"

namespace unroll::program {
namespace {

// The largest difference of two elements; infinite where only one is NaN.
double largest_difference(const Tensor& a, const Tensor& b) {
  const Tensor x(a, float64), y(b, float64);
  double largest = 0;
  for (Index i = 0; i < x.size(); ++i) {
    const double p = x.data<double>()[i], q = y.data<double>()[i];
    if (p == q || (std::isnan(p) && std::isnan(q))) continue;
    const double d = std::abs(p - q);
    largest = std::max(largest, std::isnan(d) ? INFINITY : d);
  }
  return largest;
}

bool differ(const std::filesystem::path& a, const std::filesystem::path& b, double tolerance, std::ostream& out) {
  const NamedTensors x = read_model(a).tensors, y = read_model(b).tensors;
  bool found = false;
  auto say = [&](const std::string& name, const auto&... parts) {
    out << name << ": ";
    (out << ... << parts) << '\n';
    found = true;
  };
  for (const auto& [name, tensor] : x) {
    const Tensor other = find_tensor(y, name);
    if (!other)
      say(name, "only in ", a.string());
    else if (tensor.spec() != other.spec())
      say(name, tensor.spec(), " and ", other.spec());
    else if (double d = largest_difference(tensor, other); d > tolerance)
      say(name, "differs by up to ", d);
  }
  for (const auto& [name, tensor] : y)
    if (!find_tensor(x, name)) say(name, "only in ", b.string());
  return found;
}

void add_diff(CLI::App& app) {
  static std::string a, b;
  static double tolerance = 0;
  auto* command = app.add_subcommand("diff",
                                     "Compares two files by name; status 1 if they differ.\n"
                                     "Example: unroll diff a.npz b.safetensors --tolerance 1e-6");
  command->add_option("A", a)->required();
  command->add_option("B", b)->required();
  command->add_option("--tolerance", tolerance, "largest difference of elements that counts as none")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber);
  command->callback([] {
    if (differ(a, b, tolerance, std::cout)) throw CLI::RuntimeError(1);
  });
}

const Command command("diff", add_diff);

}  // namespace

}  // namespace unroll::program
