#include <cmath>
#include <iomanip>
#include <iostream>
#include <limits>

#include "commands.hpp"
#include "model_file.hpp"

namespace unroll::program {
namespace {

struct Range {
  double least = std::numeric_limits<double>::infinity(), most = -least;
  Index not_finite = 0;
};

Range range_of(const Tensor& tensor) {
  Range range;
  const Tensor as_double(tensor, float64);
  for (double value : as_double.values<double>()) {
    if (!std::isfinite(value)) {
      ++range.not_finite;
      continue;
    }
    range.least = std::min(range.least, value);
    range.most = std::max(range.most, value);
  }
  return range;
}

void inspect(const std::filesystem::path& path, std::ostream& out) {
  const ModelFile file = read_model(path);
  out << path.string() << ": " << file.format << '\n';
  for (const auto& module : file.modules) {
    out << module->class_name();
    for (const auto& [key, value] : module->config())
      if (const auto* number = std::get_if<Index>(&value))
        out << ' ' << key << '=' << *number;
      else if (const auto* text = std::get_if<std::string>(&value))
        out << ' ' << key << '=' << *text;
    out << '\n';
  }
  if (!file.no_layers.empty()) out << "no layers: " << file.no_layers << '\n';
  const NamedTensors& tensors = file.stored.empty() ? file.tensors : file.stored;
  std::size_t width = 4;
  for (const auto& [name, tensor] : tensors) width = std::max(width, name.size());
  Index elements = 0, not_finite = 0;
  for (const auto& [name, tensor] : tensors) {
    const Range range = range_of(tensor);
    std::ostringstream shape;
    shape << tensor.shape();
    out << std::left << std::setw(static_cast<int>(width)) << name << "  " << std::setw(12) << shape.str() << ' '
        << std::setw(7) << unroll::name(tensor.dtype()) << std::right << std::setw(10) << tensor.size();
    if (range.least <= range.most) out << "  " << std::setprecision(4) << range.least << " .. " << range.most;
    if (range.not_finite > 0) out << "  " << range.not_finite << " not finite";
    out << '\n';
    elements += tensor.size();
    not_finite += range.not_finite;
  }
  out << tensors.size() << " tensors, " << elements << " elements";
  if (not_finite > 0) out << ", " << not_finite << " not finite";
  out << '\n';
}

void add_inspect(CLI::App& app) {
  static std::string file;
  auto* command = app.add_subcommand("inspect",
                                     "Lists layers, names, shapes, ranges, and what is not finite.\n"
                                     "Example: unroll inspect model.json");
  command->add_option("FILE", file)->required();
  command->callback([] { inspect(file, std::cout); });
}

const Command command("inspect", add_inspect);

}  // namespace

}  // namespace unroll::program
