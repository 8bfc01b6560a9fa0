#include "unroll/io/atomic_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <system_error>
#include <utility>

#include "unroll/core/errors.hpp"

namespace unroll {
namespace fs = std::filesystem;

AtomicFile::AtomicFile(std::string_view who, const fs::path& path) : who_(who), shown_(path.string()), target_(path) {
  check_target();
  open_temporary();
}

AtomicFile::~AtomicFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void AtomicFile::fail(int error) const {
  raise<IOError>(who_, "cannot write ", shown_, ": ", std::generic_category().message(error));
}

void AtomicFile::check_target() {
  constexpr int most_links = 40;  // as Linux
  std::error_code none;
  for (int links = 0; fs::is_symlink(target_, none); ++links) {
    if (links == most_links) fail(ELOOP);
    target_ = target_.parent_path() / fs::read_symlink(target_, none);
  }
  if (!target_.has_filename()) fail(target_.empty() ? ENOENT : EISDIR);
  struct stat status {};
  if (::stat(target_.c_str(), &status) != 0) {
    if (errno != ENOENT) fail(errno);
    return;
  }
  if (S_ISDIR(status.st_mode)) fail(EISDIR);
  if (!S_ISREG(status.st_mode)) raise<IOError>(who_, "cannot write ", shown_, ": it is not a regular file");
  if (::access(target_.c_str(), W_OK) != 0) fail(errno);
  mode_ = static_cast<int>(status.st_mode & 07777);
}

void AtomicFile::open_temporary() {
  static std::atomic<unsigned> count = 0;
  constexpr std::size_t longest = 200;  // leaves room within the 255 bytes of a name
  std::string stem = ".";
  stem += target_.filename().string().substr(0, longest) + "." + std::to_string(::getpid()) + "-";
  do {  // a killed process of this number may have left one
    fs::path name = target_.parent_path() / (stem + std::to_string(count++) + ".tmp");
    descriptor_ = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor_ >= 0) temporary_ = name;
  } while (descriptor_ < 0 && errno == EEXIST);
  if (descriptor_ < 0) fail(errno);
}

void AtomicFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR) fail(errno);
    if (written > 0) bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

void AtomicFile::write_at(std::uint64_t offset, std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t written = ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno != EINTR) fail(errno);
    if (written <= 0) continue;
    bytes.remove_prefix(static_cast<std::size_t>(written));
    offset += static_cast<std::uint64_t>(written);
  }
}

void AtomicFile::commit() {
  if (mode_ >= 0 && ::fchmod(descriptor_, static_cast<mode_t>(mode_)) != 0) fail(errno);
  if (::fsync(descriptor_) != 0) fail(errno);
  if (::close(std::exchange(descriptor_, -1)) != 0) fail(errno);
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) fail(errno);
  temporary_.clear();
  // The name is on the disk once the folder is. Folders that cannot be read or synchronised are left to the system.
  fs::path folder = target_.has_parent_path() ? target_.parent_path() : fs::path(".");
  int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  bool lost = ::fsync(descriptor) != 0 && errno == EIO;
  ::close(descriptor);
  if (lost) fail(EIO);
}

}  // namespace unroll
