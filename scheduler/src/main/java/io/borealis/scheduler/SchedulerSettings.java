package io.borealis.scheduler;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Iterables;
import com.google.common.math.LongMath;
import io.borealis.api.Container;
import io.borealis.api.DockerParameter;
import io.borealis.config.ConfigException;
import io.borealis.config.DaemonSettings;
import io.borealis.config.JsonFile;
import io.borealis.scheduler.agents.AgentClusterSettings;
import io.borealis.scheduler.backup.BackupDirectory;
import io.borealis.scheduler.cluster.ResourceVector;
import io.borealis.scheduler.cluster.SimulatedClusterSettings;
import io.borealis.scheduler.cron.CronPolicy;
import io.borealis.scheduler.executor.ExecutorFile;
import io.borealis.scheduler.executor.ExecutorRegistry;
import io.borealis.scheduler.journal.JournalLimits;
import io.borealis.scheduler.journal.JournalSettings;
import io.borealis.scheduler.preemption.PreemptionSettings;
import io.borealis.scheduler.prune.PrunePolicy;
import io.borealis.scheduler.reconcile.ReconcilePolicy;
import io.borealis.scheduler.rpc.JobLimits;
import io.borealis.scheduler.scheduling.Demands;
import io.borealis.scheduler.scheduling.OfferOrder;
import io.borealis.scheduler.scheduling.SchedulingSettings;
import io.borealis.scheduler.sla.SlaSettings;
import io.borealis.scheduler.slastats.SlaStatsSettings;
import io.borealis.scheduler.store.Snapshotter;
import io.borealis.scheduler.task.TaskPolicy;
import io.borealis.scheduler.tier.TierFile;
import io.borealis.scheduler.tier.TierRegistry;
import io.borealis.scheduler.update.UpdatePolicy;
import java.io.IOException;
import java.math.RoundingMode;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What the settings of the daemon mean to its parts. Stateless. */
final class SchedulerSettings {
  private static final long BYTES_PER_MB = 1 << 20;

  /** Tasks that end together are few milliseconds apart. */
  private static final Duration OFFER_DELAY = Duration.ofMillis(5);

  private SchedulerSettings() {}

  static JournalSettings journal(DaemonSettings settings) {
    return new JournalSettings(
        settings.zooKeeper().connect(),
        settings.zooKeeper().journalRoot(),
        settings.cluster().name(),
        settings.zooKeeper().serversetPath(),
        settings.zooKeeper().sessionTimeout(),
        settings.zooKeeper().credentials(),
        JournalLimits.DEFAULT);
  }

  static Snapshotter.Policy snapshots(DaemonSettings settings) {
    return new Snapshotter.Policy(
        settings.snapshots().entries(),
        settings.snapshots().bytes(),
        settings.snapshots().interval());
  }

  /** The folder for backups, which can be written; null when none are wanted. */
  static @Nullable BackupDirectory backups(DaemonSettings settings) {
    if (settings.backups().dir().isEmpty()) {
      return null;
    }
    Path dir = settings.backups().dir().get();
    BackupDirectory directory =
        new BackupDirectory(
            dir, settings.cluster().name(), settings.backups().kept(), ZoneId.systemDefault());
    try {
      directory.prepare();
    } catch (IOException unusable) {
      throw new ConfigException("--backup-dir: " + dir + " cannot be written: " + unusable);
    }
    return directory;
  }

  static TaskPolicy tasks(DaemonSettings settings) {
    DaemonSettings.Tasks tasks = settings.tasks();
    return new TaskPolicy(
        tasks.flappingThreshold(),
        tasks.flappingDelay(),
        tasks.maxFlappingDelay(),
        tasks.killRetry(),
        tasks.transientTimeout());
  }

  static PrunePolicy history(DaemonSettings settings) {
    DaemonSettings.History history = settings.history();
    return new PrunePolicy(
        history.threshold(), history.keptPerJob(), history.minRetention(), history.batchSize());
  }

  static ReconcilePolicy reconciliation(DaemonSettings settings) {
    DaemonSettings.Reconciliation reconciliation = settings.reconciliation();
    return new ReconcilePolicy(
        reconciliation.initialDelay(),
        reconciliation.explicitInterval(),
        reconciliation.implicitInterval(),
        reconciliation.spread(),
        reconciliation.batchSize(),
        reconciliation.batchInterval());
  }

  static UpdatePolicy updates(DaemonSettings settings) {
    DaemonSettings.Updates updates = settings.updates();
    return new UpdatePolicy(
        updates.pruningInterval(),
        updates.pruningThreshold(),
        updates.keptPerJob(),
        updates.tolerateInfrastructureExits(),
        updates.stallThreshold());
  }

  static CronPolicy cron(DaemonSettings settings) {
    DaemonSettings.Cron cron = settings.cron();
    return new CronPolicy(
        cron.zone(), cron.catchUp(), cron.batchSize(), settings.jobs().maxTasksPerJob());
  }

  static SlaSettings sla(DaemonSettings settings) {
    DaemonSettings.Sla sla = settings.sla();
    return new SlaSettings(
        sla.minInstances(),
        sla.nonProduction(),
        sla.coordinatorTimeout(),
        sla.maxCoordinated(),
        sla.minRetry(),
        sla.maxRetry(),
        sla.batchSize());
  }

  static SlaStatsSettings slaStats(DaemonSettings settings) {
    DaemonSettings.Maintenance maintenance = settings.maintenance();
    return new SlaStatsSettings(
        maintenance.metricsInterval(),
        categories(maintenance.productionMetrics()),
        categories(maintenance.otherMetrics()));
  }

  private static ImmutableSet<SlaStatsSettings.Category> categories(ImmutableList<String> names) {
    return ImmutableSet.copyOf(Iterables.transform(names, SlaStatsSettings.Category::valueOf));
  }

  static SchedulingSettings scheduling(DaemonSettings settings) {
    DaemonSettings.Scheduling given = settings.scheduling();
    return new SchedulingSettings(
        given.firstDelay(),
        given.initialPenalty(),
        given.maxPenalty(),
        SchedulingSettings.DEFAULT.assignmentsPerTransaction(),
        given.offerHold(),
        given.offerHoldJitter(),
        given.holdOffersForever(),
        given.offerRefusal(),
        new OfferOrder(
            given.offerOrder().stream()
                .map(OfferOrder.Key::valueOf)
                .collect(ImmutableList.toImmutableList())),
        given.affinityHold());
  }

  static Demands demands(DaemonSettings settings, ExecutorRegistry executors, TierRegistry tiers) {
    DaemonSettings.Scheduling given = settings.scheduling();
    return new Demands(executors, tiers, given.revocableCpus(), given.revocableRam());
  }

  static PreemptionSettings preemption(DaemonSettings settings) {
    DaemonSettings.Preemption preemption = settings.preemption();
    return new PreemptionSettings(
        preemption.enabled(),
        preemption.delay(),
        preemption.slotHold(),
        preemption.initialDelay(),
        preemption.interval(),
        preemption.batch(),
        preemption.reservation());
  }

  static SimulatedClusterSettings simulation(DaemonSettings settings) {
    return SimulatedClusterSettings.DEFAULT
        .withHosts(settings.simulation().hosts())
        .withPartitionAware(settings.cluster().partitionAware())
        .withDelays(
            settings.simulation().start(), settings.simulation().kill(), Duration.ofSeconds(1))
        .withExtras(settings.simulation().revocableCpus(), settings.simulation().gpus());
  }

  static AgentClusterSettings agents(DaemonSettings settings) {
    return new AgentClusterSettings(
        settings.cluster().name(),
        settings.agents().timeout(),
        settings.agents().reregistration(),
        OFFER_DELAY,
        settings.cluster().partitionAware());
  }

  static JobLimits jobs(DaemonSettings settings, ExecutorRegistry executors) {
    DaemonSettings.Jobs jobs = settings.jobs();
    ImmutableMap<String, Container.Kind> kinds =
        ImmutableMap.of("MESOS", Container.Kind.MESOS, "DOCKER", Container.Kind.DOCKER);
    return JobLimits.builder()
        .maxTasksPerJob(jobs.maxTasksPerJob())
        .maxUpdateInstanceFailures(jobs.maxUpdateInstanceFailures())
        .environments(Pattern.compile(jobs.allowedEnvironments()))
        .checkEnvironmentOfUpdates(jobs.checkEnvironmentOfUpdates())
        .containerTypes(
            ImmutableSet.copyOf(Iterables.transform(jobs.allowedContainerTypes(), kinds::get)))
        .dockerParameters(jobs.allowDockerParameters())
        .defaultDockerParameters(
            Iterables.transform(
                jobs.defaultDockerParameters().entrySet(),
                parameter -> new DockerParameter(parameter.getKey(), parameter.getValue())))
        .executors(executors.names())
        .dockerNeedsExecutor(jobs.requireDockerUseExecutor())
        .containerVolumes(jobs.allowContainerVolumes())
        .gpus(jobs.allowGpuResource())
        .fetcher(jobs.enableMesosFetcher())
        .minInstancesForSla(settings.sla().minInstances())
        .maxSlaDurationSecs(settings.sla().maxDuration().toSeconds())
        .slaForNonProduction(settings.sla().nonProduction())
        .build();
  }

  static TierRegistry tiers(DaemonSettings settings) {
    return settings
        .jobs()
        .tierConfig()
        .map(path -> TierFile.read(JsonFile.read("--tier-config", path)))
        .orElseGet(TierRegistry::stock);
  }

  static ExecutorRegistry executors(DaemonSettings settings) {
    DaemonSettings.Executors executors = settings.executors();
    ImmutableMap.Builder<String, ResourceVector> overheads = ImmutableMap.builder();
    long ramMb = LongMath.divide(executors.ramBytes(), BYTES_PER_MB, RoundingMode.CEILING);
    overheads.put(ExecutorRegistry.DEFAULT_NAME, ResourceVector.of(executors.cpus(), ramMb, 0, 0));
    executors
        .custom()
        .ifPresent(
            path ->
                overheads.putAll(
                    ExecutorFile.read(JsonFile.read("--custom-executor-config", path))));
    return new ExecutorRegistry(overheads.buildOrThrow());
  }
}
