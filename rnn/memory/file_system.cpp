#include "unroll/rnn/memory/file_system.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>

namespace unroll::memory {
namespace {

FileSystem of_system;
std::atomic<FileSystem*> current = &of_system;

// Not every file system takes O_DIRECT, and some do so only to refuse the first call.
template <class Call>
ssize_t unbuffered_or_not(int file, Call&& call) {
  ssize_t done = call();
  if (done >= 0 || errno != EINVAL) return done;
  int flags = fcntl(file, F_GETFL);
  if (flags < 0 || !(flags & O_DIRECT) || fcntl(file, F_SETFL, flags & ~O_DIRECT) < 0) {
    errno = EINVAL;
    return -1;
  }
  return call();
}

template <class Call>
ssize_t uninterrupted(Call&& call) {
  ssize_t done;
  do done = call();
  while (done < 0 && errno == EINTR);
  return done;
}

int open_and_unlink(const std::string& directory) {
  std::string path = directory + "/unroll-XXXXXX";
  int file = mkostemp(path.data(), O_CLOEXEC);
  if (file >= 0) unlink(path.c_str());
  return file;
}

}  // namespace

int FileSystem::open_unnamed(const std::string& directory) {
  for (int direct : {O_DIRECT, 0}) {
    int file = open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC | direct, 0600);
    if (file >= 0 || (errno != EINVAL && errno != EOPNOTSUPP && errno != EISDIR)) return file;
  }
  return open_and_unlink(directory);
}

ssize_t FileSystem::write(int file, const void* from, std::size_t bytes, std::uint64_t offset) {
  return unbuffered_or_not(
      file, [&] { return uninterrupted([&] { return pwrite(file, from, bytes, static_cast<off_t>(offset)); }); });
}

ssize_t FileSystem::read(int file, void* to, std::size_t bytes, std::uint64_t offset) {
  return unbuffered_or_not(
      file, [&] { return uninterrupted([&] { return pread(file, to, bytes, static_cast<off_t>(offset)); }); });
}

FileSystem& file_system() { return *current; }

UseFileSystem::UseFileSystem(FileSystem& other) : before_(current.exchange(&other)) {}
UseFileSystem::~UseFileSystem() { current = before_; }

}  // namespace unroll::memory
