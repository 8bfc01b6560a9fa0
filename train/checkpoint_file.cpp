#include "unroll/train/checkpoint_file.hpp"

#include <zlib.h>

#include <algorithm>

namespace unroll::detail {
namespace {

constexpr const char* key = "checksum";

// The order of tensors and metadata in the file does not matter.
std::string checksum(NamedTensors tensors, const SafetensorsMetadata& metadata) {
  std::sort(tensors.begin(), tensors.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  uLong sum = crc32_z(0, nullptr, 0);
  auto add = [&](const void* bytes, std::size_t count) {
    sum = crc32_z(sum, static_cast<const unsigned char*>(bytes), count);
  };
  auto add_text = [&](const std::string& text) { add(text.c_str(), text.size() + 1); };
  for (const auto& [name, tensor] : tensors) {
    std::ostringstream spec;
    spec << name << ' ' << tensor.spec();
    add_text(spec.str());
    add(tensor.raw(), tensor.bytes());
  }
  for (const auto& [name, text] : metadata)
    if (name != key) add_text(name), add_text(text);
  return std::to_string(sum);
}

}  // namespace

void write_with_checksum(const std::filesystem::path& path, const NamedTensors& tensors, SafetensorsMetadata metadata) {
  metadata[key] = checksum(tensors, metadata);
  write_safetensors(path, tensors, metadata);
}

Safetensors read_with_checksum(const std::filesystem::path& path) {
  Safetensors file = read_safetensors(path);
  const std::string who = "read_checkpoint: " + path.string();
  auto found = file.metadata.find(key);
  if (found == file.metadata.end()) raise<DataLossError>(who, "there is no checksum");
  if (const std::string sum = checksum(file.tensors, file.metadata); sum != found->second)
    raise<DataLossError>(who, "the checksum is ", sum, ", expected ", found->second.substr(0, 20));
  return file;
}

}  // namespace unroll::detail
