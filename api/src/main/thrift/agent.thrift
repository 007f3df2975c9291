// How an agent and the leading scheduler speak. The agent sends a request in the body of a POST, in
// the binary protocol and without a message envelope, and gets the reply of the same name.
//
// Both sides can lose a message, get it late, or get it twice. Commands and reports are therefore
// numbered within a session, and registrations within a work directory; who gets an old number again
// leaves it alone.

include "aurora.thrift"

namespace java io.borealis.api.agent

/** The states of a task on its agent, in the vocabulary and numbers of Mesos. */
enum AgentTaskState {
  TASK_STARTING = 0,
  TASK_RUNNING = 1,
  TASK_FINISHED = 2,
  TASK_FAILED = 3,
  TASK_KILLED = 4,
  TASK_LOST = 5,
  TASK_STAGING = 6,
  TASK_ERROR = 7,
  TASK_KILLING = 8,
  TASK_DROPPED = 9,
  TASK_UNREACHABLE = 10,
  TASK_GONE = 11,
  TASK_GONE_BY_OPERATOR = 12,
  TASK_UNKNOWN = 13,
}

/** What became of a request. Only with OK does the rest of a reply count. */
enum AgentReplyCode {
  OK = 1,
  /** The session is not known here: register. */
  REGISTER = 2,
  /** This scheduler does not lead. */
  NOT_LEADING = 3,
  /** The agent has seen a newer leader than this one, which steps aside. */
  OLD_LEADER = 4,
  /** The request makes no sense; the message says why. */
  INVALID = 5,
}

/** Ports from the first to the last, both included. */
struct AgentPorts {
  1: i32 first,
  2: i32 last,
}

/** Amounts of each kind of resource, and ports by number. */
struct AgentResources {
  1: double cpus,
  2: i64 ramMb,
  3: i64 diskMb,
  4: list<AgentPorts> ports,
  5: i64 gpus,
}

/** A task an agent has, until its last status update is acknowledged. */
struct AgentTask {
  1: string taskId,
  /** The newest the agent knows. */
  2: AgentTaskState state,
  /** What it takes of the agent, as it was told at its launch. */
  3: AgentResources used,
  /** Whether updates of it wait to be acknowledged, which then tell its state in order. */
  4: bool pending,
}

/** An agent makes itself known, and all it has. */
struct RegisterRequest {
  /** Chosen by the agent when its work directory was new. */
  1: string agentId,
  2: string host,
  3: AgentResources resources,
  4: set<aurora.Attribute> attributes,
  5: list<AgentTask> tasks,
  /** The newest leader the agent has obeyed; 0 for none. */
  6: i64 epoch,
  /** Where its pages are, as host:port. */
  7: optional string observer,
  8: string version,
  /** Grows with every registration of a work directory, over restarts of the agent. */
  9: i64 number,
  /** What the agent belongs to since it first registered; not set before. */
  10: optional string frameworkId,
  /** Chosen anew by each process of the agent; one that another has followed is not let in again. */
  11: optional string process,
}

/** How the agent is to go on. */
struct RegisterReply {
  1: AgentReplyCode code,
  2: optional string message,
  3: i64 epoch,
  4: string session,
  /** How long a poll without commands is held, in milliseconds. */
  5: i64 pollMs,
  /** After how long without a poll the agent counts as out of reach, in milliseconds. */
  6: i64 timeoutMs,
  /** Names the cluster in what the agent writes down. */
  7: string frameworkId,
}

/** Starts a task. */
struct LaunchTask {
  1: aurora.AssignedTask task,
  /** What it takes of the agent, its executor included. */
  2: AgentResources used,
}

/** Ends a task. */
struct KillTask {
  1: string taskId,
}

/** An update is durable and need not be sent again. */
struct AcknowledgeUpdate {
  1: string taskId,
  2: binary uuid,
}

/** Asks for the states of tasks; of all when none is named. */
struct ReconcileTasks {
  1: list<string> taskIds,
}

/** One thing to do. */
union AgentOrder {
  1: LaunchTask launch,
  2: KillTask kill,
  3: AcknowledgeUpdate acknowledge,
  4: ReconcileTasks reconcile,
}

/** An order with its place in the session, from 1 up without gaps. */
struct AgentCommand {
  1: i64 number,
  2: AgentOrder order,
}

/** Asks for commands, and says up to which one all have been carried out. */
struct PollRequest {
  1: string agentId,
  2: string session,
  3: i64 epoch,
  4: i64 done,
  /** Asks for an answer at once, with commands or without. */
  5: bool hurry,
}

/** The commands after the last one that was done; none when there was nothing to do for long. */
struct PollReply {
  1: AgentReplyCode code,
  2: optional string message,
  3: i64 epoch,
  4: list<AgentCommand> commands,
}

/** The state of a task; to be acknowledged if it has a uuid. */
struct AgentUpdate {
  1: string taskId,
  2: AgentTaskState state,
  3: optional string message,
  4: optional string reason,
  5: optional string source,
  6: optional binary uuid,
  7: i64 timestampMs,
  /** The newest state the agent knows, which may be further than this one. */
  8: optional AgentTaskState latest,
}

/** Tells what became of tasks. */
struct ReportRequest {
  1: string agentId,
  2: string session,
  3: i64 epoch,
  4: list<AgentUpdate> updates,
  /** Its place in the session, from 1 up; one that comes after a later one is left alone. */
  5: i64 number,
}

/** Says that the report was heard; updates are acknowledged one by one, when they are durable. */
struct ReportReply {
  1: AgentReplyCode code,
  2: optional string message,
  3: i64 epoch,
}
