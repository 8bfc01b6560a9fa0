#pragma once
// safetensors: https://github.com/huggingface/safetensors
#include <concepts>
#include <filesystem>
#include <map>

#include "unroll/io/named_tensors.hpp"

namespace unroll {

/// Texts that travel with the tensors.
using SafetensorsMetadata = std::map<std::string, std::string>;

struct Safetensors {
  NamedTensors tensors;
  SafetensorsMetadata metadata;
};

/// Writes tensors, in order, their elements aligned to 8 bytes. The file is complete or not there. Throws IOError if it
/// cannot be written, ValueError for a name that is "__metadata__", occurs twice or is not UTF-8.
void write_safetensors(const std::filesystem::path& path, const NamedTensors& tensors,
                       const SafetensorsMetadata& metadata = {});
/// Reads a file of any program, in the order of its elements. F16 and BF16 become float32; I8, I16, U8, U16 int32; U32
/// and U64 int64. Throws IOError if the file cannot be read, DataLossError, with the name of the tensor, if it is not
/// of the format: truncated, with holes or overlaps, with a name twice, with a type that is not known.
Safetensors read_safetensors(const std::filesystem::path& path);

/// Writes all variables of the modules under their names: "rnn/lstm_cell/kernel". Throws as write_safetensors does,
/// ValueError for a module that is not built.
void save_safetensors(const std::filesystem::path& path, const std::vector<Module*>& modules);
template <std::derived_from<Module>... Modules>
requires(sizeof...(Modules) > 0) void save_safetensors(const std::filesystem::path& path, Modules&... modules) {
  save_safetensors(path, std::vector<Module*>{&modules...});
}
/// Gives all variables of the modules the values of that name in the file. The modules have to be built. Throws as
/// read_safetensors does, ValueError or TypeError if the file does not hold exactly these variables; then nothing has
/// changed.
void load_safetensors(const std::filesystem::path& path, const std::vector<Module*>& modules);
template <std::derived_from<Module>... Modules>
requires(sizeof...(Modules) > 0) void load_safetensors(const std::filesystem::path& path, Modules&... modules) {
  load_safetensors(path, std::vector<Module*>{&modules...});
}

}  // namespace unroll
