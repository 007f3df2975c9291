package io.borealis.agent.process;

/** What cgroups can bound or do, with their names and files in both versions. */
enum Controller {
  CPU("cpu", "cpu.cfs_quota_us", "cpu", "cpu.max", "none, tasks share the processors"),
  MEMORY(
      "memory",
      "memory.limit_in_bytes",
      "memory",
      "memory.max",
      "samples of resident memory, and a kill"),
  PIDS("pids", "pids.max", "pids", "pids.max", "rlimit nproc, which counts per user"),
  /** Kills all of a task at once; in version 2 that needs no controller. */
  KILL("freezer", "freezer.state", "", "cgroup.kill", "signals, repeated until all are gone");

  final String v1;
  final String v1File;
  final String v2;
  final String v2File;
  final String fallback;

  Controller(String v1, String v1File, String v2, String v2File, String fallback) {
    this.v1 = v1;
    this.v1File = v1File;
    this.v2 = v2;
    this.v2File = v2File;
    this.fallback = fallback;
  }
}
