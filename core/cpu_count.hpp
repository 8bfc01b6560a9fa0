#pragma once
#include <string>

namespace unroll {

/// How many CPUs the process may use: those that it may be scheduled on (sched_setaffinity, cpusets), but no more than
/// its control groups (version 1 or 2) grant it time for, rounded up. At least 1.
int available_cpus();

/// The smallest CPU quota, in CPUs, of the control groups that hold this process; infinity if there is none. The files
/// /proc/self/cgroup, /proc/self/mountinfo and the mount points in it are looked up under `root`.
double cgroup_cpu_quota(const std::string& root = "");

}  // namespace unroll
