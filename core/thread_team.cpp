#include "unroll/core/thread_team.hpp"

#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "unroll/core/cpu_count.hpp"
#include "unroll/core/errors.hpp"
#include "unroll/core/event.hpp"

namespace unroll {
namespace {

std::atomic<int> chosen{0};        // 0: not yet
std::atomic<unsigned> choices{0};  // that were made
std::atomic<unsigned> forks{0};
thread_local bool in_region = false, is_worker = false;

int cpus() {
  static const int count = available_cpus();
  return count;
}

// Leaves a barrier that cannot be completed.
struct Broken {};

using Clock = std::chrono::steady_clock;

// Whether threads are worth while. With a busy neighbour on one of two CPUs, a worker waits for its time slices, and
// all wait for it: then one thread alone is faster.
class Patience {
 public:
  int threads(int n) {
    if (unsigned now = choices.load(std::memory_order_relaxed); now != choices_) {
      choices_ = now;
      alone_ = {};
    }
    return alone_ > Clock::duration() && Clock::now() < end_ ? 1 : n;
  }
  // After a region of n threads that took `all`, of which the caller slept for `slept`. Of one that is longer than any
  // time alone nothing is concluded: the next one would be alone for as long as that. Nor of a single one among good
  // ones, which is bad luck and no neighbour.
  void learn(int n, Clock::time_point now, Clock::duration all, Clock::duration slept) {
    if (slept < least_slept || all > longest || n * (all - slept) > all) {
      alone_ = {};
      late_ = false;
      return;
    }
    if (alone_ == Clock::duration() && !std::exchange(late_, true)) return;
    alone_ = std::clamp(2 * alone_, shortest, longest);
    end_ = now + alone_;
  }

 private:
  static constexpr Clock::duration least_slept = std::chrono::microseconds(200);
  static constexpr Clock::duration shortest = std::chrono::milliseconds(10), longest = std::chrono::milliseconds(160);
  Clock::duration alone_{};  // for how long regions are to run alone; doubled while that does not help
  Clock::time_point end_;
  bool late_ = false;     // the last region was
  unsigned choices_ = 0;  // when that was learned
};

// Threads do not take signals that are for the program's own.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_{};
};

}  // namespace

namespace detail {
namespace {

void run_alone(const Callable<int, Team&>& f) {
  Team team;
  f(0, team);
}

}  // namespace

// A thread and its workers. Region k of a worker is open once its event has counted to k, and belongs to who moves
// `claimed` from k - 1 to k: the worker, which then runs it, or the caller, which so takes it back.
struct Crew {
  struct Worker {
    Event opened;
    std::atomic<std::uint32_t> claimed{0};
    std::thread thread;
    bool claim(std::uint32_t region) {
      std::uint32_t before = region - 1;
      return claimed.compare_exchange_strong(before, region, std::memory_order_acq_rel);
    }
  };

  const unsigned forks_before = forks;
  std::vector<std::unique_ptr<Worker>> workers;
  bool ending = false;
  Patience patience;
  Clock::duration slept{};  // of the caller, in a region
  double measured = 0;      // what a barrier takes
  int measured_threads = 0;
  Clock::duration measured_for{};
  Clock::time_point measured_until;

  Team team;
  const Callable<int, Team&>* job = nullptr;
  alignas(64) std::atomic<int> running{0};
  Event finished;

  alignas(64) std::atomic<int> arrived{0};
  Event passed;

  std::atomic<bool> broken{false};
  std::mutex exception_mutex;
  std::exception_ptr exception;
  int exception_index = 0;

  Crew() { team.crew_ = this; }
  ~Crew() {
    ending = true;
    for (auto& worker : workers) worker->opened.advance();
    for (auto& worker : workers) worker->thread.join();
  }
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;

  std::chrono::nanoseconds spin() const { return spin_among(team.size_); }

  void wait(Event& event, std::uint32_t seen) {
    if (is_worker) return static_cast<void>(event.wait(seen, spin()));
    Clock::time_point begin = Clock::now();
    if (event.wait(seen, spin())) slept += Clock::now() - begin;
  }

  void grow(std::size_t count) {
    if (workers.size() >= count) return;
    SignalsBlocked blocked;
    workers.reserve(count);
    try {
      while (workers.size() < count) {
        auto worker = std::make_unique<Worker>();
        worker->thread = std::thread(&Crew::work, this, static_cast<int>(workers.size()) + 1, worker.get());
        workers.push_back(std::move(worker));
      }
    } catch (const std::system_error&) {  // the system has no more threads
    }
  }

  void work(int index, Worker* worker) {
    in_region = is_worker = true;
    for (std::uint32_t seen = 0;;) {
      worker->opened.wait(seen, spin_among(index + 1));
      seen = worker->opened.count();
      if (!worker->claim(seen)) continue;
      if (ending) return;
      execute(index);
      if (running.fetch_sub(1, std::memory_order_acq_rel) == 1) finished.advance();
    }
  }

  void execute(int index) noexcept {
    try {
      (*job)(index, team);
    } catch (const Broken&) {
    } catch (...) {
      std::lock_guard lock(exception_mutex);
      if (!exception || index < exception_index) {
        exception = std::current_exception();
        exception_index = index;
      }
      broken = true;
      passed.advance();
    }
  }

  void run_if_faster(int n, const Callable<int, Team&>& f) {
    if (patience.threads(n) == 1) return run_alone(f);
    slept = {};
    Clock::time_point begin = Clock::now();
    run(n, f, false);
    Clock::time_point end = Clock::now();
    if (n <= cpus()) patience.learn(n, end, end - begin, slept);
  }

  // Threads that share a CPU, as new ones may for some milliseconds, or wait for time slices, say nothing about their
  // later meetings.
  double barrier_ns(int n) {
    constexpr double longest = 3000, usual = 300;
    constexpr Clock::duration soon = std::chrono::milliseconds(10), later = std::chrono::seconds(1);
    Clock::time_point now = Clock::now();
    if (n == measured_threads && (now < measured_until || patience.threads(n) == 1)) return measured;
    bool again = n == measured_threads;
    measured = measure_barrier(n);
    measured_threads = n;
    bool valid = n > cpus() || measured <= longest;
    if (!valid) measured = usual;
    measured_for = valid ? later : std::min(later, again ? 2 * measured_for : soon);
    measured_until = now + measured_for;
    return measured;
  }

  // With `optional`, f does without the workers that have not begun when index 0 returns.
  void run(int n, const Callable<int, Team&>& f, bool optional) {
    grow(static_cast<std::size_t>(n - 1));
    team.size_ = static_cast<int>(std::min(workers.size() + 1, static_cast<std::size_t>(n)));
    job = &f;
    broken.store(false, std::memory_order_relaxed);
    arrived.store(0, std::memory_order_relaxed);
    running.store(team.size_, std::memory_order_relaxed);
    for (int i = 1; i < team.size_; ++i) workers[i - 1]->opened.advance();
    in_region = true;
    execute(0);
    in_region = false;

    int gone = 1;
    if (optional)
      for (int i = 1; i < team.size_; ++i) gone += workers[i - 1]->claim(workers[i - 1]->opened.count());
    std::uint32_t seen = finished.count();
    if (running.fetch_sub(gone, std::memory_order_acq_rel) != gone) wait(finished, seen);
    if (broken.load(std::memory_order_relaxed)) std::rethrow_exception(std::exchange(exception, nullptr));
  }

 private:
  // In nanoseconds. Gives up early where threads wait for time slices.
  double measure_barrier(int n) {
    constexpr int batches = 16, barriers = 4;
    constexpr auto longest = std::chrono::microseconds(500);
    Clock::duration least = Clock::duration::max();
    bool goes_on = true;
    auto meet = [&](int index, Team& t) {
      t.barrier();  // a thread may have to be started first
      Clock::time_point begin = Clock::now();
      for (int batch = 0; batch < batches; ++batch) {
        t.barrier();
        if (!goes_on) break;  // written before the barrier, by thread 0
        Clock::time_point before = Clock::now();
        for (int i = 0; i < barriers; ++i) t.barrier();
        if (index != 0) continue;
        Clock::time_point after = Clock::now();
        least = std::min(least, after - before);
        goes_on = after - begin < longest;
      }
    };
    run(n, Callable<int, Team&>(meet), false);
    return std::chrono::duration<double, std::nano>(least).count() / barriers;
  }

  // More threads than CPUs wait for each other's time slices, not for each other's work.
  static std::chrono::nanoseconds spin_among(int threads) {
    return std::chrono::microseconds(threads <= cpus() ? 50 : 0);
  }
};

namespace {

// The workers of another process, before the fork, are not there to be ended.
struct CrewOfThread {
  std::unique_ptr<Crew> crew;
  ~CrewOfThread() {
    renounce();
    crew.reset();
    in_region = true;  // what the thread still does, it does alone
  }
  void renounce() noexcept {
    if (crew && crew->forks_before != forks) static_cast<void>(crew.release());
  }
  Crew& get() {
    renounce();
    if (!crew) {
      static const int registered = pthread_atfork(nullptr, nullptr, [] { ++forks; });
      static_cast<void>(registered);
      crew = std::make_unique<Crew>();
    }
    return *crew;
  }
};
thread_local CrewOfThread crew_of_thread;

}  // namespace

void run_parallel(int n, Callable<int, Team&> f) {
  if (n < 1) raise<ValueError>("parallel", "n is ", n, ", expected at least 1");
  if (n == 1 || in_region)
    run_alone(f);
  else
    crew_of_thread.get().run(n, f, false);
}

std::atomic<bool>& barriers_are_free() {
  static std::atomic<bool> free{false};
  return free;
}

void run_parallel_if_faster(int n, Callable<int, Team&> f) {
  if (n < 2 || in_region)
    run_parallel(n, f);
  else
    crew_of_thread.get().run_if_faster(n, f);
}

int threads_of_region(int n) { return in_region ? 1 : n; }

void run_parallel_for(Index first, Index last, Index grain, Callable<Index, Index> f) {
  if (grain < 1) raise<ValueError>("parallel_for", "grain is ", grain, ", expected at least 1");
  if (first >= last) return;
  const Index pieces = (last - first - 1) / grain + 1;
  auto run_piece = [&](Index i) {
    Index begin = first + i * grain;
    f(begin, grain < last - begin ? begin + grain : last);
  };
  const int threads = in_region ? 1 : static_cast<int>(std::min<Index>(num_threads(), pieces));
  if (threads == 1) {
    for (Index i = 0; i < pieces; ++i) run_piece(i);
    return;
  }
  std::atomic<Index> next{0};
  auto take_pieces = [&](int, Team&) {
    try {
      for (Index i; (i = next.fetch_add(1, std::memory_order_relaxed)) < pieces;) run_piece(i);
    } catch (...) {
      next.store(pieces, std::memory_order_relaxed);
      throw;
    }
  };
  crew_of_thread.get().run(threads, Callable<int, Team&>(take_pieces), true);
}

// A power of two pieces, which shares out evenly among most numbers of threads.
Index rows_per_piece(Index rows, double ns_per_row) {
  constexpr double ns_per_piece = 15000;
  constexpr Index most = 64;
  const double total = static_cast<double>(rows) * ns_per_row;
  Index pieces = 1;
  while (pieces < most && static_cast<double>(2 * pieces) * ns_per_piece <= total) pieces *= 2;
  return (rows - 1) / pieces + 1;
}

}  // namespace detail

void set_num_threads(int n) {
  if (n < 1) raise<ValueError>("set_num_threads", "n is ", n, ", expected at least 1");
  chosen = n;
  ++choices;
}

double barrier_ns(int n) {
  return n < 2 || in_region || detail::barriers_are_free() ? 0 : detail::crew_of_thread.get().barrier_ns(n);
}

int num_threads() {
  int n = chosen.load(std::memory_order_relaxed);
  return n ? n : cpus();
}

void Team::wait_for_all() {
  detail::Crew& crew = *crew_;
  std::uint32_t seen = crew.passed.count();
  if (crew.broken.load(std::memory_order_acquire)) throw Broken{};
  if (crew.arrived.fetch_add(1, std::memory_order_acq_rel) + 1 == size_) {
    crew.arrived.store(0, std::memory_order_relaxed);
    crew.passed.advance();
  } else {
    crew.wait(crew.passed, seen);
  }
  if (crew.broken.load(std::memory_order_acquire)) throw Broken{};
}

}  // namespace unroll
