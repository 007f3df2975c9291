package io.borealis.scheduler.slastats;

import static io.borealis.api.ScheduleStatus.ASSIGNED;
import static io.borealis.api.ScheduleStatus.FAILED;
import static io.borealis.api.ScheduleStatus.PENDING;
import static io.borealis.api.ScheduleStatus.RUNNING;
import static io.borealis.api.ScheduleStatus.STARTING;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Iterables;
import io.borealis.api.JobKey;
import io.borealis.api.Resource;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.api.TaskEvent;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.SaveTasks;
import io.borealis.scheduler.slastats.SlaStatsSettings.Category;
import io.borealis.scheduler.store.Fixtures;
import io.borealis.scheduler.store.State;
import java.time.Duration;
import java.util.List;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.junit.Test;

public class SlaReportTest {
  private static final ImmutableSet<Category> ALL = ImmutableSet.copyOf(Category.values());
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final long NOW = 10_000_000;
  private static final JobKey JOB = new JobKey("www", "prod", "a");

  private State state = State.EMPTY;
  private int ids;

  /** A task to which this happened, as pairs of seconds ago and status. */
  private void have(UnaryOperator<TaskConfig.Builder> change, int instance, Object... history) {
    ImmutableList.Builder<TaskEvent> all = ImmutableList.builder();
    for (int i = 0; i < history.length; i += 2) {
      all.add(
          TaskEvent.builder()
              .timestamp(NOW - 1000L * (int) history[i])
              .status((ScheduleStatus) history[i + 1])
              .build());
    }
    List<TaskEvent> events = all.build();
    ScheduledTask task =
        Fixtures.task(
                "t" + ++ids,
                change.apply(Fixtures.config(JOB).toBuilder()).build(),
                instance,
                Iterables.getLast(events).status())
            .toBuilder()
            .taskEvents(events)
            .build();
    state = state.apply(new Op.SaveTasks(new SaveTasks(ImmutableSet.of(task))));
  }

  private void have(int instance, Object... history) {
    have(config -> config.tier("preferred"), instance, history);
  }

  private static boolean isProduction(TaskConfig config) {
    return "preferred".equals(config.tier());
  }

  private ImmutableMap<String, Double> report(
      ImmutableSet<Category> production, ImmutableSet<Category> other) {
    return SlaReport.of(
        state, new SlaStatsSettings(MINUTE, production, other), SlaReportTest::isProduction, NOW);
  }

  @Test
  public void everyMetricHasItsName() {
    have(0, 100, PENDING, 90, RUNNING);
    assertThat(new TreeSet<>(report(ALL, ALL).keySet()))
        .containsExactlyInAnyOrder(
            "sla_www/prod/a_job_uptime_50.00_sec",
            "sla_www/prod/a_job_uptime_75.00_sec",
            "sla_www/prod/a_job_uptime_90.00_sec",
            "sla_www/prod/a_job_uptime_95.00_sec",
            "sla_www/prod/a_job_uptime_99.00_sec",
            "sla_www/prod/a_platform_uptime_percent",
            "sla_cluster_platform_uptime_percent",
            "sla_www/prod/a_mtta_ms",
            "sla_www/prod/a_mtts_ms",
            "sla_www/prod/a_mttr_ms",
            "sla_cluster_mtta_ms",
            "sla_cluster_mtts_ms",
            "sla_cluster_mttr_ms",
            "sla_cpu_small_mtta_ms",
            "sla_cpu_small_mtts_ms",
            "sla_cpu_small_mttr_ms",
            "sla_ram_small_mtta_ms",
            "sla_ram_small_mtts_ms",
            "sla_ram_small_mttr_ms",
            "sla_disk_small_mtta_ms",
            "sla_disk_small_mtts_ms",
            "sla_disk_small_mttr_ms");
  }

  @Test
  public void otherTiersAreApartAndOnlyShownIfAskedFor() {
    have(config -> config, 0, 100, PENDING, 90, RUNNING);
    assertThat(report(ALL, ImmutableSet.of())).isEmpty();
    assertThat(report(ImmutableSet.of(), ImmutableSet.of(Category.PLATFORM_UPTIME)).keySet())
        .containsExactlyInAnyOrder(
            "sla_www/prod/a_platform_uptime_percent_nonprod",
            "sla_cluster_platform_uptime_percent_nonprod");
  }

  @Test
  public void onlyServicesCount() {
    have(config -> config.tier("preferred").isService(false), 0, 100, PENDING, 90, RUNNING);
    assertThat(report(ALL, ALL)).isEmpty();
  }

  @Test
  public void uptimesAreOfRunningTasksSinceTheirLastEvent() {
    have(0, 100, PENDING, 90, RUNNING);
    have(1, 100, PENDING, 70, RUNNING);
    have(2, 100, PENDING, 60, RUNNING);
    have(3, 100, PENDING, 30, RUNNING);
    have(4, 1000, STARTING);
    assertThat(report(ALL, ALL))
        .containsEntry("sla_www/prod/a_job_uptime_50.00_sec", 65.0)
        .containsEntry("sla_www/prod/a_job_uptime_75.00_sec", 52.5)
        .containsEntry("sla_www/prod/a_job_uptime_90.00_sec", 39.0);
  }

  @Test
  public void aJobWithoutRunningTasksHasBeenUpForNoTime() {
    have(0, 100, PENDING);
    assertThat(report(ALL, ALL)).containsEntry("sla_www/prod/a_job_uptime_50.00_sec", 0.0);
  }

  @Test
  public void mediansAreOfActiveTasksWhoseFirstEventOfTheKindIsInTheWindow() {
    // 7 s, 9 s and 11 s to ASSIGNED.
    have(0, 500, PENDING, 400, ASSIGNED, 390, FAILED, 40, PENDING, 33, ASSIGNED);
    have(1, 40, PENDING, 31, ASSIGNED, 20, STARTING);
    have(2, 70, PENDING, 59, ASSIGNED);
    // Before the window; never pending; ended.
    have(3, 100, PENDING, 61, ASSIGNED);
    have(4, 30, ASSIGNED);
    have(5, 40, PENDING, 39, ASSIGNED, 38, FAILED);
    assertThat(report(ALL, ALL))
        .containsEntry("sla_www/prod/a_mtta_ms", 9000.0)
        .containsEntry("sla_cluster_mtta_ms", 9000.0)
        .containsEntry("sla_www/prod/a_mtts_ms", 20_000.0)
        .containsEntry("sla_www/prod/a_mttr_ms", 0.0);
  }

  @Test
  public void theWindowHasItsBeginningButNotItsEnd() {
    have(0, 65, PENDING, 60, ASSIGNED, 0, RUNNING);
    assertThat(report(ALL, ALL))
        .containsEntry("sla_www/prod/a_mtta_ms", 5000.0)
        .containsEntry("sla_www/prod/a_mttr_ms", 0.0);
  }

  @Test
  public void platformUptimeIsOverAllInstances() {
    have(0, 1000, RUNNING);
    have(1, 1000, RUNNING, 30, ScheduleStatus.LOST);
    have(1, 30, PENDING, 10, RUNNING);
    have(2, 1000, RUNNING, 40, FAILED);
    // 60 + 30 + 10 + 20 s up, 20 s down.
    double expected = 100.0 * 120 / 140;
    assertThat(report(ALL, ALL))
        .containsEntry("sla_www/prod/a_platform_uptime_percent", expected)
        .containsEntry("sla_cluster_platform_uptime_percent", expected);
  }

  @Test
  public void theTableOfSizes() {
    size(1, 1024, 4096, "small", "small", "small");
    size(1.01, 1025, 4097, "medium", "medium", "medium");
    size(4, 8192, 16384, "medium", "medium", "medium");
    size(4.5, 8193, 16385, "large", "large", "large");
    size(8, 16384, 32768, "large", "large", "large");
    size(8.1, 16385, 32769, "xlarge", "xlarge", "xlarge");
    size(16, 32768, 65536, "xlarge", "xlarge", "xlarge");
    size(16.1, 32769, 65537, "xxlarge", "xxlarge", "xxlarge");
    size(0, 9000, 99999, "small", "large", "xxlarge");
  }

  private static void size(
      double cpus, long ramMb, long diskMb, String cpu, String ram, String disk) {
    assertThat(
            Sizes.prefixes(
                Fixtures.config(JOB).toBuilder()
                    .resources(
                        ImmutableSet.of(
                            new Resource.NumCpus(cpus),
                            new Resource.RamMb(ramMb),
                            new Resource.DiskMb(diskMb)))
                    .build()))
        .containsExactly("sla_cpu_" + cpu + "_", "sla_ram_" + ram + "_", "sla_disk_" + disk + "_");
  }
}
