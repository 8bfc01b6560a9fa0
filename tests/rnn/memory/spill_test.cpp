// Spilling: the same bits, and errors instead of wrong numbers.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "../compile/agreement.hpp"
#include "support/spawn.hpp"
#include "support/use_threads.hpp"
#include "unroll/autograd/ops/arithmetic.hpp"
#include "unroll/autograd/ops/reduce.hpp"
#include "unroll/cells/dropout_wrapper.hpp"
#include "unroll/core/creation.hpp"
#include "unroll/core/random.hpp"
#include "unroll/rnn/bidirectional.hpp"
#include "unroll/rnn/memory/file_system.hpp"
#include "unroll/rnn/memory/spilled.hpp"

using namespace unroll;
using namespace testing;

namespace {

enum class Fault { none, fails, is_short, damages };

// Call number `at` of its kind, from 1, fails.
class FaultyFileSystem : public memory::FileSystem {
 public:
  Fault on_write = Fault::none, on_read = Fault::none;
  int at = 0;
  bool has_struck = false;
  std::atomic<int> writes = 0, reads = 0;
  std::vector<int> files;

  int open_unnamed(const std::string& directory) override {
    files.push_back(FileSystem::open_unnamed(directory));
    return files.back();
  }
  ssize_t write(int file, const void* from, std::size_t bytes, std::uint64_t offset) override {
    if (++writes != at || on_write == Fault::none) return FileSystem::write(file, from, bytes, offset);
    has_struck = true;
    errno = ENOSPC;
    return on_write == Fault::fails ? -1 : FileSystem::write(file, from, bytes / 2, offset);
  }
  ssize_t read(int file, void* to, std::size_t bytes, std::uint64_t offset) override {
    if (++reads != at || on_read == Fault::none) return FileSystem::read(file, to, bytes, offset);
    has_struck = true;
    errno = EIO;
    if (on_read == Fault::fails) return -1;
    ssize_t done = FileSystem::read(file, to, on_read == Fault::is_short ? bytes / 2 : bytes, offset);
    if (on_read == Fault::damages) static_cast<unsigned char*>(to)[bytes / 3] ^= 4;
    return done;
  }
};

bool is_open(int file) { return fcntl(file, F_GETFD) >= 0; }

const std::string directory = std::filesystem::temp_directory_path();

struct Case {
  testing::UseThreads use{2};  // one thread has shorter chunks
  LSTMCell cell{12};
  Tensor x = random_tensor({64, 90, 5}, 1, 1, float32);  // 11 chunks
  DynamicRnnOptions options;
  Case() {
    dynamic_rnn(cell, x, {.dtype = float32});
    randomize(cell);
    options = {.sequence_length = {}, .initial_state = random_state(cell, 64, 50, float32)};
    std::vector<std::int64_t> lengths;
    for (int k = 0; k < 64; ++k) lengths.push_back(90 - k % 7);
    options.sequence_length = Tensor(Shape{64}, lengths);
  }
  Everything run() { return everything(cell, x, options); }
  Everything spilled(std::size_t limit = 1'000'000) {
    options.swap_memory = true;
    options.memory_limit = limit;
    options.spill_directory = directory;
    return run();
  }
};

}  // namespace

TEST_CASE("what is spilled, and what is in part computed again, has the same bits") {
  Case c;
  Everything want = c.run();
  for (int round : {0, 1, 2})  // from the second on times are known
    for (std::size_t limit : {0, 700'000, 1'000'000, 2'000'000}) {
      CAPTURE(round);
      CAPTURE(limit);
      CHECK(first_difference(c.spilled(limit), want, 0) == "");
    }
}

TEST_CASE("every share of chunks that is spilled gives every chunk's data back, also twice") {
  constexpr std::size_t kept = 5000, state = 100;
  constexpr Index chunks = 37;
  memory::ChunkSizes sizes{chunks, [](Index) { return kept; }, kept, state};
  for (double share : {0.25, 0.3125, 0.5, 0.625, 0.9375, 1.0})
    for (Index more : {0, 1, 6, 40}) {
      CAPTURE(share);
      CAPTURE(more);
      memory::SpillPlan plan{.spilled = share};
      plan.blocks = std::max<Index>(2, plan.longest_replay() + 1) + more;
      memory::Spilled store(sizes, plan, directory);
      bool right = true;
      Index present = -1;
      auto forward = [&](const memory::Step& s) {
        if (s.load) {
          present = *static_cast<const Index*>(s.load);
        } else if (s.chunk == 0) {
          present = 0;
        }
        right &= present == s.chunk;
        if (s.save) *static_cast<Index*>(s.save) = s.chunk;
        if (s.kept) std::fill_n(static_cast<Index*>(s.kept), kept / sizeof(Index), s.chunk);
        present = s.chunk + 1;
      };
      memory::Step step;
      store.start_forward();
      while (store.next(step)) forward(step);
      right &= present == chunks;
      for (int pass : {0, 1}) {
        CAPTURE(pass);
        store.start_backward();
        Index next = chunks;
        while (store.next(step)) {
          if (step.direction == memory::Step::Direction::forward) {
            forward(step);
            continue;
          }
          right &= step.chunk == --next;
          const auto* data = static_cast<const Index*>(step.kept);
          right &= std::all_of(data, data + kept / sizeof(Index), [&](Index n) { return n == next; });
        }
        CHECK(next == 0);
      }
      CHECK(right);
    }
}

TEST_CASE("each write and each read that fails, is short or is damaged is an error, never a wrong number") {
  // Nothing is known yet of a new cell's times, so that all chunks are spilled, however fast the disk is.
  auto spilled = [](FaultyFileSystem& system) {
    Case c;
    memory::UseFileSystem use(system);
    return c.spilled();
  };
  Everything want = Case().run();
  Case().spilled();  // measures the disk, which writes, too
  FaultyFileSystem counted;
  CHECK(first_difference(spilled(counted), want, 0) == "");
  REQUIRE(counted.writes == 11);
  REQUIRE(counted.reads > 3);
  auto try_all = [&](int count, Fault on_write, Fault on_read) {
    for (int at = 1; at <= count; ++at) {
      FaultyFileSystem faulty;
      faulty.on_write = on_write;
      faulty.on_read = on_read;
      faulty.at = at;
      CAPTURE(at);
      CHECK_THROWS_WITH_AS(spilled(faulty), doctest::Contains("spill file"), Error);
      CHECK(faulty.has_struck);
      for (int file : faulty.files) CHECK_FALSE(is_open(file));
    }
  };
  try_all(counted.writes, Fault::fails, Fault::none);
  try_all(counted.writes, Fault::is_short, Fault::none);
  try_all(counted.reads, Fault::none, Fault::fails);
  try_all(counted.reads, Fault::none, Fault::is_short);
  try_all(counted.reads, Fault::none, Fault::damages);
  FaultyFileSystem sound;
  CHECK(first_difference(spilled(sound), want, 0) == "");
}

TEST_CASE("a spill directory that cannot be written to is an error, and nothing is left in one that can") {
  Case c;
  c.options.spill_directory = "/nowhere/at/all";
  CHECK_THROWS_AS(c.run(), ValueError);  // without swap_memory
  c.options.swap_memory = true;
  CHECK_THROWS_AS(c.run(), IOError);
  std::filesystem::path empty = std::filesystem::path(directory) / ("unroll_spill_" + std::to_string(getpid()));
  std::filesystem::create_directory(empty);
  c.options.spill_directory = empty;
  FaultyFileSystem counted;
  memory::UseFileSystem use(counted);
  {
    GradientTape tape;
    tape.watch(c.x);
    dynamic_rnn(c.cell, c.x, c.options);
    CHECK(std::filesystem::is_empty(empty));
    CHECK(counted.writes > 0);
    CHECK(is_open(counted.files.back()));
  }  // the tape goes without any gradient, and the file with it
  CHECK_FALSE(is_open(counted.files.back()));
  CHECK(std::filesystem::is_empty(empty));
  std::filesystem::remove(empty);
}

TEST_CASE("dropout, a stack and both directions have the same bits when they are spilled") {
  Tensor x = random_tensor({64, 70, 5}, 1, 1, float32);
  // With cells of its own, each of the same numbers: as long as nobody knows how long they take, they are spilled.
  auto run = [&](BidirectionalDynamicRnnOptions options) {
    set_random_seed(4);
    std::vector<std::shared_ptr<RNNCell>> layers;
    for (int k = 0; k < 2; ++k)
      layers.push_back(std::make_shared<DropoutWrapper>(
          std::make_shared<LSTMCell>(12), DropoutWrapperOptions{.input_keep_prob = 0.7, .state_keep_prob = 0.8}));
    MultiRNNCell fw(layers);
    GRUCell bw(9);
    options.sequence_length = Case().options.sequence_length - 20;
    options.dtype = float32;
    options.executor = Executor::compiled;
    GradientTape tape;
    tape.watch(x);
    auto [outputs, state] = bidirectional_dynamic_rnn(fw, bw, x, options);
    Tensor loss = zeros({});
    for (const Tensor& t : Nest::tuple({outputs, state}).flatten()) loss = loss + reduce_sum(t * t);
    std::vector<Tensor> sources{x};
    for (RNNCell* cell : {static_cast<RNNCell*>(&fw), static_cast<RNNCell*>(&bw)})
      for (const Variable& v : cell->variables()) sources.push_back(v);
    Everything all;
    all.add("result", Nest::tuple({outputs, state}).flatten());
    all.add("gradient", tape.gradient(loss, sources));
    return all;
  };
  Everything want = run({});
  FaultyFileSystem counted;
  memory::UseFileSystem use(counted);
  for (std::size_t limit : {0, 1'000'000}) {
    CAPTURE(limit);
    CHECK(first_difference(run({.swap_memory = true, .memory_limit = limit, .spill_directory = directory}), want, 0) ==
          "");
  }
  CHECK(counted.reads > 0);
}

TEST_CASE("a file that takes no O_DIRECT will do, also where that shows at the first write only") {
  struct Refusing : memory::FileSystem {
    ssize_t write(int file, const void* from, std::size_t bytes, std::uint64_t offset) override {
      // An address that is not aligned is refused with EINVAL, as a file system without O_DIRECT would.
      std::vector<char> odd(bytes + 1);
      std::memcpy(odd.data() + 1, from, bytes);
      return FileSystem::write(file, odd.data() + 1, bytes, offset);
    }
  } refusing;
  Case c;
  Everything want = c.run();
  c.options.swap_memory = true;
  {
    memory::UseFileSystem use(refusing);
    c.options.spill_directory = directory;
    CHECK(first_difference(c.run(), want, 0) == "");
  }
  c.options.spill_directory = "/dev/shm";  // a tmpfs, which older kernels do not open so
  if (access("/dev/shm", W_OK) == 0) CHECK(first_difference(c.run(), want, 0) == "");
}

TEST_CASE("(a process of the next test) spills until it is killed" * doctest::skip()) {
  const char* where = std::getenv("UNROLL_TEST_SPILL");
  REQUIRE(where);
  for (bool first = true;; first = false) {
    Case c;  // a new cell is spilled: nothing is known of its times
    c.options.swap_memory = true;
    c.options.spill_directory = where;
    c.run();
    if (first) std::ofstream(std::string(where) + ".ready");
  }
}

TEST_CASE("a process that is killed while it spills leaves nothing behind") {
  std::filesystem::path empty = std::filesystem::path(directory) / ("unroll_killed_" + std::to_string(getpid()));
  std::filesystem::create_directory(empty);
  std::string ready = empty.string() + ".ready";
  pid_t child = spawn_test("(a process of the next test)", "UNROLL_TEST_SPILL=" + empty.string());
  wait_for_file(child, ready);
  REQUIRE(std::filesystem::exists(ready));
  usleep(20'000);  // somewhere in a later step
  kill(child, SIGKILL);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WIFSIGNALED(status));
  CHECK(std::filesystem::is_empty(empty));
  std::filesystem::remove(empty);
  std::filesystem::remove(ready);
}

TEST_CASE("threads may spill at the same time") {
  Case one;
  Everything want = one.run();
  std::string difference[2];
  auto work = [&](int k) {
    Case own;
    for (int round = 0; round < 3 && difference[k].empty(); ++round)
      difference[k] = first_difference(own.spilled(), want, 0);
  };
  std::thread other([&] { work(1); });
  work(0);
  other.join();
  CHECK(difference[0] == "");
  CHECK(difference[1] == "");
}
