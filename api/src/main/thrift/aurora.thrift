// The Aurora API: what clients may ask of the scheduler, and what they are told.
// Field ids, names and numbers are fixed by the clients in the field. Ids that are missing here
// belonged to members that are gone; they must not be used again.

namespace java io.borealis.api

/**
 * How a call ended. Only OK and ERROR_TRANSIENT are not final: OK means done, ERROR_TRANSIENT
 * means provably not applied and worth repeating.
 */
enum ResponseCode {
  INVALID_REQUEST = 0,
  OK = 1,
  ERROR = 2,
  WARNING = 3,
  AUTH_FAILED = 4,
  JOB_UPDATING_ERROR = 5,
  ERROR_TRANSIENT = 6,
}

/** Where a host stands on its way out of service: open for work, avoided, being emptied, empty. */
enum MaintenanceMode {
  NONE = 1,
  SCHEDULED = 2,
  DRAINING = 3,
  DRAINED = 4,
}

/** Whether a task may write to a mounted volume. */
enum Mode {
  RW = 1,
  RO = 2,
}

/**
 * What a cron run does when tasks of the run before are still active. RUN_OVERLAP is refused for
 * new jobs.
 */
enum CronCollisionPolicy {
  KILL_EXISTING = 0,
  CANCEL_NEW = 1,
  RUN_OVERLAP = 2,
}

/**
 * The states of a task. INIT never leaves the scheduler; FINISHED, FAILED, KILLED and LOST are
 * final.
 */
enum ScheduleStatus {
  INIT = 11,
  THROTTLED = 16,
  PENDING = 0,
  ASSIGNED = 9,
  STARTING = 1,
  RUNNING = 2,
  FINISHED = 3,
  PREEMPTING = 13,
  RESTARTING = 12,
  DRAINING = 17,
  FAILED = 4,
  KILLED = 5,
  KILLING = 6,
  LOST = 7,
  PARTITIONED = 18,
}

/**
 * The states of a job update: two directions, each moving, paused or waiting for a pulse, and five
 * final states.
 */
enum JobUpdateStatus {
  ROLLING_FORWARD = 0,
  ROLLING_BACK = 1,
  ROLL_FORWARD_PAUSED = 2,
  ROLL_BACK_PAUSED = 3,
  ROLLED_FORWARD = 4,
  ROLLED_BACK = 5,
  ABORTED = 6,
  ERROR = 7,
  FAILED = 8,
  ROLL_FORWARD_AWAITING_PULSE = 9,
  ROLL_BACK_AWAITING_PULSE = 10,
}

/** What happened to one instance in the course of an update. */
enum JobUpdateAction {
  INSTANCE_UPDATED = 1,
  INSTANCE_ROLLED_BACK = 2,
  INSTANCE_UPDATING = 3,
  INSTANCE_ROLLING_BACK = 4,
  INSTANCE_UPDATE_FAILED = 5,
  INSTANCE_ROLLBACK_FAILED = 6,
}

/** The answer to a pulse: the update lives, or there is nothing left to keep alive. */
enum JobUpdatePulseStatus {
  OK = 1,
  FINISHED = 2,
}

/** The name of the Thermos executor. */
const string AURORA_EXECUTOR_NAME = "AuroraExecutor"

/** States of a task that is not final. */
const set<ScheduleStatus> ACTIVE_STATES = [
  ScheduleStatus.ASSIGNED,
  ScheduleStatus.DRAINING,
  ScheduleStatus.KILLING,
  ScheduleStatus.PENDING,
  ScheduleStatus.PREEMPTING,
  ScheduleStatus.RESTARTING,
  ScheduleStatus.RUNNING,
  ScheduleStatus.STARTING,
  ScheduleStatus.PARTITIONED,
  ScheduleStatus.THROTTLED,
]

/** Active states in which a task has an agent. */
const set<ScheduleStatus> SLAVE_ASSIGNED_STATES = [
  ScheduleStatus.ASSIGNED,
  ScheduleStatus.DRAINING,
  ScheduleStatus.KILLING,
  ScheduleStatus.PREEMPTING,
  ScheduleStatus.RESTARTING,
  ScheduleStatus.RUNNING,
  ScheduleStatus.PARTITIONED,
  ScheduleStatus.STARTING,
]

/** States in which a process of the task may run. */
const set<ScheduleStatus> LIVE_STATES = [
  ScheduleStatus.KILLING,
  ScheduleStatus.PREEMPTING,
  ScheduleStatus.RESTARTING,
  ScheduleStatus.DRAINING,
  ScheduleStatus.PARTITIONED,
  ScheduleStatus.RUNNING,
]

/** Final states of a task. */
const set<ScheduleStatus> TERMINAL_STATES = [
  ScheduleStatus.FAILED,
  ScheduleStatus.FINISHED,
  ScheduleStatus.KILLED,
  ScheduleStatus.LOST,
]

/** What names of roles, environments, jobs and the like may look like. */
const string GOOD_IDENTIFIER_PATTERN = "^[\\w\\-\\.]+$"

/** The same, for clients on the JVM. */
const string GOOD_IDENTIFIER_PATTERN_JVM = "^[\\w\\-\\.]+$"

/** The same, for Python clients. */
const string GOOD_IDENTIFIER_PATTERN_PYTHON = "^[\\w\\-\\.]+$"

/** States of an update that is not final. */
const set<JobUpdateStatus> ACTIVE_JOB_UPDATE_STATES = [
  JobUpdateStatus.ROLLING_FORWARD,
  JobUpdateStatus.ROLLING_BACK,
  JobUpdateStatus.ROLL_FORWARD_PAUSED,
  JobUpdateStatus.ROLL_BACK_PAUSED,
  JobUpdateStatus.ROLL_FORWARD_AWAITING_PULSE,
  JobUpdateStatus.ROLL_BACK_AWAITING_PULSE,
]

/** States in which an update waits for a pulse. The spelling is part of the API. */
const set<JobUpdateStatus> AWAITNG_PULSE_JOB_UPDATE_STATES = [
  JobUpdateStatus.ROLL_FORWARD_AWAITING_PULSE,
  JobUpdateStatus.ROLL_BACK_AWAITING_PULSE,
]

/** A request with this header is answered where it arrives. */
const string BYPASS_LEADER_REDIRECT_HEADER_NAME = "Bypass-Leader-Redirect"

/** Where the task's own file system is mounted in its sandbox. */
const string TASK_FILESYSTEM_MOUNT_POINT = "taskfs"

/** Who created a job: the name of a user, as information only. */
struct Identity {
  2: string user,
}

/** A property of a host, such as its rack, with one or more values. */
struct Attribute {
  1: string name,
  2: set<string> values,
}

/** All that is known of a host: its attributes, its maintenance mode and its agent. */
struct HostAttributes {
  1: string host,
  2: set<Attribute> attributes,
  3: optional MaintenanceMode mode,
  4: optional string slaveId,
}

/** Asks for hosts having (or, negated, lacking) one of the values. */
struct ValueConstraint {
  1: bool negated,
  2: set<string> values,
}

/** Bounds how many tasks of a job may share one value of an attribute. */
struct LimitConstraint {
  1: i32 limit,
}

/** A condition on one attribute of the host. */
union TaskConstraint {
  1: ValueConstraint value,
  2: LimitConstraint limit,
}

/** A condition on the hosts a task may run on; the name is that of the attribute. */
struct Constraint {
  1: string name,
  2: TaskConstraint constraint,
}

/** An artifact by role, name and version. No request uses it; it remains for old clients. */
struct Package {
  1: string role,
  2: string name,
  3: i32 version,
}

/** A label of a task or an update: a key with a value, not interpreted. */
struct Metadata {
  1: string key,
  2: string value,
}

/** The identity of a job. */
struct JobKey {
  1: string role,
  2: string environment,
  3: string name,
}

/** What a lock protects; so far always a job. */
union LockKey {
  1: JobKey job,
}

/** A claim on a job, identified by its token, with its holder and the time it was taken. */
struct Lock {
  1: LockKey key,
  2: string token,
  3: string user,
  4: i64 timestampMs,
  5: optional string message,
}

/** The identity of one instance of a job. */
struct InstanceKey {
  1: JobKey jobKey,
  2: i32 instanceId,
}

/** A file to bring into the sandbox before the task starts. */
struct MesosFetcherURI {
  1: string value,
  2: optional bool extract,
  3: optional bool cache,
  4: optional string outputFile,
}

/** The name of the executor that runs the task, and what it is told; for Thermos, JSON. */
struct ExecutorConfig {
  1: string name,
  2: string data,
}

/** A directory of the host seen inside the container. */
struct Volume {
  1: string containerPath,
  2: string hostPath,
  3: Mode mode,
}

/** A Docker image by name and tag. */
struct DockerImage {
  1: string name,
  2: string tag,
}

/** An App Container image by name and id. */
struct AppcImage {
  1: string name,
  2: string imageId,
}

/** The file system a container starts from. */
union Image {
  1: DockerImage docker,
  2: AppcImage appc,
}

/**
 * A container made by the Mesos containerizer; without an image it uses the file system of the
 * host.
 */
struct MesosContainer {
  1: optional Image image,
  2: optional list<Volume> volumes,
}

/** A flag with its value for the Docker command line. */
struct DockerParameter {
  1: string name,
  2: string value,
}

/** A container made by the Docker daemon. */
struct DockerContainer {
  1: string image,
  2: optional list<DockerParameter> parameters,
}

/** The container a task runs in. */
union Container {
  1: MesosContainer mesos,
  2: DockerContainer docker,
}

/** An amount of one resource. Ports are asked for by name, one member each. */
union Resource {
  1: double numCpus,
  2: i64 ramMb,
  3: i64 diskMb,
  4: string namedPort,
  5: i64 numGpus,
  6: i64 ipAddr,
}

/**
 * What to do about a task whose agent cannot be reached: whether, and after how long, to replace
 * it.
 */
struct PartitionPolicy {
  1: bool reschedule,
  2: optional i64 delaySecs,
}

/**
 * Keeps a percentage of the instances running; an instance counts once it has run for the given
 * time.
 */
struct PercentageSlaPolicy {
  1: double percentage,
  2: i64 durationSecs,
}

/** Keeps a number of instances running; an instance counts once it has run for the given time. */
struct CountSlaPolicy {
  1: i64 count,
  2: i64 durationSecs,
}

/** Leaves the decision about taking an instance down to a service outside, reached at a URL. */
struct CoordinatorSlaPolicy {
  1: string coordinatorUrl,
  2: string statusKey,
}

/** The promise a job makes to its users, which maintenance and careful updates observe. */
union SlaPolicy {
  1: PercentageSlaPolicy percentageSlaPolicy,
  2: CountSlaPolicy countSlaPolicy,
  3: CoordinatorSlaPolicy coordinatorSlaPolicy,
}

/**
 * All that describes how the instances of a job run. Tasks with equal configurations are
 * interchangeable.
 */
struct TaskConfig {
  7: bool isService,
  11: i32 priority,
  13: i32 maxTaskFailures,
  17: Identity owner,
  18: optional bool production,
  20: set<Constraint> constraints,
  22: optional map<string,string> taskLinks,
  23: optional string contactEmail,
  25: optional ExecutorConfig executorConfig,
  27: optional set<Metadata> metadata,
  28: JobKey job,
  /** Absent means the Mesos containerizer without an image. */
  29: Container container = {"mesos": {}},
  30: optional string tier,
  32: set<Resource> resources,
  33: optional set<MesosFetcherURI> mesosFetcherUris,
  34: optional PartitionPolicy partitionPolicy,
  35: optional SlaPolicy slaPolicy,
}

/** A sum of resources, as in a quota or in the consumption of a role. */
struct ResourceAggregate {
  4: set<Resource> resources,
}

/** A job as its owner describes it: the task, how many of it, and for cron jobs when. */
struct JobConfiguration {
  4: optional string cronSchedule,
  5: CronCollisionPolicy cronCollisionPolicy,
  6: TaskConfig taskConfig,
  7: Identity owner,
  8: i32 instanceCount,
  9: JobKey key,
}

/** How many tasks of a job are in which phase. */
struct JobStats {
  1: i32 activeTaskCount,
  2: i32 finishedTaskCount,
  3: i32 failedTaskCount,
  4: i32 pendingTaskCount,
}

/** A job with its task counts and, for a cron job, its next run. */
struct JobSummary {
  1: JobConfiguration job,
  2: JobStats stats,
  3: optional i64 nextCronRunMs,
}

/** Consecutive instance ids; both ends belong to it. */
struct Range {
  1: i32 first,
  2: i32 last,
}

/** A task configuration together with the instances that have it. */
struct ConfigGroup {
  1: TaskConfig config,
  3: set<Range> instances,
}

/** The configurations in use within a job. */
struct ConfigSummary {
  1: JobKey key,
  2: set<ConfigGroup> groups,
}

/** The task configuration as the scheduler would store it, defaults filled in. */
struct PopulateJobResult {
  2: TaskConfig taskConfig,
}

/**
 * The quota of a role and what it consumes, by whether it is production work and whether its hosts
 * are dedicated.
 */
struct GetQuotaResult {
  1: ResourceAggregate quota,
  2: optional ResourceAggregate prodSharedConsumption,
  3: optional ResourceAggregate nonProdSharedConsumption,
  4: optional ResourceAggregate prodDedicatedConsumption,
  5: optional ResourceAggregate nonProdDedicatedConsumption,
}

/** One step in the life of a task. */
struct TaskEvent {
  1: i64 timestamp,
  2: ScheduleStatus status,
  3: optional string message,
  4: optional string scheduler,
}

/** A task with its place: its host, agent and ports once it has them. */
struct AssignedTask {
  1: string taskId,
  2: string slaveId,
  3: string slaveHost,
  4: TaskConfig task,
  5: map<string,i32> assignedPorts,
  6: i32 instanceId,
}

/** A task with its state and its history. */
struct ScheduledTask {
  1: AssignedTask assignedTask,
  2: ScheduleStatus status,
  3: i32 failureCount,
  4: list<TaskEvent> taskEvents,
  5: string ancestorId,
  6: i32 timesPartitioned,
}

/** The tasks found by a query. */
struct ScheduleStatusResult {
  1: list<ScheduledTask> tasks,
}

/** The jobs of a role, or of all roles. */
struct GetJobsResult {
  1: set<JobConfiguration> configs,
}

/**
 * Selects tasks. What is unset or empty does not restrict; what is set must hold together; within
 * a set any member will do.
 */
struct TaskQuery {
  2: optional string jobName,
  4: optional set<string> taskIds,
  5: optional set<ScheduleStatus> statuses,
  7: optional set<i32> instanceIds,
  9: optional string environment,
  10: optional set<string> slaveHosts,
  11: optional set<JobKey> jobKeys,
  12: optional i32 offset,
  13: optional i32 limit,
  14: optional string role,
}

/** A host and its maintenance mode. */
struct HostStatus {
  1: string host,
  2: MaintenanceMode mode,
}

/** How many jobs, and how many cron jobs, a role has. */
struct RoleSummary {
  1: string role,
  2: i32 jobCount,
  3: i32 cronJobCount,
}

/** Hosts by name. */
struct Hosts {
  1: set<string> hostNames,
}

/** Why a task is not running yet. */
struct PendingReason {
  1: string taskId,
  2: string reason,
}

/** The identity of a job update. */
struct JobUpdateKey {
  1: JobKey job,
  2: string id,
}

/** Works on a fixed number of instances at any time; as one is done the next begins. */
struct QueueJobUpdateStrategy {
  1: i32 groupSize,
}

/**
 * Works in groups of one size; a group begins when the one before is done, if wanted after a
 * pause.
 */
struct BatchJobUpdateStrategy {
  1: i32 groupSize,
  2: bool autopauseAfterBatch,
}

/**
 * Works in groups of the given sizes in turn, the last size repeating; if wanted with a pause
 * after each.
 */
struct VariableBatchJobUpdateStrategy {
  1: list<i32> groupSizes,
  2: bool autopauseAfterBatch,
}

/** How an update goes through its instances. */
union JobUpdateStrategy {
  1: QueueJobUpdateStrategy queueStrategy,
  2: BatchJobUpdateStrategy batchStrategy,
  3: VariableBatchJobUpdateStrategy varBatchStrategy,
}

/** How fast an update goes, what it tolerates and what it does when that is exceeded. */
struct JobUpdateSettings {
  1: i32 updateGroupSize,
  2: i32 maxPerInstanceFailures,
  3: i32 maxFailedInstances,
  5: i32 minWaitInInstanceRunningMs,
  6: bool rollbackOnFailure,
  7: set<Range> updateOnlyTheseInstances,
  8: bool waitForBatchCompletion,
  9: optional i32 blockIfNoPulsesAfterMs,
  10: optional bool slaAware,
  11: optional JobUpdateStrategy updateStrategy,
}

/** A change of status of an update. */
struct JobUpdateEvent {
  1: JobUpdateStatus status,
  2: i64 timestampMs,
  3: optional string user,
  4: optional string message,
}

/** A step of one instance within an update. */
struct JobInstanceUpdateEvent {
  1: i32 instanceId,
  2: i64 timestampMs,
  3: JobUpdateAction action,
  4: optional string message,
}

/** A configuration with the instances it applies to. */
struct InstanceTaskConfig {
  1: TaskConfig task,
  2: set<Range> instances,
}

/** The status of an update and when it began and last changed; derived from its events. */
struct JobUpdateState {
  1: JobUpdateStatus status,
  2: i64 createdTimestampMs,
  3: i64 lastModifiedTimestampMs,
}

/** An update in short: who, which, and how it stands. */
struct JobUpdateSummary {
  3: string user,
  4: JobUpdateState state,
  5: JobUpdateKey key,
  6: optional set<Metadata> metadata,
}

/** What an update has to do: from which configurations, to which one, and how. */
struct JobUpdateInstructions {
  1: set<InstanceTaskConfig> initialState,
  2: InstanceTaskConfig desiredState,
  3: JobUpdateSettings settings,
}

/** A job update: its summary and its instructions. */
struct JobUpdate {
  1: JobUpdateSummary summary,
  2: JobUpdateInstructions instructions,
}

/** A job update with everything that happened in it. */
struct JobUpdateDetails {
  1: JobUpdate update,
  2: list<JobUpdateEvent> updateEvents,
  3: list<JobInstanceUpdateEvent> instanceEvents,
}

/** Asks for a job to be brought to a configuration and a number of instances. */
struct JobUpdateRequest {
  1: TaskConfig taskConfig,
  2: i32 instanceCount,
  3: JobUpdateSettings settings,
  4: optional set<Metadata> metadata,
}

/** Selects job updates; what is unset or empty does not restrict. Results come newest first. */
struct JobUpdateQuery {
  2: string role,
  3: JobKey jobKey,
  4: string user,
  5: set<JobUpdateStatus> updateStatuses,
  6: i32 offset,
  7: i32 limit,
  8: JobUpdateKey key,
}

/** A wish to drain a host with care for SLA policies, kept until it is met. */
struct HostMaintenanceRequest {
  1: string host,
  2: SlaPolicy defaultSlaPolicy,
  3: i64 timeoutSecs,
  4: i64 createdTimestampMs,
}

/** The names of the backups there are. */
struct ListBackupsResult {
  1: set<string> backups,
}

/** The hosts that were scheduled for maintenance. */
struct StartMaintenanceResult {
  1: set<HostStatus> statuses,
}

/** The hosts that are being drained, with their modes. */
struct DrainHostsResult {
  1: set<HostStatus> statuses,
}

/** The tasks found in a staged backup. */
struct QueryRecoveryResult {
  1: set<ScheduledTask> tasks,
}

/** The maintenance modes of the hosts asked for that are known. */
struct MaintenanceStatusResult {
  1: set<HostStatus> statuses,
}

/** The hosts that are back in service. */
struct EndMaintenanceResult {
  1: set<HostStatus> statuses,
}

/** A summary for each role that has jobs. */
struct RoleSummaryResult {
  1: set<RoleSummary> summaries,
}

/** A summary for each job of a role. */
struct JobSummaryResult {
  1: set<JobSummary> summaries,
}

/** The configurations in use within one job. */
struct ConfigSummaryResult {
  1: ConfigSummary summary,
}

/** The reasons for each pending task found. */
struct GetPendingReasonResult {
  1: set<PendingReason> reasons,
}

/** The update that was started, or the one that is in its way. */
struct StartJobUpdateResult {
  1: JobUpdateKey key,
  2: optional JobUpdateSummary updateSummary,
}

/** The updates found by a query, in short. */
struct GetJobUpdateSummariesResult {
  1: list<JobUpdateSummary> updateSummaries,
}

/** The updates found by a query, in full. A request by key alone gets the single member only. */
struct GetJobUpdateDetailsResult {
  1: JobUpdateDetails details,
  /**
   * Unset, not empty, when the request named a key only: the Python client then reads the other
   * member.
   */
  2: list<JobUpdateDetails> detailsList (nullable = "true"),
}

/** The answer to a pulse. */
struct PulseJobUpdateResult {
  1: JobUpdatePulseStatus status,
}

/** What an update would do to which instances. */
struct GetJobUpdateDiffResult {
  1: set<ConfigGroup> add,
  2: set<ConfigGroup> remove,
  3: set<ConfigGroup> update,
  4: set<ConfigGroup> unchanged,
}

/** A tier and what it implies. */
struct TierConfig {
  1: string name,
  2: map<string,string> settings,
}

/** The tiers there are, and which one applies when a task names none. */
struct GetTierConfigResult {
  1: string defaultTierName,
  2: set<TierConfig> tiers,
}

/** Which cluster answered. */
struct ServerInfo {
  1: string clusterName,
  3: string statsUrlPrefix,
}

/** The payload of a response; each call with a payload has its own member. */
union Result {
  1: PopulateJobResult populateJobResult,
  3: ScheduleStatusResult scheduleStatusResult,
  4: GetJobsResult getJobsResult,
  5: GetQuotaResult getQuotaResult,
  6: ListBackupsResult listBackupsResult,
  7: StartMaintenanceResult startMaintenanceResult,
  8: DrainHostsResult drainHostsResult,
  9: QueryRecoveryResult queryRecoveryResult,
  10: MaintenanceStatusResult maintenanceStatusResult,
  11: EndMaintenanceResult endMaintenanceResult,
  17: RoleSummaryResult roleSummaryResult,
  18: JobSummaryResult jobSummaryResult,
  20: ConfigSummaryResult configSummaryResult,
  21: GetPendingReasonResult getPendingReasonResult,
  22: StartJobUpdateResult startJobUpdateResult,
  23: GetJobUpdateSummariesResult getJobUpdateSummariesResult,
  24: GetJobUpdateDetailsResult getJobUpdateDetailsResult,
  25: PulseJobUpdateResult pulseJobUpdateResult,
  26: GetJobUpdateDiffResult getJobUpdateDiffResult,
  27: GetTierConfigResult getTierConfigResult,
}

/** A sentence about the outcome of a call. */
struct ResponseDetail {
  1: string message,
}

/** What every call returns. */
struct Response {
  1: ResponseCode responseCode,
  3: optional Result result,
  5: ServerInfo serverInfo,
  6: list<ResponseDetail> details,
}

/** How many tasks to ask about at a time when asking the cluster for their states. */
struct ExplicitReconciliationSettings {
  1: optional i32 batchSize,
}

/** Calls that only look. They never need credentials. */
service ReadOnlyScheduler {
  /** Counts the jobs of every role. */
  Response getRoleSummary()

  /** Summarises the jobs of a role. */
  Response getJobSummary(1: string role)

  /** Finds tasks. */
  Response getTasksStatus(1: TaskQuery query)

  /** Finds tasks and leaves out the bulk of their configurations. */
  Response getTasksWithoutConfigs(1: TaskQuery query)

  /** Tells why the pending tasks found are not running. */
  Response getPendingReason(1: TaskQuery query)

  /** Groups the active instances of a job by configuration. */
  Response getConfigSummary(1: JobKey job)

  /** Lists the jobs of a role; of all roles if the role is unset. */
  Response getJobs(1: string ownerRole)

  /** Tells the quota of a role and what it uses. */
  Response getQuota(1: string ownerRole)

  /** Checks a job and returns its task with the defaults filled in; stores nothing. */
  Response populateJobConfig(1: JobConfiguration description)

  /** Finds updates, in short. */
  Response getJobUpdateSummaries(1: JobUpdateQuery jobUpdateQuery)

  /** Finds updates, in full. The key is the old way of asking for one. */
  Response getJobUpdateDetails(1: JobUpdateKey key, 2: JobUpdateQuery query)

  /** Tells what an update would change; starts nothing. */
  Response getJobUpdateDiff(1: JobUpdateRequest request)

  /** Lists the tiers. */
  Response getTierConfigs()
}

/** Calls that change a job; permission is given per job. */
service AuroraSchedulerManager extends ReadOnlyScheduler {
  /** Creates a job and its tasks. */
  Response createJob(1: JobConfiguration description)

  /** Creates or replaces a cron job. */
  Response scheduleCronJob(1: JobConfiguration description)

  /** Removes a cron job; its running tasks stay. */
  Response descheduleCronJob(4: JobKey job)

  /** Runs a cron job now. */
  Response startCronJob(4: JobKey job)

  /** Restarts instances of a job. */
  Response restartShards(5: JobKey job, 3: set<i32> shardIds)

  /** Kills instances of a job; all of them if none are named. */
  Response killTasks(4: JobKey job, 5: set<i32> instances, 6: string message)

  /** Adds instances that run as the given one does. */
  Response addInstances(3: InstanceKey key, 4: i32 count)

  /** Replaces the template of a cron job. */
  Response replaceCronTemplate(1: JobConfiguration config)

  /** Starts to bring a job to another configuration or size. */
  Response startJobUpdate(1: JobUpdateRequest request, 3: string message)

  /** Pauses an update. */
  Response pauseJobUpdate(1: JobUpdateKey key, 3: string message)

  /** Goes on with a paused update. */
  Response resumeJobUpdate(1: JobUpdateKey key, 3: string message)

  /** Ends an update where it stands. */
  Response abortJobUpdate(1: JobUpdateKey key, 3: string message)

  /** Turns an update around. */
  Response rollbackJobUpdate(1: JobUpdateKey key, 2: string message)

  /** Keeps a coordinated update going. */
  Response pulseJobUpdate(1: JobUpdateKey key)
}

/** Calls that concern the cluster as a whole; for operators. */
service AuroraAdmin extends AuroraSchedulerManager {
  /** Sets the quota of a role. */
  Response setQuota(1: string ownerRole, 2: ResourceAggregate quota)

  /** Moves a task to a state, whatever the cluster says. */
  Response forceTaskState(1: string taskId, 2: ScheduleStatus status)

  /** Writes a backup now. */
  Response performBackup()

  /** Lists the backups. */
  Response listBackups()

  /** Loads a backup beside the live state. */
  Response stageRecovery(1: string backupId)

  /** Finds tasks in the staged backup. */
  Response queryRecovery(1: TaskQuery query)

  /** Removes tasks from the staged backup. */
  Response deleteRecoveryTasks(1: TaskQuery query)

  /** Replaces the live state with the staged backup. */
  Response commitRecovery()

  /** Drops the staged backup. */
  Response unloadRecovery()

  /** Tells the scheduler to avoid hosts. */
  Response startMaintenance(1: Hosts hosts)

  /** Moves all tasks away from hosts. */
  Response drainHosts(1: Hosts hosts)

  /** Tells the maintenance modes of hosts. */
  Response maintenanceStatus(1: Hosts hosts)

  /** Puts hosts back in service. */
  Response endMaintenance(1: Hosts hosts)

  /**
   * Moves tasks away from hosts as far as SLA policies allow, and regardless of them after the
   * timeout.
   */
  Response slaDrainHosts(1: Hosts hosts, 2: SlaPolicy defaultSlaPolicy, 3: i64 timeoutSecs)

  /** Writes a snapshot now. */
  Response snapshot()

  /** Asks the cluster about each known task. */
  Response triggerExplicitTaskReconciliation(1: ExplicitReconciliationSettings settings)

  /** Asks the cluster about all its tasks. */
  Response triggerImplicitTaskReconciliation()

  /** Removes finished tasks. */
  Response pruneTasks(1: TaskQuery query)
}
