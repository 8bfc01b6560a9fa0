#include "unroll/io/keras_groups.hpp"

#include <algorithm>
#include <charconv>

#include "unroll/autograd/ops/reshape.hpp"
#include "unroll/autograd/ops/slice.hpp"

namespace unroll {
namespace {

constexpr std::string_view loading = "load_keras_weights";

Tensor take(KerasGroup& group, const std::string& name, int rank) {
  auto found = group.weights.find(name);
  if (found == group.weights.end()) return {};
  Tensor tensor = found->second;
  group.weights.erase(found);
  if (!is_floating(tensor.dtype()) || tensor.rank() != rank)
    raise<ValueError>(loading, "\"", group.path, "/", name, "\" is ", tensor.spec(), ", expected floats of rank ",
                      rank);
  return tensor;
}

// Of as many axes as the layer's inputs without that of the batch, all of them shared but the last.
Tensor take_slopes(KerasGroup& group) {
  auto found = group.weights.find("alpha");
  if (found == group.weights.end()) raise<ValueError>(loading, "there is no \"", group.path, "/alpha\"");
  const Tensor alpha = take(group, "alpha", std::max(1, found->second.rank()));
  if (alpha.shape(-1) != alpha.size())
    raise<ValueError>(loading, "\"", group.path, "/alpha\" has shape ", alpha.shape(),
                      ", expected all axes but the last to be shared");
  return reshape(alpha, {alpha.size()});
}

void check_all_taken(const KerasGroup& group) {
  if (!group.weights.empty())
    raise<ValueError>(loading, "\"", group.path, "/", group.weights.begin()->first, "\" belongs to no layer");
}

}  // namespace

std::vector<KerasGroup> keras_groups(const NamedTensors& tensors, const std::string& prefix) {
  std::vector<KerasGroup> groups;
  for (const auto& [full, tensor] : tensors) {
    if (!full.starts_with(prefix)) continue;
    std::string path = full.ends_with(":0") ? full.substr(0, full.size() - 2) : full;
    const std::size_t slash = path.rfind('/');
    if (slash == std::string::npos) raise<ValueError>(loading, "\"", full, "\" belongs to no layer");
    const std::string last = path.substr(slash + 1);
    path.resize(slash);
    auto found = std::find_if(groups.begin(), groups.end(), [&](const KerasGroup& g) { return g.path == path; });
    if (found == groups.end()) {
      KerasGroup group{.path = path, .cell = path.substr(path.rfind('/') + 1)};
      group.backward = path.find("/backward_") != std::string::npos;
      if (std::size_t line = group.cell.rfind('_'); line != std::string::npos) {
        const char* end = group.cell.data() + group.cell.size();
        if (std::from_chars(group.cell.data() + line + 1, end, group.number).ptr == end && line + 1 < group.cell.size())
          group.cell.resize(line);
      }
      found = groups.insert(groups.end(), std::move(group));
    }
    if (!found->weights.emplace(last, tensor).second) raise<ValueError>(loading, "\"", full, "\" occurs twice");
  }
  std::stable_sort(groups.begin(), groups.end(),
                   [](const KerasGroup& a, const KerasGroup& b) { return a.number < b.number; });
  return groups;
}

LayerWeights read_keras_group(LayerWeights w, KerasGroup& group) {
  if (w.kind == LayerKind::prelu) {
    w.slopes = take_slopes(group);
    check_all_taken(group);
    return w;
  }
  w.kernel = take(group, "kernel", 2);
  if (!w.kernel) raise<ValueError>(loading, "there is no \"", group.path, "/kernel\"");
  if (w.kernel.shape(1) % w.gates() != 0)
    raise<ValueError>(loading, "\"", group.path, "/kernel\" has shape ", w.kernel.shape(), ", expected (inputs, ",
                      w.gates(), " * units)");
  const Index columns = w.kernel.shape(1);
  auto check = [&](const Tensor& tensor, std::string_view name, const Shape& shape) {
    if (tensor.shape() != shape)
      raise<ValueError>(loading, "\"", group.path, "/", name, "\" has shape ", tensor.shape(), ", expected ", shape);
  };
  w.kernel = keras_gates(w.kind, w.kernel);
  if (w.kind != LayerKind::dense) {
    const Tensor recurrent = take(group, "recurrent_kernel", 2);
    if (!recurrent) raise<ValueError>(loading, "there is no \"", group.path, "/recurrent_kernel\"");
    check(recurrent, "recurrent_kernel", {w.units(), columns});
    w.recurrent_kernel = keras_gates(w.kind, recurrent);
  }
  const bool two = w.kind == LayerKind::gru_reset_after;
  if (Tensor bias = take(group, "bias", two ? 2 : 1)) {
    check(bias, "bias", two ? Shape{2, columns} : Shape{columns});
    w.bias = keras_gates(w.kind, two ? row(bias, 0) : bias);
    if (two) w.recurrent_bias = keras_gates(w.kind, row(bias, 1));
  }
  check_all_taken(group);
  return w;
}

}  // namespace unroll
