// What is written to the journal, to snapshots and to backups.
// Aurora's own log records and backups can be read with it: its ids are kept, and everything with an
// id from 1001 up, and every type no Aurora record uses, is Borealis' addition, which Aurora skips.

include "aurora.thrift"

namespace java io.borealis.api.storage

/** The version every transaction carries. */
const i32 CURRENT_SCHEMA_VERSION = 1

/** How far one instance has come in the current pass of an update. */
enum InstanceProgressState {
  WORKING = 1,
  SUCCEEDED = 2,
  FAILED = 3,
}

/** Keeps the id under which the cluster knows the scheduler. */
struct SaveFrameworkId {
  1: string id,
}

/** Creates or replaces a cron job. */
struct SaveCronJob {
  2: aurora.JobConfiguration jobConfig,
}

/** Written by old releases; ignored when read. */
struct SaveLock {
  1: aurora.Lock lock,
}

/** Written by old releases; ignored when read. */
struct RemoveLock {
  1: aurora.LockKey lockKey,
}

/** Removes a cron job. */
struct RemoveJob {
  2: aurora.JobKey jobKey,
}

/** Creates or replaces tasks by id. */
struct SaveTasks {
  1: set<aurora.ScheduledTask> tasks,
}

/** Removes tasks. */
struct RemoveTasks {
  1: set<string> taskIds,
}

/** Sets the quota of a role. */
struct SaveQuota {
  1: string role,
  2: aurora.ResourceAggregate quota,
}

/** Removes the quota of a role. */
struct RemoveQuota {
  1: string role,
}

/** Creates or replaces what is known of a host. */
struct SaveHostAttributes {
  1: aurora.HostAttributes hostAttributes,
}

/** Creates or replaces an update; its events start afresh. */
struct SaveJobUpdate {
  1: aurora.JobUpdate jobUpdate,
}

/** Removes updates with their events. */
struct RemoveJobUpdates {
  1: set<aurora.JobUpdateKey> keys,
}

/** An update with its events, as kept in a snapshot. */
struct StoredJobUpdateDetails {
  1: aurora.JobUpdateDetails details,
}

/** Adds a change of status to an update. */
struct SaveJobUpdateEvent {
  1: aurora.JobUpdateEvent event,
  3: aurora.JobUpdateKey key,
}

/** Adds a step of an instance to an update. */
struct SaveJobInstanceUpdateEvent {
  1: aurora.JobInstanceUpdateEvent event,
  3: aurora.JobUpdateKey key,
}

/** Written by old releases; ignored when read. */
struct PruneJobUpdateHistory {
  1: i32 perJobRetainCount,
  2: i64 historyPruneThresholdMs,
}

/** Creates or replaces the maintenance request of a host. */
struct SaveHostMaintenanceRequest {
  1: aurora.HostMaintenanceRequest hostMaintenanceRequest,
}

/** Removes the maintenance request of a host. */
struct RemoveHostMaintenanceRequest {
  1: string host,
}

/** A task without its configuration, which stands at the given index of a table beside it. */
struct DeduplicatedScheduledTask {
  1: aurora.ScheduledTask partialScheduledTask,
  2: i32 taskConfigId,
}

/**
 * What must not be forgotten of one instance while its update goes on: its state, its failures so
 * far and since when.
 */
struct InstanceProgress {
  1: i32 instanceId,
  2: InstanceProgressState state,
  /** How often the new task of this instance ended in this pass. */
  3: i32 failures,
  /** When it came into its state. */
  4: i64 sinceMs,
}

/** Records the progress of instances of an update; others stay as they are. */
struct SaveInstanceProgress {
  1: aurora.JobUpdateKey key,
  2: list<InstanceProgress> instances,
}

/** How far an update has come in its current pass over the ordered list of its instances. */
struct UpdateProgress {
  /** The direction of this pass. */
  1: bool rollback,
  /** How many instances of the ordered list were begun in this pass. */
  2: i32 started,
  /** The position in the list at which the current group ends. */
  3: i32 groupEnd,
  /** The position of the last barrier at which the update paused by itself. */
  4: i32 pausedAt,
  /** The token of the job lock this update holds. */
  5: optional string lockToken,
  /** Who let the update go on when it was last waiting. */
  6: optional string unblockedBy,
}

/** Records the progress of an update. */
struct SaveUpdateProgress {
  1: aurora.JobUpdateKey key,
  2: UpdateProgress progress,
  /** Whether a new pass begins, in which the progress of every instance is forgotten. */
  3: bool newPass,
}

/** Records what an update that was started with an idempotency key was asked to do. */
struct SaveRequestDigest {
  1: aurora.JobUpdateKey key,
  /** Equal for equal requests. */
  2: string digest,
}

/** When an update was last pulsed. */
struct PulseTime {
  1: aurora.JobUpdateKey key,
  2: i64 pulsedMs,
}

/** Records the latest pulses of several updates, coarsely, in one go. */
struct SavePulses {
  1: list<PulseTime> pulses,
}

/** Takes or replaces the lock on a job. */
struct SaveJobLock {
  1: aurora.Lock lock,
}

/** Gives up the lock on a job. */
struct RemoveJobLock {
  1: aurora.JobKey job,
}

/**
 * Creates or replaces tasks; their configurations stand once each in the table of the journal
 * entry.
 */
struct SaveTasksCompact {
  /** The config ids point into the table of the journal entry. */
  1: list<DeduplicatedScheduledTask> tasks,
}

/** Creates or replaces an update whose configurations stand in the table of the journal entry. */
struct SaveJobUpdateCompact {
  1: aurora.JobUpdate update,
  /** For each entry of the initial state, in order, its place in the table. */
  2: list<i32> initialConfigIds,
  /** The place of the desired configuration in the table. */
  3: i32 desiredConfigId,
}

/** Up to when the schedule of a cron job has been considered. */
struct CronProgress {
  1: aurora.JobKey job,
  /** The last instant that was fired, or when the schedule was set if that is later. */
  2: i64 consideredMs,
}

/** Records the progress of cron jobs. */
struct SaveCronProgress {
  1: list<CronProgress> jobs,
}

/** A run of a cron job that begins as soon as none of these tasks is active. */
struct WaitingCronRun {
  /** The cron job as it was when the run was triggered. */
  1: aurora.JobConfiguration template,
  2: i64 triggeredMs,
  3: set<string> taskIds,
}

/** Keeps or replaces the run of a cron job that waits. */
struct SaveWaitingCronRun {
  1: WaitingCronRun run,
}

/** The waiting run of a cron job has begun or is given up. */
struct RemoveWaitingCronRun {
  1: aurora.JobKey job,
}

/** Whose journal this is; a scheduler set up for another cluster refuses to use it. */
struct ClusterIdentity {
  1: string clusterName,
  2: string serversetPath,
}

/** The progress of an update and of its instances, as kept in a snapshot. */
struct StoredUpdateProgress {
  1: aurora.JobUpdateKey key,
  2: UpdateProgress progress,
  3: list<InstanceProgress> instances,
  /** The last pulse on record; 0 if there was none. */
  4: i64 pulsedMs,
  /** The digest of its request, if it was started with an idempotency key. */
  5: optional string requestDigest,
}

/** Puts another whole state in the place of the one there is. */
struct RestoreState {
  1: Snapshot snapshot,
}

/** The same, with the task configurations in the table of the journal entry. */
struct RestoreStateCompact {
  /** Without tasks and without the instructions of updates. */
  1: Snapshot partialSnapshot,
  2: list<DeduplicatedScheduledTask> partialTasks,
  /** The updates in the order of their details in the partial snapshot. */
  3: list<SaveJobUpdateCompact> partialUpdates,
}

/**
 * One change of the stored state. Ids from 1001 up are Borealis' own; Aurora does not know them.
 */
union Op {
  1: SaveFrameworkId saveFrameworkId,
  2: SaveCronJob saveCronJob,
  5: RemoveJob removeJob,
  6: SaveTasks saveTasks,
  7: RemoveTasks removeTasks,
  8: SaveQuota saveQuota,
  9: RemoveQuota removeQuota,
  10: SaveHostAttributes saveHostAttributes,
  12: SaveLock saveLock,
  13: RemoveLock removeLock,
  14: SaveJobUpdate saveJobUpdate,
  15: SaveJobUpdateEvent saveJobUpdateEvent,
  16: SaveJobInstanceUpdateEvent saveJobInstanceUpdateEvent,
  17: PruneJobUpdateHistory pruneJobUpdateHistory,
  18: RemoveJobUpdates removeJobUpdate,
  19: SaveHostMaintenanceRequest saveHostMaintenanceRequest,
  20: RemoveHostMaintenanceRequest removeHostMaintenanceRequest,
  1001: SaveInstanceProgress saveInstanceProgress,
  1002: SaveUpdateProgress saveUpdateProgress,
  1003: SavePulses savePulses,
  1004: SaveJobLock saveJobLock,
  1005: RemoveJobLock removeJobLock,
  1006: SaveTasksCompact saveTasksCompact,
  1007: SaveJobUpdateCompact saveJobUpdateCompact,
  1008: SaveRequestDigest saveRequestDigest,
  1013: RestoreState restoreState,
  1014: RestoreStateCompact restoreStateCompact,
  1009: SaveCronProgress saveCronProgress,
  1010: SaveWaitingCronRun saveWaitingCronRun,
  1011: RemoveWaitingCronRun removeWaitingCronRun,
}

/** Changes that happen together or not at all. */
struct Transaction {
  1: list<Op> ops,
  2: i32 schemaVersion,
  /** Counts the transactions of the cluster, without gaps. */
  1001: i64 number,
  /** The time of everything in this transaction; it never runs backwards. */
  1002: i64 stampMs,
}

/** A cron job, as kept in a snapshot. */
struct StoredCronJob {
  3: aurora.JobConfiguration jobConfiguration,
}

/** Facts about the scheduler itself, as kept in a snapshot. */
struct SchedulerMetadata {
  1: string frameworkId,
  8: map<string,string> details,
}

/** A role with its quota, as kept in a snapshot. */
struct QuotaConfiguration {
  1: string role,
  2: aurora.ResourceAggregate quota,
}

/** The whole stored state at one moment. Ids from 1001 up are Borealis' own. */
struct Snapshot {
  1: i64 timestamp,
  3: set<aurora.HostAttributes> hostAttributes,
  4: set<aurora.ScheduledTask> tasks,
  5: set<StoredCronJob> cronJobs,
  6: SchedulerMetadata schedulerMetadata,
  8: set<QuotaConfiguration> quotaConfigurations,
  10: set<StoredJobUpdateDetails> jobUpdateDetails,
  13: set<aurora.HostMaintenanceRequest> hostMaintenanceRequests,
  /** The last transaction this snapshot includes. */
  1001: i64 transactionNumber,
  /** The stamp of that transaction. */
  1002: i64 stampMs,
  1003: list<aurora.Lock> jobLocks,
  1004: list<StoredUpdateProgress> updateProgress,
  /** The form of a backup of ours; only backups have it. */
  1007: optional i32 backupFormat,
  /** The cluster a backup is of. */
  1008: optional string backupCluster,
  /** The CRC-32C of all bytes of a backup before this field, which is its last. */
  1099: optional i64 backupChecksum,
  1005: list<CronProgress> cronProgress,
  1006: list<WaitingCronRun> waitingCronRuns,
}

/** Announces an entry that was cut into chunks, with the MD5 digest of the whole. */
struct FrameHeader {
  1: i32 chunkCount,
  2: binary checksum,
}

/** A part of an entry that was too large for one record. */
struct FrameChunk {
  2: binary data,
}

/** A record of an entry that was cut up. */
union Frame {
  1: FrameHeader header,
  2: FrameChunk chunk,
}

/** A snapshot in which every distinct task configuration occurs once. */
struct DeduplicatedSnapshot {
  1: Snapshot partialSnapshot,
  2: list<DeduplicatedScheduledTask> partialTasks,
  3: list<aurora.TaskConfig> taskConfigs,
  /** The updates in the order of their details in the partial snapshot, which lack them. */
  1001: list<SaveJobUpdateCompact> partialUpdates,
}

/** What one record of Aurora's log holds. */
union LogEntry {
  1: Snapshot snapshot,
  2: Transaction transaction,
  3: bool noop,
  4: Frame frame,
  5: binary deflatedEntry,
  6: DeduplicatedSnapshot deduplicatedSnapshot,
}

/** What one entry of the journal holds: transactions, and the task configurations they share. */
struct JournalEntry {
  1: list<aurora.TaskConfig> taskConfigs,
  2: list<Transaction> transactions,
}
