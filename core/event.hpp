#pragma once
// For the thread team: a counter to wait on.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace unroll::detail {

/// Counts; threads wait for it to change. A wait spins for a bounded time, as most are short, and then sleeps, which
/// leaves the CPU to whoever is waited for. It never yields: a busy neighbour would get a whole time slice for that,
/// while a sleeper that is woken goes before it.
class alignas(64) Event {
 public:
  std::uint32_t count() const { return count_.load(std::memory_order_acquire); }

  void advance() {
    count_.fetch_add(1, std::memory_order_seq_cst);
    if (sleepers_.load(std::memory_order_seq_cst) == 0) return;
    mutex_.lock();  // nobody is between having looked at the count and being asleep
    mutex_.unlock();
    changed_.notify_all();
  }

  /// Returns when count() differs from `seen`; whether it slept.
  bool wait(std::uint32_t seen, std::chrono::nanoseconds spin) {
    if (!spin_while(seen, spin)) return false;
    std::unique_lock lock(mutex_);
    sleepers_.fetch_add(1, std::memory_order_seq_cst);
    changed_.wait(lock, [&] { return count_.load(std::memory_order_seq_cst) != seen; });
    sleepers_.fetch_sub(1, std::memory_order_relaxed);
    return true;
  }

 private:
  static void pause() {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
  }

  bool spin_while(std::uint32_t seen, std::chrono::nanoseconds limit) const {
    using Clock = std::chrono::steady_clock;
    if (count() != seen) return false;
    if (limit.count() == 0) return true;
    for (auto end = Clock::now() + limit; Clock::now() < end;)
      for (int i = 0; i < 32; ++i) {
        if (count() != seen) return false;
        pause();
      }
    return true;
  }

  std::atomic<std::uint32_t> count_{0};
  std::atomic<int> sleepers_{0};
  std::mutex mutex_;
  std::condition_variable changed_;
};

}  // namespace unroll::detail
