package io.borealis.scheduler.rpc;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.borealis.api.ExplicitReconciliationSettings;
import io.borealis.api.Hosts;
import io.borealis.api.InstanceKey;
import io.borealis.api.JobConfiguration;
import io.borealis.api.JobKey;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.JobUpdateQuery;
import io.borealis.api.JobUpdateRequest;
import io.borealis.api.ResourceAggregate;
import io.borealis.api.Response;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.SlaPolicy;
import io.borealis.api.TaskQuery;
import io.borealis.api.rpc.AuroraAdmin;
import io.borealis.api.rpc.CallContext;
import io.borealis.scheduler.maintenance.DrainWait;
import io.borealis.scheduler.update.Explanation;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The API as clients call it: hands each call to the handler of its family and turns whatever that
 * throws into an answer. Thread-safe; never blocks.
 */
public final class SchedulerApi implements AuroraAdmin {
  private final JobHandler jobs;
  private final CronHandler cron;
  private final TaskQueryHandler tasks;
  private final UpdateHandler updates;
  private final UpdateReads reads;
  private final UpdateExplanations explanations;
  private final QuotaHandler quotas;
  private final TaskAdminHandler taskAdmin;
  private final MaintenanceHandler maintenance;
  private final BackupHandler backups;
  private final ReconciliationHandler reconciliation;
  private final ClusterInfoHandler cluster;
  private final LockHandler locks;

  /** The handlers of each family of calls. */
  public record Families(
      JobHandler jobs,
      CronHandler cron,
      TaskQueryHandler tasks,
      UpdateHandler updates,
      UpdateReads reads,
      UpdateExplanations explanations,
      QuotaHandler quotas,
      TaskAdminHandler taskAdmin,
      MaintenanceHandler maintenance,
      BackupHandler backups,
      ReconciliationHandler reconciliation,
      ClusterInfoHandler cluster,
      LockHandler locks) {}

  /** Hands calls to these. */
  public SchedulerApi(Families families) {
    this.jobs = families.jobs();
    this.cron = families.cron();
    this.tasks = families.tasks();
    this.updates = families.updates();
    this.reads = families.reads();
    this.explanations = families.explanations();
    this.quotas = families.quotas();
    this.taskAdmin = families.taskAdmin();
    this.maintenance = families.maintenance();
    this.backups = families.backups();
    this.reconciliation = families.reconciliation();
    this.cluster = families.cluster();
    this.locks = families.locks();
  }

  /** What administrators can do with locks; not a part of Aurora's API. */
  public LockHandler locks() {
    return locks;
  }

  /** The tasks that may not leave their hosts yet; not a part of Aurora's API. */
  public ImmutableList<DrainWait> drainWaits() {
    return maintenance.waits();
  }

  /** Says of each active update in an answer what it waits for. */
  public ImmutableList<Explanation> explain(Response answer) {
    return explanations.of(answer);
  }

  private static CompletionStage<Response> read(Supplier<Response> call) {
    try {
      return CompletableFuture.completedFuture(call.get());
    } catch (RuntimeException failure) {
      return CompletableFuture.completedFuture(Responses.failure(failure));
    }
  }

  private static CompletionStage<Response> write(Supplier<CompletionStage<Response>> call) {
    try {
      return call.get().exceptionally(Responses::failure);
    } catch (RuntimeException failure) {
      return CompletableFuture.completedFuture(Responses.failure(failure));
    }
  }

  @Override
  public CompletionStage<Response> getRoleSummary(CallContext call) {
    return read(() -> tasks.getRoleSummary());
  }

  @Override
  public CompletionStage<Response> getJobSummary(CallContext call, @Nullable String role) {
    return read(() -> tasks.getJobSummary(role));
  }

  @Override
  public CompletionStage<Response> getTasksStatus(CallContext call, @Nullable TaskQuery query) {
    return read(() -> tasks.getTasksStatus(query));
  }

  @Override
  public CompletionStage<Response> getTasksWithoutConfigs(
      CallContext call, @Nullable TaskQuery query) {
    return read(() -> tasks.getTasksWithoutConfigs(query));
  }

  @Override
  public CompletionStage<Response> getPendingReason(CallContext call, @Nullable TaskQuery query) {
    return read(() -> tasks.getPendingReason(query));
  }

  @Override
  public CompletionStage<Response> getConfigSummary(CallContext call, @Nullable JobKey job) {
    return read(() -> tasks.getConfigSummary(job));
  }

  @Override
  public CompletionStage<Response> getJobs(CallContext call, @Nullable String ownerRole) {
    return read(() -> tasks.getJobs(ownerRole));
  }

  @Override
  public CompletionStage<Response> getQuota(CallContext call, @Nullable String ownerRole) {
    return read(() -> quotas.getQuota(ownerRole));
  }

  @Override
  public CompletionStage<Response> populateJobConfig(
      CallContext call, @Nullable JobConfiguration description) {
    return read(() -> jobs.populateJobConfig(description));
  }

  @Override
  public CompletionStage<Response> getJobUpdateSummaries(
      CallContext call, @Nullable JobUpdateQuery jobUpdateQuery) {
    return read(() -> reads.getJobUpdateSummaries(call, jobUpdateQuery));
  }

  @Override
  public CompletionStage<Response> getJobUpdateDetails(
      CallContext call, @Nullable JobUpdateKey key, @Nullable JobUpdateQuery query) {
    return read(() -> explanations.with(reads.getJobUpdateDetails(call, key, query)));
  }

  @Override
  public CompletionStage<Response> getJobUpdateDiff(
      CallContext call, @Nullable JobUpdateRequest request) {
    return read(() -> reads.getJobUpdateDiff(request));
  }

  @Override
  public CompletionStage<Response> getTierConfigs(CallContext call) {
    return read(() -> cluster.getTierConfigs());
  }

  @Override
  public CompletionStage<Response> createJob(
      CallContext call, @Nullable JobConfiguration description) {
    return write(() -> jobs.createJob(call, description));
  }

  @Override
  public CompletionStage<Response> scheduleCronJob(
      CallContext call, @Nullable JobConfiguration description) {
    return write(() -> cron.scheduleCronJob(call, description));
  }

  @Override
  public CompletionStage<Response> descheduleCronJob(CallContext call, @Nullable JobKey job) {
    return write(() -> cron.descheduleCronJob(call, job));
  }

  @Override
  public CompletionStage<Response> startCronJob(CallContext call, @Nullable JobKey job) {
    return write(() -> cron.startCronJob(call, job));
  }

  @Override
  public CompletionStage<Response> restartShards(
      CallContext call, @Nullable JobKey job, ImmutableSet<Integer> shardIds) {
    return write(() -> jobs.restartShards(call, job, shardIds));
  }

  @Override
  public CompletionStage<Response> killTasks(
      CallContext call,
      @Nullable JobKey job,
      ImmutableSet<Integer> instances,
      @Nullable String message) {
    return write(() -> jobs.killTasks(call, job, instances, message));
  }

  @Override
  public CompletionStage<Response> addInstances(
      CallContext call, @Nullable InstanceKey key, int count) {
    return write(() -> jobs.addInstances(call, key, count));
  }

  @Override
  public CompletionStage<Response> replaceCronTemplate(
      CallContext call, @Nullable JobConfiguration config) {
    return write(() -> cron.replaceCronTemplate(call, config));
  }

  @Override
  public CompletionStage<Response> startJobUpdate(
      CallContext call, @Nullable JobUpdateRequest request, @Nullable String message) {
    return write(() -> updates.startJobUpdate(call, request, message));
  }

  @Override
  public CompletionStage<Response> pauseJobUpdate(
      CallContext call, @Nullable JobUpdateKey key, @Nullable String message) {
    return write(() -> updates.pauseJobUpdate(call, key, message));
  }

  @Override
  public CompletionStage<Response> resumeJobUpdate(
      CallContext call, @Nullable JobUpdateKey key, @Nullable String message) {
    return write(() -> updates.resumeJobUpdate(call, key, message));
  }

  @Override
  public CompletionStage<Response> abortJobUpdate(
      CallContext call, @Nullable JobUpdateKey key, @Nullable String message) {
    return write(() -> updates.abortJobUpdate(call, key, message));
  }

  @Override
  public CompletionStage<Response> rollbackJobUpdate(
      CallContext call, @Nullable JobUpdateKey key, @Nullable String message) {
    return write(() -> updates.rollbackJobUpdate(call, key, message));
  }

  @Override
  public CompletionStage<Response> pulseJobUpdate(CallContext call, @Nullable JobUpdateKey key) {
    return read(() -> updates.pulseJobUpdate(call, key));
  }

  @Override
  public CompletionStage<Response> setQuota(
      CallContext call, @Nullable String ownerRole, @Nullable ResourceAggregate quota) {
    return write(() -> quotas.setQuota(call, ownerRole, quota));
  }

  @Override
  public CompletionStage<Response> forceTaskState(
      CallContext call, @Nullable String taskId, @Nullable ScheduleStatus status) {
    return write(() -> taskAdmin.forceTaskState(call, taskId, status));
  }

  @Override
  public CompletionStage<Response> performBackup(CallContext call) {
    return write(() -> backups.performBackup(call));
  }

  @Override
  public CompletionStage<Response> listBackups(CallContext call) {
    return write(() -> backups.listBackups(call));
  }

  @Override
  public CompletionStage<Response> stageRecovery(CallContext call, @Nullable String backupId) {
    return write(() -> backups.stageRecovery(call, backupId));
  }

  @Override
  public CompletionStage<Response> queryRecovery(CallContext call, @Nullable TaskQuery query) {
    return write(() -> backups.queryRecovery(call, query));
  }

  @Override
  public CompletionStage<Response> deleteRecoveryTasks(
      CallContext call, @Nullable TaskQuery query) {
    return write(() -> backups.deleteRecoveryTasks(call, query));
  }

  @Override
  public CompletionStage<Response> commitRecovery(CallContext call) {
    return write(() -> backups.commitRecovery(call));
  }

  @Override
  public CompletionStage<Response> unloadRecovery(CallContext call) {
    return write(() -> backups.unloadRecovery(call));
  }

  @Override
  public CompletionStage<Response> startMaintenance(CallContext call, @Nullable Hosts hosts) {
    return write(() -> maintenance.startMaintenance(call, hosts));
  }

  @Override
  public CompletionStage<Response> drainHosts(CallContext call, @Nullable Hosts hosts) {
    return write(() -> maintenance.drainHosts(call, hosts));
  }

  @Override
  public CompletionStage<Response> maintenanceStatus(CallContext call, @Nullable Hosts hosts) {
    return write(() -> maintenance.maintenanceStatus(call, hosts));
  }

  @Override
  public CompletionStage<Response> endMaintenance(CallContext call, @Nullable Hosts hosts) {
    return write(() -> maintenance.endMaintenance(call, hosts));
  }

  @Override
  public CompletionStage<Response> slaDrainHosts(
      CallContext call,
      @Nullable Hosts hosts,
      @Nullable SlaPolicy defaultSlaPolicy,
      long timeoutSecs) {
    return write(() -> maintenance.slaDrainHosts(call, hosts, defaultSlaPolicy, timeoutSecs));
  }

  @Override
  public CompletionStage<Response> snapshot(CallContext call) {
    return write(() -> backups.snapshot(call));
  }

  @Override
  public CompletionStage<Response> triggerExplicitTaskReconciliation(
      CallContext call, @Nullable ExplicitReconciliationSettings settings) {
    return read(() -> reconciliation.triggerExplicitTaskReconciliation(settings));
  }

  @Override
  public CompletionStage<Response> triggerImplicitTaskReconciliation(CallContext call) {
    return read(() -> reconciliation.triggerImplicitTaskReconciliation());
  }

  @Override
  public CompletionStage<Response> pruneTasks(CallContext call, @Nullable TaskQuery query) {
    return write(() -> taskAdmin.pruneTasks(call, query));
  }
}
