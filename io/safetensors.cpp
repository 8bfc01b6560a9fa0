#include "unroll/io/safetensors.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "unroll/io/atomic_file.hpp"
#include "unroll/io/elements.hpp"
#include "unroll/io/file_bytes.hpp"
#include "unroll/io/json_text.hpp"

namespace unroll {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t length_bytes = 8, alignment = 8, longest_header = 100'000'000;  // as the reference
constexpr const char* metadata_key = "__metadata__";

struct Kind {
  std::string_view name;
  ElementType type;
};
constexpr Kind kinds[] = {{"BOOL", ElementType::bool_},  {"I8", ElementType::int8},       {"I16", ElementType::int16},
                          {"I32", ElementType::int32},   {"I64", ElementType::int64},     {"U8", ElementType::uint8},
                          {"U16", ElementType::uint16},  {"U32", ElementType::uint32},    {"U64", ElementType::uint64},
                          {"F16", ElementType::float16}, {"BF16", ElementType::bfloat16}, {"F32", ElementType::float32},
                          {"F64", ElementType::float64}};

struct Entry {
  std::string name;
  ElementType type;
  Shape shape;
  std::size_t begin, end;
};

std::size_t number(const std::string& who, const ordered_json& json) {
  if (!json.is_number_unsigned()) raise<DataLossError>(who, json.dump().substr(0, 40), " is no size");
  return json.get<std::size_t>();
}

Entry read_entry(const std::string& who, const std::string& name, const ordered_json& json) {
  const std::string at = who + ": \"" + name.substr(0, 200) + "\"";
  if (!json.is_object() || json.size() != 3 || !json.contains("dtype") || !json["dtype"].is_string() ||
      !json.contains("shape") || !json["shape"].is_array() || !json.contains("data_offsets") ||
      !json["data_offsets"].is_array() || json["data_offsets"].size() != 2)
    raise<DataLossError>(at, "expected dtype, shape and data_offsets");
  const auto& dtype = json["dtype"].get_ref<const std::string&>();
  auto kind = std::find_if(std::begin(kinds), std::end(kinds), [&](const Kind& k) { return k.name == dtype; });
  if (kind == std::end(kinds)) raise<DataLossError>(at, "the type \"", dtype.substr(0, 40), "\" is not known");
  if (json["shape"].size() > static_cast<std::size_t>(Shape::max_rank))
    raise<DataLossError>(at, json["shape"].size(), " axes, expected at most ", Shape::max_rank);
  std::vector<Index> dims;
  for (const ordered_json& dim : json["shape"]) {
    std::size_t size = number(at, dim);
    if (size > static_cast<std::size_t>(std::numeric_limits<Index>::max()))
      raise<DataLossError>(at, "a dimension is ", size);
    dims.push_back(static_cast<Index>(size));
  }
  Shape shape;
  try {
    shape = Shape(std::span<const Index>(dims));
  } catch (const Error& error) {
    raise<DataLossError>(at, error.what());
  }
  return {name, kind->type, shape, number(at, json["data_offsets"][0]), number(at, json["data_offsets"][1])};
}

SafetensorsMetadata read_metadata(const std::string& who, const ordered_json& json) {
  if (!json.is_object()) raise<DataLossError>(who, metadata_key, " is no object");
  SafetensorsMetadata metadata;
  for (const auto& [key, value] : json.items()) {
    if (!value.is_string()) raise<DataLossError>(who, metadata_key, ".", key.substr(0, 100), " is no text");
    metadata[key] = value.get<std::string>();
  }
  return metadata;
}

}  // namespace

void write_safetensors(const std::filesystem::path& path, const NamedTensors& tensors,
                       const SafetensorsMetadata& metadata) {
  constexpr std::string_view who = "write_safetensors";
  check_unique_names(who, tensors);
  // Larger elements first, as the reference does, so that all are aligned without holes.
  std::vector<const NamedTensors::value_type*> order;
  for (const auto& entry : tensors) order.push_back(&entry);
  std::stable_sort(order.begin(), order.end(), [](const auto* a, const auto* b) {
    return size_of(a->second.dtype()) > size_of(b->second.dtype());
  });
  ordered_json header = ordered_json::object();
  if (!metadata.empty()) header[metadata_key] = metadata;
  std::size_t offset = 0;
  for (const auto* entry : order) {
    const auto& [name, tensor] = *entry;
    if (name == metadata_key) raise<ValueError>(who, "a tensor cannot be named ", metadata_key);
    const ElementType type = element_type(tensor.dtype());
    auto kind = std::find_if(std::begin(kinds), std::end(kinds), [&](const Kind& k) { return k.type == type; });
    header[name] = {{"dtype", kind->name},
                    {"shape", std::vector<Index>(tensor.shape().begin(), tensor.shape().end())},
                    {"data_offsets", {offset, offset + tensor.bytes()}}};
    offset += tensor.bytes();
  }
  std::string text = dump_json(who, header);
  text.append((alignment - text.size() % alignment) % alignment, ' ');
  AtomicFile file(who, path);
  std::array<char, length_bytes> length;
  for (std::size_t k = 0; k < length_bytes; ++k) length[k] = static_cast<char>(text.size() >> (8 * k) & 255);
  file.write({length.data(), length.size()});
  file.write(text);
  for (const auto* entry : order) file.write(encode_elements(entry->second));
  file.commit();
}

Safetensors read_safetensors(const std::filesystem::path& path) {
  const std::string who = "read_safetensors: " + path.string(), content = read_file_bytes(who, path);
  std::string_view bytes = content;
  if (bytes.size() < length_bytes) raise<DataLossError>(who, "the file ends within its first 8 bytes");
  std::uint64_t length = 0;
  for (std::size_t k = length_bytes; k-- > 0;) length = length << 8 | static_cast<unsigned char>(bytes[k]);
  bytes.remove_prefix(length_bytes);
  if (length > longest_header || length > bytes.size())
    raise<DataLossError>(who, "a header of ", length, " bytes is claimed, ", bytes.size(), " follow");
  ordered_json header = parse_json(who, bytes.substr(0, length));
  if (!header.is_object()) raise<DataLossError>(who, "the header is no object");
  bytes.remove_prefix(length);

  Safetensors result;
  std::vector<Entry> entries;
  for (const auto& [name, json] : header.items())
    if (name == metadata_key)
      result.metadata = read_metadata(who, json);
    else
      entries.push_back(read_entry(who, name, json));
  std::stable_sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return a.begin != b.begin ? a.begin < b.begin : a.end < b.end;
  });
  std::size_t next = 0;
  for (const Entry& entry : entries) {
    const std::string at = who + ": \"" + entry.name.substr(0, 200) + "\"";
    if (entry.begin != next || entry.end < entry.begin || entry.end > bytes.size())
      raise<DataLossError>(at, "its data is at ", entry.begin, " .. ", entry.end, ", expected from ", next,
                           ", at most to ", bytes.size());
    next = entry.end;
    result.tensors.emplace_back(
        entry.name, decode_elements(at, entry.type, entry.shape, bytes.substr(entry.begin, entry.end - entry.begin)));
  }
  if (next != bytes.size()) raise<DataLossError>(who, bytes.size() - next, " bytes follow the last tensor");
  return result;
}

void save_safetensors(const std::filesystem::path& path, const std::vector<Module*>& modules) {
  write_safetensors(path, named_variables("save_safetensors", modules));
}

void load_safetensors(const std::filesystem::path& path, const std::vector<Module*>& modules) {
  assign_variables("load_safetensors: " + path.string(), modules, read_safetensors(path).tensors);
}

}  // namespace unroll
