#include "unroll/core/cpu_count.hpp"

#include <sched.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <optional>
#include <sstream>
#include <thread>

namespace unroll {
namespace {

constexpr double unlimited = std::numeric_limits<double>::infinity();

bool has_item(const std::string& list, const std::string& item) {
  return ("," + list + ",").find("," + item + ",") != std::string::npos;
}

struct Hierarchy {
  bool unified;            // version 2
  std::string top, below;  // the mount point, and the group's path under it
};

// The group's path in /proc/self/cgroup: "4:cpu,cpuacct:/a/b", or "0::/a/b" for version 2.
std::optional<std::string> group_path(const std::string& root, bool unified) {
  std::ifstream file(root + "/proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {
    auto first = line.find(':'), second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    std::string controllers = line.substr(first + 1, second - first - 1);
    if (unified ? controllers.empty() : has_item(controllers, "cpu")) return line.substr(second + 1);
  }
  return std::nullopt;
}

// A line of /proc/self/mountinfo: "36 35 98:0 ROOT MOUNTPOINT OPTIONS [more] - TYPE SOURCE SUPEROPTIONS".
std::optional<Hierarchy> hierarchy_of(const std::string& root, const std::string& line) {
  std::istringstream words(line);
  std::string skipped, mount_root, mount_point, type, source, options;
  words >> skipped >> skipped >> skipped >> mount_root >> mount_point;
  while (words >> skipped && skipped != "-") continue;
  if (!(words >> type >> source >> options)) return std::nullopt;
  bool unified = type == "cgroup2";
  if (!unified && (type != "cgroup" || !has_item(options, "cpu"))) return std::nullopt;
  auto path = group_path(root, unified);
  if (!path) return std::nullopt;
  if (mount_root != "/") *path = path->starts_with(mount_root) ? path->substr(mount_root.size()) : "";
  return Hierarchy{unified, root + mount_point, *path == "/" ? "" : *path};
}

double quota_of(const std::string& group, bool unified) {
  std::string quota;
  double period = 0;
  if (unified) {
    std::ifstream(group + "/cpu.max") >> quota >> period;
  } else {
    std::ifstream(group + "/cpu.cfs_quota_us") >> quota;
    std::ifstream(group + "/cpu.cfs_period_us") >> period;
  }
  double time = 0;
  std::istringstream(quota) >> time;  // "max" and "-1" stand for no limit
  return time > 0 && period > 0 ? time / period : unlimited;
}

int schedulable_cpus() {
#ifdef __linux__
  for (int count = 1024; count <= 1 << 16; count *= 4) {
    cpu_set_t* set = CPU_ALLOC(count);
    if (!set) break;
    std::size_t bytes = CPU_ALLOC_SIZE(count);
    int cpus = sched_getaffinity(0, bytes, set) == 0 ? CPU_COUNT_S(bytes, set) : 0;
    CPU_FREE(set);
    if (cpus > 0) return cpus;
  }
#endif
  return static_cast<int>(std::thread::hardware_concurrency());
}

}  // namespace

double cgroup_cpu_quota(const std::string& root) {
  double least = unlimited;
  std::ifstream file(root + "/proc/self/mountinfo");
  for (std::string line; std::getline(file, line);) {
    auto hierarchy = hierarchy_of(root, line);
    if (!hierarchy) continue;
    for (std::string below = hierarchy->below;; below.resize(below.rfind('/'))) {
      least = std::min(least, quota_of(hierarchy->top + below, hierarchy->unified));
      if (below.find('/') == std::string::npos) break;
    }
  }
  return least;
}

int available_cpus() {
  int cpus = std::max(1, schedulable_cpus());
  double quota = std::ceil(cgroup_cpu_quota());
  return quota < cpus ? std::max(1, static_cast<int>(quota)) : cpus;
}

}  // namespace unroll
