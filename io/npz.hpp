#pragma once
// NumPy's .npz: arrays with names, a zip archive of .npy files.
#include <concepts>
#include <filesystem>

#include "unroll/io/named_tensors.hpp"

namespace unroll {

struct NpzOptions {
  /// numpy.savez_compressed instead of numpy.savez.
  bool compressed = false;
};

/// Writes tensors so that numpy.load gives them by name. The same tensors give the same bytes. The file is complete or
/// not there. Throws IOError if it cannot be written, ValueError if there is no tensor, or for a name
/// that is empty or occurs twice.
void write_npz(const std::filesystem::path& path, const NamedTensors& tensors, NpzOptions options = {});
/// Reads what numpy.savez has written; elements as in read_npy. Throws IOError if the file cannot be read,
/// DataLossError with the name of the member if it is damaged (the archive's checksums are compared) or no array. A
/// member whose size is not the one that its array's header asks for is refused before it is inflated, as is a name
/// that occurs twice. Names are not taken for paths: "../x" is a name.
NamedTensors read_npz(const std::filesystem::path& path);

/// Writes all variables of the modules under their names: "rnn/lstm_cell/kernel". Throws as write_npz does, ValueError
/// for a module that is not built.
void save_npz(const std::filesystem::path& path, const std::vector<Module*>& modules, NpzOptions options = {});
template <std::derived_from<Module>... Modules>
requires(sizeof...(Modules) > 0) void save_npz(const std::filesystem::path& path, Modules&... modules) {
  save_npz(path, std::vector<Module*>{&modules...});
}
/// Gives all variables of the modules the values of that name in the file. The modules have to be built. Throws as
/// read_npz does, ValueError or TypeError if the file does not hold exactly these variables; then nothing has changed.
void load_npz(const std::filesystem::path& path, const std::vector<Module*>& modules);
template <std::derived_from<Module>... Modules>
requires(sizeof...(Modules) > 0) void load_npz(const std::filesystem::path& path, Modules&... modules) {
  load_npz(path, std::vector<Module*>{&modules...});
}

}  // namespace unroll
