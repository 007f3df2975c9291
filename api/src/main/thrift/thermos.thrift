// What the runner of a task writes down of it, in the format of Thermos. Names and ids are those of
// the tools that read such streams. Ids that are missing belonged to members that are gone.

namespace java io.borealis.api.thermos

/** Where one run of a process is. */
enum ProcessState {
  WAITING = 0,
  FORKED = 1,
  RUNNING = 2,
  SUCCESS = 3,
  KILLED = 4,
  FAILED = 5,
  LOST = 6,
}

/** Where a task is; the numbers do not follow its life. */
enum TaskState {
  ACTIVE = 0,
  CLEANING = 5,
  FINALIZING = 6,
  SUCCESS = 1,
  FAILED = 2,
  KILLED = 3,
  LOST = 4,
}

/** A step of one run of a process. Times are seconds since the epoch. */
struct ProcessStatus {
  1: optional i64 seq,
  3: optional string process,
  5: optional ProcessState state,
  6: optional double start_time,
  7: optional i32 pid,
  8: optional double stop_time,
  9: optional i32 return_code,
  10: optional i32 coordinator_pid,
  11: optional double fork_time,
}

/** A step of the task, and who wrote it. */
struct TaskStatus {
  1: optional TaskState state,
  2: optional i64 timestamp_ms,
  3: optional i32 runner_pid,
  4: optional i32 runner_uid,
}

/** What stays the same as long as the task lives. */
struct RunnerHeader {
  1: optional string task_id,
  2: optional i64 launch_time_ms,
  3: optional string sandbox,
  4: optional string hostname,
  5: optional string user,
  6: optional map<string, i64> ports,
  7: optional string log_dir,
  8: optional i32 uid,
}

/** One record of a stream: the first member that is set counts. */
struct RunnerCkpt {
  1: optional RunnerHeader runner_header,
  2: optional ProcessStatus process_status,
  3: optional TaskStatus task_status,
}

/** What a whole stream leads to. */
struct RunnerState {
  1: optional RunnerHeader header,
  2: optional list<TaskStatus> statuses,
  3: optional map<string, list<ProcessStatus>> processes,
}
