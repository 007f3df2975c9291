package io.borealis.scheduler.slastats;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableSet;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskEvent;
import io.borealis.scheduler.slastats.SlaStatsSettings.Category;
import io.borealis.scheduler.store.Fixtures;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.store.TestStore;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import org.junit.Test;

public class SlaStatsTest {
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final String UPTIME = "sla_www-data/prod/hello_job_uptime_50.00_sec";

  private final TestStore store = TestStore.create();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private int failures;

  private SlaStats stats(ImmutableSet<Category> categories) {
    SlaStats stats =
        new SlaStats(
            new SlaStatsSettings(MINUTE, categories, ImmutableSet.of()),
            config -> true,
            this::state,
            store.loop(),
            store.runtimes().newPool("computing", 1),
            store.clock(),
            meters);
    stats.start();
    return stats;
  }

  private State state() {
    if (failures-- > 0) {
      throw new IllegalStateException("no State today");
    }
    return store.state();
  }

  private void have(String id) {
    ScheduledTask task =
        Fixtures.task(id, Fixtures.config(Fixtures.JOB), 0, ScheduleStatus.RUNNING).toBuilder()
            .taskEvents(
                List.of(
                    TaskEvent.builder()
                        .timestamp(store.clock().wallMillis())
                        .status(ScheduleStatus.RUNNING)
                        .build()))
            .build();
    store.change(tx -> tx.save(task));
  }

  private double uptime() {
    return meters.get(UPTIME).gauge().value();
  }

  @Test
  public void metricsAreComputedAfterEachInterval() {
    have("t");
    SlaStats unused = stats(ImmutableSet.copyOf(Category.values()));
    store.runtimes().advance(MINUTE.minusMillis(1));
    assertThat(meters.getMeters()).isEmpty();
    store.runtimes().advance(Duration.ofMillis(1));
    assertThat(uptime()).isEqualTo(60);
    store.runtimes().advance(MINUTE);
    assertThat(uptime()).isEqualTo(120);
  }

  @Test
  public void theGaugesOfAJobThatIsGoneGoToo() {
    have("t");
    SlaStats unused = stats(ImmutableSet.copyOf(Category.values()));
    store.runtimes().advance(MINUTE);
    assertThat(meters.getMeters()).hasSize(22);
    store.change(tx -> tx.removeTask("t"));
    store.runtimes().advance(MINUTE);
    assertThat(meters.getMeters()).isEmpty();
    have("u");
    store.runtimes().advance(MINUTE);
    assertThat(uptime()).isEqualTo(60);
  }

  @Test
  public void aFailureStopsNothing() {
    have("t");
    SlaStats unused = stats(ImmutableSet.of(Category.JOB_UPTIMES));
    failures = 2;
    store.runtimes().advance(MINUTE.multipliedBy(2));
    assertThat(meters.getMeters()).isEmpty();
    store.runtimes().advance(MINUTE);
    assertThat(uptime()).isEqualTo(180);
  }

  @Test
  public void nothingIsComputedIfNothingIsAskedFor() {
    SlaStats unused = stats(ImmutableSet.of());
    assertThat(store.runtimes().pending()).isEmpty();
  }

  @Test
  public void afterItsEndNothingIsShown() {
    have("t");
    SlaStats stats = stats(ImmutableSet.of(Category.JOB_UPTIMES));
    store.runtimes().advance(MINUTE);
    assertThat(meters.getMeters()).hasSize(5);
    stats.close();
    assertThat(meters.getMeters()).isEmpty();
    store.runtimes().advance(MINUTE.multipliedBy(5));
    assertThat(meters.getMeters()).isEmpty();
  }
}
