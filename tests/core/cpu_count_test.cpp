#include "unroll/core/cpu_count.hpp"

#include <doctest/doctest.h>
#include <sched.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <thread>

using namespace unroll;
namespace fs = std::filesystem;

namespace {

// A directory that stands for the root of the file system.
struct Root {
  fs::path path;
  Root() {
    std::string name = (fs::temp_directory_path() / "unroll_cpu_count_XXXXXX").string();
    path = mkdtemp(name.data());
  }
  ~Root() { fs::remove_all(path); }
  void write(const std::string& name, const std::string& text) const {
    fs::create_directories((path / name).parent_path());
    std::ofstream(path / name) << text;
  }
  double quota() const { return cgroup_cpu_quota(path.string()); }
};

}  // namespace

TEST_CASE("no more CPUs are available than the process may be scheduled on") {
  std::thread([] {  // affinity is the thread's own
    cpu_set_t all, one;
    REQUIRE(sched_getaffinity(0, sizeof all, &all) == 0);
    CHECK(available_cpus() >= 1);
    CHECK(available_cpus() <= CPU_COUNT(&all));
    CPU_ZERO(&one);
    for (int i = 0; i < CPU_SETSIZE && CPU_COUNT(&one) == 0; ++i)
      if (CPU_ISSET(i, &all)) CPU_SET(i, &one);
    REQUIRE(sched_setaffinity(0, sizeof one, &one) == 0);
    CHECK(available_cpus() == 1);
  })
      .join();
}

TEST_CASE("without control groups there is no quota") {
  Root root;
  CHECK(std::isinf(root.quota()));
  root.write("proc/self/cgroup", "0::/\nnonsense\n");
  root.write("proc/self/mountinfo", "1 2\n\n");
  CHECK(std::isinf(root.quota()));
}

TEST_CASE("the quota of version 2 is the least of the group's and its parents'") {
  Root root;
  root.write("proc/self/cgroup", "0::/a/b\n");
  root.write("proc/self/mountinfo",
             "22 1 0:20 / /proc rw - proc proc rw\n"
             "30 24 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw\n");
  root.write("sys/fs/cgroup/a/cpu.max", "max 100000\n");
  root.write("sys/fs/cgroup/a/b/cpu.max", "max 100000\n");
  CHECK(std::isinf(root.quota()));
  root.write("sys/fs/cgroup/a/b/cpu.max", "350000 100000\n");
  CHECK(root.quota() == 3.5);
  root.write("sys/fs/cgroup/a/cpu.max", "25000 50000\n");
  CHECK(root.quota() == 0.5);
}

TEST_CASE("the quota of version 1 is found where the cpu controller is mounted") {
  Root root;
  root.write("proc/self/cgroup", "5:memory:/x\n4:cpu,cpuacct:/docker/1f/job\n1:name=systemd:/\n0::/\n");
  root.write("proc/self/mountinfo",
             "40 30 0:31 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset\n"
             "41 30 0:32 /docker/1f /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n");
  std::string top = "sys/fs/cgroup/cpu,cpuacct/";
  root.write(top + "cpu.cfs_quota_us", "-1\n");
  root.write(top + "cpu.cfs_period_us", "100000\n");
  CHECK(std::isinf(root.quota()));
  root.write(top + "cpu.cfs_quota_us", "400000\n");
  CHECK(root.quota() == 4);
  root.write(top + "job/cpu.cfs_quota_us", "150000\n");
  root.write(top + "job/cpu.cfs_period_us", "100000\n");
  CHECK(root.quota() == 1.5);
}
