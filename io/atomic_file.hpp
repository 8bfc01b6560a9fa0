#pragma once
// AtomicFile: a file that appears complete or not at all.
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace unroll {

/// Writes to a temporary file in the same folder and puts it in the target's place at `commit`, so that a crash or a
/// full disk leaves the old file or the new one, never a part. Whatever is not committed is removed; only a killed
/// process leaves the temporary file, ".NAME.PID-N.tmp".
///
/// A symbolic link is followed: the file it points to is replaced, the link stays. The new file has the permissions of
/// the old one, or 0666 less the umask. Errors throw IOError in the name of `who`, with the path and the system's
/// reason; also for a target that is no regular file, or that may not be written to.
class AtomicFile {
 public:
  AtomicFile(std::string_view who, const std::filesystem::path& path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  /// Behind what is there.
  void write(std::string_view bytes);
  /// At a place of the file, over what is there.
  void write_at(std::uint64_t offset, std::string_view bytes);
  /// Flushes to the disk and renames. To be called once, last.
  void commit();

 private:
  [[noreturn]] void fail(int error) const;
  void check_target();
  void open_temporary();

  std::string who_, shown_;
  std::filesystem::path target_, temporary_;
  int descriptor_ = -1;
  int mode_ = -1;  // of the file that is replaced; -1 if there is none
};

}  // namespace unroll
