#pragma once
// FileSystem: the few calls that spilling makes, so that a test can make them fail.
#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>

namespace unroll::memory {

/// As the POSIX calls: -1 and errno for a failure.
class FileSystem {
 public:
  virtual ~FileSystem() = default;
  /// A new file that has no name, so that nothing stays behind however the process ends.
  virtual int open_unnamed(const std::string& directory);
  virtual ssize_t write(int file, const void* from, std::size_t bytes, std::uint64_t offset);
  virtual ssize_t read(int file, void* to, std::size_t bytes, std::uint64_t offset);
};

/// Those of the system; or, while a UseFileSystem lives, another's, for all threads.
FileSystem& file_system();

class [[nodiscard]] UseFileSystem {
 public:
  explicit UseFileSystem(FileSystem& other);
  ~UseFileSystem();
  UseFileSystem(const UseFileSystem&) = delete;

 private:
  FileSystem* before_;
};

}  // namespace unroll::memory
