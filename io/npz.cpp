#include "unroll/io/npz.hpp"

#include <zip.h>

#include <memory>

#include "unroll/io/atomic_file.hpp"
#include "unroll/io/file_bytes.hpp"
#include "unroll/io/npy.hpp"

namespace unroll {
namespace {

constexpr std::string_view extension = ".npy";

std::string text_of(zip_error_t& error) {
  std::string text = zip_error_strerror(&error);
  zip_error_fini(&error);
  return text;
}

// An archive in memory.
class Archive {
 public:
  // Empty, to be written.
  explicit Archive(std::string_view who) : Archive(who, {}, ZIP_CREATE | ZIP_TRUNCATE) {}
  // Of these bytes, which have to outlive it.
  Archive(std::string_view who, std::string_view bytes) : Archive(who, bytes, ZIP_RDONLY | ZIP_CHECKCONS) {}
  ~Archive() {
    if (zip_) zip_discard(zip_);
    if (source_) zip_source_free(source_);
  }
  Archive(const Archive&) = delete;

  void add(const std::string& name, std::string_view content, bool compressed) {
    zip_source_t* source = zip_source_buffer(zip_, content.data(), content.size(), 0);
    if (!source) fail();
    zip_int64_t index = zip_file_add(zip_, name.c_str(), source, ZIP_FL_ENC_UTF_8);
    if (index < 0) {
      zip_source_free(source);
      fail();
    }
    const auto place = static_cast<zip_uint64_t>(index);
    constexpr zip_uint16_t first_day = 1 << 5 | 1;  // 1980-01-01, as numpy
    if (zip_set_file_compression(zip_, place, compressed ? ZIP_CM_DEFLATE : ZIP_CM_STORE, 0) != 0 ||
        zip_file_set_dostime(zip_, place, 0, first_day, 0) != 0)
      fail();
  }
  // Finishes it.
  std::string bytes() {
    if (zip_close(zip_) != 0) fail();
    zip_ = nullptr;
    zip_stat_t status;
    if (zip_source_stat(source_, &status) != 0 || zip_source_open(source_) != 0) fail_source();
    std::string result(status.size, '\0');
    zip_int64_t count = zip_source_read(source_, result.data(), result.size());
    zip_source_close(source_);
    if (count != static_cast<zip_int64_t>(result.size())) fail_source();
    return result;
  }

  zip_uint64_t size() const { return static_cast<zip_uint64_t>(zip_get_num_entries(zip_, 0)); }
  std::string name(zip_uint64_t index) const {
    const char* name = zip_get_name(zip_, index, ZIP_FL_ENC_GUESS);
    if (!name) fail();
    return name;
  }
  // At most as many bytes as are really there, whatever the archive says of its size.
  std::string content(zip_uint64_t index) const {
    std::unique_ptr<zip_file_t, int (*)(zip_file_t*)> file(zip_fopen_index(zip_, index, 0), zip_fclose);
    if (!file) fail();
    std::string result, block(1 << 16, '\0');
    while (true) {
      zip_int64_t count = zip_fread(file.get(), block.data(), block.size());
      if (count < 0) raise<DataLossError>(who_, name(index), ": ", zip_file_strerror(file.get()));
      if (count == 0) return result;
      result.append(block, 0, static_cast<std::size_t>(count));
    }
  }

 private:
  Archive(std::string_view who, std::string_view bytes, int flags) : who_(who) {
    zip_error_t error;
    zip_error_init(&error);
    source_ = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
    if (source_) zip_ = zip_open_from_source(source_, flags, &error);
    if (!zip_) {
      if (source_) zip_source_free(source_);
      raise<DataLossError>(who, "no zip archive: ", text_of(error));
    }
    zip_source_keep(source_);
  }
  [[noreturn]] void fail() const { raise<DataLossError>(who_, zip_strerror(zip_)); }
  [[noreturn]] void fail_source() const { raise<DataLossError>(who_, zip_error_strerror(zip_source_error(source_))); }

  std::string_view who_;
  zip_source_t* source_ = nullptr;
  zip_t* zip_ = nullptr;
};

}  // namespace

void write_npz(const std::filesystem::path& path, const NamedTensors& tensors, NpzOptions options) {
  constexpr std::string_view who = "write_npz";
  if (tensors.empty()) raise<ValueError>(who, "no tensor is given");
  check_unique_names(who, tensors);
  std::vector<std::string> contents;
  for (const auto& [name, tensor] : tensors) {
    if (name.empty()) raise<ValueError>(who, "a tensor has no name");
    contents.push_back(detail::encode_npy(tensor));
  }
  Archive archive(who);
  for (std::size_t k = 0; k < tensors.size(); ++k)
    archive.add(tensors[k].first + std::string(extension), contents[k], options.compressed);
  AtomicFile file(who, path);
  file.write(archive.bytes());
  file.commit();
}

NamedTensors read_npz(const std::filesystem::path& path) {
  const std::string who = "read_npz: " + path.string(), bytes = read_file_bytes(who, path);
  if (bytes.empty()) raise<DataLossError>(who, "no zip archive: the file is empty");  // libzip would take it for one
  Archive archive(who, bytes);
  NamedTensors tensors;
  for (zip_uint64_t k = 0; k < archive.size(); ++k) {
    std::string name = archive.name(k);
    Tensor tensor = detail::decode_npy(who + ": " + name.substr(0, 200), archive.content(k));
    if (name.ends_with(extension)) name.resize(name.size() - extension.size());
    tensors.emplace_back(std::move(name), std::move(tensor));
  }
  try {
    check_unique_names(who, tensors);
  } catch (const ValueError& error) {
    throw DataLossError(error.what());
  }
  return tensors;
}

void save_npz(const std::filesystem::path& path, const std::vector<Module*>& modules, NpzOptions options) {
  write_npz(path, named_variables("save_npz", modules), options);
}

void load_npz(const std::filesystem::path& path, const std::vector<Module*>& modules) {
  assign_variables("load_npz: " + path.string(), modules, read_npz(path));
}

}  // namespace unroll
