#pragma once
// Threads for a few coarse parallel regions. Every thread of the program that opens a region has workers of its own:
// they start at its first region, wait between regions (spinning for some microseconds, then asleep), and end with it.
// A region allocates nothing and, on an idle machine, costs less than a microsecond.
#include <atomic>
#include <memory>
#include <type_traits>

#include "unroll/core/shape.hpp"

namespace unroll {

/// How many threads the library computes with from now on; more than there are CPUs is allowed. No result depends on
/// it. Throws ValueError for n < 1.
void set_num_threads(int n);
/// By default the number of CPUs that the process may use (available_cpus()).
int num_threads();

namespace detail {
struct Crew;
}  // namespace detail

/// The threads of one region, as each of them sees it.
class Team {
 public:
  /// How many threads take part.
  int size() const { return size_; }
  /// Waits until all threads of the team have called it as often as this one. What a thread wrote before is seen by
  /// all after. If one of them has left by an exception, the others leave here, by an exception that is not for them to
  /// catch.
  void barrier() {
    if (size_ > 1) wait_for_all();
  }

 private:
  friend struct detail::Crew;
  void wait_for_all();
  detail::Crew* crew_ = nullptr;
  int size_ = 1;
};

namespace detail {

/// A callable by reference.
template <class... Arguments>
struct Callable {
  template <class F>
  explicit Callable(F& f)
      : object(const_cast<void*>(static_cast<const void*>(std::addressof(f)))),
        call([](void* object, Arguments... arguments) { (*static_cast<F*>(object))(arguments...); }) {}
  void operator()(Arguments... arguments) const { call(object, arguments...); }
  void* object;
  void (*call)(void*, Arguments...);
};

void run_parallel(int n, Callable<int, Team&> f);
void run_parallel_if_faster(int n, Callable<int, Team&> f);
/// How many threads a region of n would have here: 1 inside another region.
int threads_of_region(int n);
void run_parallel_for(Index first, Index last, Index grain, Callable<Index, Index> f);
Index rows_per_piece(Index rows, double ns_per_row);
/// Whether barrier_ns() is always 0: then threads are used where they cannot be worth while, for tests.
std::atomic<bool>& barriers_are_free();

}  // namespace detail

/// Calls f(index, team) once for each index from 0 to team.size() - 1, all at the same time, index 0 on the calling
/// thread, and returns when all have returned. team.size() is n, or less: 1 inside another region (which so runs
/// serially), and as many as could be had if the system refuses to start threads. So f goes by team.size(), not by n.
/// If f throws, the exception of the lowest index is thrown again here when all have stopped. Throws ValueError for
/// n < 1.
template <class F>
void parallel(int n, F&& f) {
  detail::run_parallel(n, detail::Callable<int, Team&>(f));
}

/// The same for one of many such regions: while threads do not get CPUs of their own, so that two regions in a row
/// would have been over sooner on one thread, those after them run alone, and ask for threads again after 10 ms, then
/// 20, up to 160 ms, or after set_num_threads.
template <class F>
void parallel_if_faster(int n, F&& f) {
  detail::run_parallel_if_faster(n, detail::Callable<int, Team&>(f));
}

/// Nanoseconds that a barrier among n threads takes here and now, 0 inside another region and for n < 2. Measured in a
/// region of its own, the least of some, again after a second; 300, for 10 ms, then 20 and so on, where there are CPUs
/// for the threads but they do not get them.
double barrier_ns(int n);

/// Calls f(begin, end) for the pieces [first, first + grain), [first + grain, first + 2 grain), ... of [first, last),
/// each once, on up to num_threads() threads; a thread that is free takes the next piece, and none waits for a thread
/// that has not begun yet. The pieces are the same for any number of threads. If f throws, pieces not begun are left
/// out, and one of the exceptions is thrown again here. Throws ValueError for grain < 1.
template <class F>
void parallel_for(Index first, Index last, Index grain, F&& f) {
  detail::run_parallel_for(first, last, grain, detail::Callable<Index, Index>(f));
}

/// parallel_for over the rows [0, rows), each worth about `ns_per_row` nanoseconds of one thread's time, in pieces that
/// are worth a region: one piece, without a region, if all is little.
template <class F>
void parallel_rows(Index rows, double ns_per_row, F&& f) {
  if (rows > 0) parallel_for(0, rows, detail::rows_per_piece(rows, ns_per_row), f);
}

}  // namespace unroll
