#include "unroll/io/npz.hpp"

#include <zip.h>

#include <algorithm>
#include <memory>
#include <unordered_set>

#include "unroll/io/atomic_file.hpp"
#include "unroll/io/file_bytes.hpp"
#include "unroll/io/npy.hpp"
#include "unroll/io/npy_header.hpp"

namespace unroll {
namespace {

constexpr std::string_view extension = ".npy";

std::string text_of(zip_error_t& error) {
  std::string text = zip_error_strerror(&error);
  zip_error_fini(&error);
  return text;
}

// One file of an archive, while it is inflated. What the directory says of its size bounds what is read.
class Entry {
 public:
  Entry(std::string who, zip_t* zip, zip_uint64_t index)
      : who_(std::move(who)), file_(zip_fopen_index(zip, index, 0), zip_fclose) {
    zip_stat_t status;
    if (!file_ || zip_stat_index(zip, index, 0, &status) != 0) raise<DataLossError>(who_, zip_strerror(zip));
    size_ = status.size;
    constexpr zip_uint64_t most_per_byte = 1032;  // deflate: 258 bytes for 2 bits
    if ((status.comp_method == ZIP_CM_STORE && size_ != status.comp_size) ||
        (status.comp_method == ZIP_CM_DEFLATE && size_ / most_per_byte > status.comp_size))
      raise<DataLossError>(who_, "the archive tells of ", size_, " bytes, which ", status.comp_size,
                           " compressed ones cannot hold");
  }

  zip_uint64_t size() const { return size_; }
  // Goes on until `bytes` are so many.
  void extend(std::string& bytes, std::size_t size) {
    try {
      bytes.reserve(size);
    } catch (const std::exception&) {
      raise<ResourceExhaustedError>(who_, "no memory for its ", size, " bytes");
    }
    std::string block(std::min<std::size_t>(size, 1 << 16), '\0');
    while (bytes.size() < size) {
      const std::size_t count = read(block.data(), std::min(block.size(), size - bytes.size()));
      if (count == 0) raise<DataLossError>(who_, "ends after ", bytes.size(), " of ", size, " bytes");
      bytes.append(block, 0, count);
    }
  }
  // libzip compares the checksum when it comes to the end.
  void check_end() {
    char more;
    if (read(&more, 1) != 0)
      raise<DataLossError>(who_, "goes on after the ", size_, " bytes that the archive tells of");
  }

 private:
  std::size_t read(char* place, std::size_t most) {
    const zip_int64_t count = zip_fread(file_.get(), place, most);
    if (count < 0) raise<DataLossError>(who_, zip_file_strerror(file_.get()));
    return static_cast<std::size_t>(count);
  }

  std::string who_;
  std::unique_ptr<zip_file_t, int (*)(zip_file_t*)> file_;
  zip_uint64_t size_ = 0;
};

// An archive in memory.
class Archive {
 public:
  // Empty, to be written.
  explicit Archive(std::string_view who) : Archive(who, {}, ZIP_CREATE | ZIP_TRUNCATE) {}
  // Of these bytes, which have to outlive it.
  Archive(std::string_view who, std::string_view bytes) : Archive(who, bytes, ZIP_RDONLY | ZIP_CHECKCONS) {
    check_no_overlap(bytes.size());
  }
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
  Entry entry(zip_uint64_t index, std::string who) const { return Entry(std::move(who), zip_, index); }

 private:
  Archive(std::string_view who, std::string_view bytes, int flags) : who_(who) {
    zip_error_t error;
    zip_error_init(&error);
    source_ = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
    if (source_) zip_ = zip_open_from_source(source_, flags, &error);
    if (!zip_) {
      if (source_) zip_source_free(source_);
      const bool exists = zip_error_code_zip(&error) == ZIP_ER_EXISTS;
      const std::string reason = text_of(error);
      // Only ZIP_CHECKCONS minds names that occur twice.
      if (exists && (flags & ZIP_CHECKCONS)) Archive(who, bytes, ZIP_RDONLY).check_unique_names();
      raise<DataLossError>(who, "no zip archive: ", reason);
    }
    zip_source_keep(source_);
  }
  void check_unique_names() const {
    std::unordered_set<std::string> names;
    for (zip_uint64_t k = 0; k < size(); ++k)
      if (!names.insert(name(k)).second)
        raise<DataLossError>(who_, "the name \"", name(k).substr(0, 200), "\" occurs twice");
  }
  // Entries that share their compressed bytes could ask for any amount of memory.
  void check_no_overlap(zip_uint64_t left) const {
    for (zip_uint64_t k = 0; k < size(); ++k) {
      zip_stat_t status;
      if (zip_stat_index(zip_, k, 0, &status) != 0) fail();
      if (status.comp_size > left) raise<DataLossError>(who_, "the entries are larger than the archive");
      left -= status.comp_size;
    }
  }
  [[noreturn]] void fail() const { raise<DataLossError>(who_, zip_strerror(zip_)); }
  [[noreturn]] void fail_source() const { raise<DataLossError>(who_, zip_error_strerror(zip_source_error(source_))); }

  std::string_view who_;
  zip_source_t* source_ = nullptr;
  zip_t* zip_ = nullptr;
};

// Its memory is what the header and the archive agree on.
Tensor read_array(const std::string& who, Entry entry) {
  std::string bytes;
  entry.extend(bytes, std::min<zip_uint64_t>(entry.size(), longest_npy_header));
  const std::size_t expected = npy_file_size(who, decode_npy_header(who, bytes));
  if (entry.size() != expected)
    raise<DataLossError>(who, "the archive tells of ", entry.size(), " bytes, the array's header of ", expected);
  entry.extend(bytes, expected);
  entry.check_end();
  return detail::decode_npy(who, bytes);
}

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
    const std::string entry = who + ": " + name.substr(0, 200);
    Tensor tensor = read_array(entry, archive.entry(k, entry));
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
