#include "target.hpp"
#include "unroll/io/npy.hpp"
#include "unroll/io/npz.hpp"
#include "unroll/io/safetensors.hpp"

using namespace unroll;
using namespace testing;

namespace {

NamedTensors tensors() {
  return {{"a", Tensor{1.5f, -2.f}},
          {"b/c", Tensor(random_tensor({2, 3}, 1, 1, float64))},
          {"flags", Tensor(Tensor{1.f, 0.f, 1.f}, DType::bool_)},
          {"empty", Tensor(TensorSpec{{0, 4}, DType::int64})}};
}

std::vector<std::string> npy_seeds() {
  std::vector<std::string> seeds;
  for (const auto& [name, tensor] : tensors())
    seeds.push_back(written(".npy", [&, &value = tensor](const auto& path) { write_npy(path, value); }));
  // Fortran's order and the other order of bytes.
  seeds.push_back(replaced(replaced(seeds[1], "False", " True"), "<f8", ">f8"));
  return seeds;
}

std::vector<std::string> npz_seeds() {
  return {written(".npz", [](const auto& path) { write_npz(path, tensors()); }),
          written(".npz", [](const auto& path) { write_npz(path, tensors(), {.compressed = true}); })};
}

std::vector<std::string> safetensors_seeds() {
  return {written(".safetensors", [](const auto& path) { write_safetensors(path, tensors(), {{"key", "text"}}); })};
}

const FuzzTarget npy("npy", {".npy", npy_seeds, [](const auto& path) { read_npy(path); }});
const FuzzTarget npz("npz", {".npz", npz_seeds, [](const auto& path) { read_npz(path); }});
const FuzzTarget safetensors("safetensors",
                             {".safetensors", safetensors_seeds, [](const auto& path) { read_safetensors(path); }});

}  // namespace
