#pragma once
// SpillFile: blocks of memory that a thread of its own writes to a file and reads again.
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "unroll/core/shape.hpp"
#include "unroll/rnn/memory/disk_rates.hpp"

namespace unroll::memory {

class FileSystem;

class SpillFile {
 public:
  /// Addresses and sizes of blocks are multiples of this: so the system may copy them past its cache (O_DIRECT).
  static constexpr std::size_t page = 4096;
  static constexpr std::size_t whole_pages(std::size_t bytes) { return (bytes + page - 1) / page * page; }
  /// The first page at or after p.
  static std::byte* at_page(std::byte* p) {
    auto address = reinterpret_cast<std::uintptr_t>(p);
    return p + (whole_pages(address) - address);
  }

  /// A file without a name in `directory`, for `blocks` blocks of `block_bytes` bytes. Throws IOError if there can be
  /// none.
  SpillFile(const std::string& directory, Index blocks, std::size_t block_bytes);
  /// What has not begun by then is left out.
  ~SpillFile();
  SpillFile(const SpillFile&) = delete;

  /// Asks for a block to be written, or read; the memory must not be used until wait() for it has returned. Done in the
  /// order in which they are asked for.
  void write(Index block, const std::byte* from);
  void read(Index block, std::byte* to);
  /// Returns when all that was asked for this block is done. Throws what has gone wrong so far with any block: IOError
  /// for a failed or short write or read, DataLossError if what was read is not what was written.
  void wait(Index block);
  void wait_for_all();
  /// Throws what has gone wrong so far.
  void check();
  /// The time that wait() has taken, in seconds.
  double waited() const { return waited_; }
  /// How many bytes less than this say nothing of a rate.
  static constexpr std::size_t least_for_rates = std::size_t{32} << 20;
  /// What this file has come to, checksums included; 0 where that is not known.
  DiskRates rates();

 private:
  struct Request {
    Index block;
    std::byte* memory;
    bool writes;
  };
  void ask(Request request);
  template <class Done>
  void wait_until(Done&& done);
  void work();
  void run(const Request& request);

  FileSystem& system_;
  std::size_t block_bytes_;
  int file_;
  std::vector<std::uint64_t> checksums_;  // by block
  std::deque<Request> requests_;          // the first is being worked on
  std::exception_ptr failure_;
  bool ends_ = false;
  double waited_ = 0;
  std::size_t moved_[2] = {};  // bytes read, written
  double moved_seconds_[2] = {};
  std::mutex mutex_;
  std::condition_variable asked_, done_;
  std::thread thread_;
};

}  // namespace unroll::memory
