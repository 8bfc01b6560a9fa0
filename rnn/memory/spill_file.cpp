#include "unroll/rnn/memory/spill_file.hpp"

#include <signal.h>
#include <unistd.h>
#include <xxhash.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <system_error>

#include "unroll/core/errors.hpp"
#include "unroll/rnn/memory/file_system.hpp"

namespace unroll::memory {
namespace {

constexpr std::string_view who = "dynamic_rnn";

std::string reason() { return std::generic_category().message(errno); }

// A program's signals are for its own threads.
class BlockSignals {
 public:
  BlockSignals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~BlockSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  BlockSignals(const BlockSignals&) = delete;

 private:
  sigset_t before_;
};

}  // namespace

SpillFile::SpillFile(const std::string& directory, Index blocks, std::size_t block_bytes)
    : system_(file_system()),
      block_bytes_(block_bytes),
      file_(system_.open_unnamed(directory)),
      checksums_(static_cast<std::size_t>(blocks)) {
  if (file_ < 0) raise<IOError>(who, "no file can be made in spill_directory \"", directory, "\": ", reason());
  try {
    BlockSignals block;
    thread_ = std::thread([this] { work(); });
  } catch (const std::system_error& error) {
    close(file_);
    raise<ResourceExhaustedError>(who, "no thread for spilling: ", error.what());
  }
}

SpillFile::~SpillFile() {
  {
    std::lock_guard lock(mutex_);
    ends_ = true;
  }
  asked_.notify_all();
  thread_.join();
  close(file_);
}

void SpillFile::write(Index block, const std::byte* from) { ask({block, const_cast<std::byte*>(from), true}); }
void SpillFile::read(Index block, std::byte* to) { ask({block, to, false}); }

void SpillFile::ask(Request request) {
  {
    std::lock_guard lock(mutex_);
    requests_.push_back(request);
  }
  asked_.notify_one();
}

template <class Done>
void SpillFile::wait_until(Done&& done) {
  auto begin = std::chrono::steady_clock::now();
  std::unique_lock lock(mutex_);
  done_.wait(lock, [&] { return failure_ || done(); });
  waited_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  if (failure_) std::rethrow_exception(failure_);
}

void SpillFile::wait(Index block) {
  wait_until([&] {
    return std::none_of(requests_.begin(), requests_.end(), [&](const Request& r) { return r.block == block; });
  });
}

void SpillFile::wait_for_all() {
  wait_until([&] { return requests_.empty(); });
}

void SpillFile::check() {
  std::lock_guard lock(mutex_);
  if (failure_) std::rethrow_exception(failure_);
}

DiskRates SpillFile::rates() {
  std::lock_guard lock(mutex_);
  auto rate = [&](bool writes) {
    return moved_[writes] < least_for_rates ? 0 : static_cast<double>(moved_[writes]) / moved_seconds_[writes];
  };
  return {.write = rate(true), .read = rate(false)};
}

void SpillFile::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    asked_.wait(lock, [&] { return ends_ || !requests_.empty(); });
    if (ends_) return;
    Request request = requests_.front();
    lock.unlock();
    std::exception_ptr failure;
    auto begin = std::chrono::steady_clock::now();
    try {
      run(request);
    } catch (...) {
      failure = std::current_exception();
    }
    std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
    lock.lock();
    requests_.pop_front();
    moved_[request.writes] += block_bytes_;
    moved_seconds_[request.writes] += seconds.count();
    if (failure) failure_ = failure;
    done_.notify_all();
    if (failure_) return;
  }
}

void SpillFile::run(const Request& r) {
  std::uint64_t offset = static_cast<std::uint64_t>(r.block) * block_bytes_;
  std::uint64_t& checksum = checksums_[static_cast<std::size_t>(r.block)];
  if (r.writes) checksum = XXH3_64bits(r.memory, block_bytes_);
  ssize_t done = r.writes ? system_.write(file_, r.memory, block_bytes_, offset)
                          : system_.read(file_, r.memory, block_bytes_, offset);
  std::string_view what = r.writes ? "write" : "read";
  if (done < 0) raise<IOError>(who, "cannot ", what, " the spill file: ", reason());
  if (static_cast<std::size_t>(done) < block_bytes_)
    raise<IOError>(who, "could ", what, " only ", done, " of ", block_bytes_, " bytes of the spill file",
                   r.writes ? ": is its file system full?" : "");
  if (!r.writes && XXH3_64bits(r.memory, block_bytes_) != checksum)
    raise<DataLossError>(who, "the spill file does not hold what was written to it");
}

}  // namespace unroll::memory
