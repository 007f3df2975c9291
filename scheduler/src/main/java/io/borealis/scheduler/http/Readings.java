package io.borealis.scheduler.http;

import io.borealis.api.ScheduleStatus;
import io.borealis.runtime.Clock;
import io.borealis.scheduler.journal.Journal;
import io.borealis.scheduler.journal.JournalStatus;
import io.borealis.scheduler.leader.LifecycleState;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.update.Stalls;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Gauges of the process as a whole, read when somebody looks. Stateless. */
public final class Readings {
  private Readings() {}

  /**
   * Registers the gauges.
   *
   * @param stalled after this time without an event an update counts as stalled
   */
  public static void register(
      MeterRegistry registry,
      Clock clock,
      Supplier<LifecycleState> lifecycle,
      BooleanSupplier candidate,
      Supplier<State> state,
      Journal journal,
      Duration stalled) {
    for (LifecycleState each : LifecycleState.values()) {
      gauge(registry, "scheduler_lifecycle_" + each, () -> lifecycle.get() == each ? 1 : 0);
    }
    gauge(registry, "framework_registered", () -> lifecycle.get() == LifecycleState.ACTIVE ? 1 : 0);
    gauge(registry, "leader_election_candidate", () -> candidate.getAsBoolean() ? 1 : 0);
    for (ScheduleStatus status : ScheduleStatus.values()) {
      // Of the leader only, so that nobody who adds up all processes counts a task twice.
      gauge(
          registry,
          "task_store_" + status,
          () ->
              lifecycle.get() == LifecycleState.ACTIVE
                  ? state.get().tasks().count(status)
                  : Double.NaN);
    }
    gauge(
        registry,
        "updates_stalled",
        () ->
            lifecycle.get() == LifecycleState.ACTIVE
                ? Stalls.count(state.get(), stalled, clock.wallMillis())
                : Double.NaN);
    gauge(registry, "mem_storage_update_size", () -> state.get().updates().size());
    gauge(registry, "mem_storage_attribute_size", () -> state.get().hosts().size());
    gauge(registry, "mem_storage_cron_size", () -> state.get().cronJobs().size());
    gauge(registry, "mem_storage_maintenance_size", () -> state.get().maintenance().size());
    gauge(registry, "mem_storage_quota_size", () -> state.get().quotas().size());
    gauge(registry, "store_transaction", () -> state.get().transaction());
    gauge(registry, "journal_epoch", () -> journal.status().epoch());
    gauge(registry, "journal_last_index", () -> journal.status().lastIndex());
    gauge(
        registry,
        "scheduler_log_un_snapshotted_transactions",
        () -> journal.status().entriesSinceSnapshot());
    gauge(registry, "journal_bytes_since_snapshot", () -> journal.status().bytesSinceSnapshot());
    gauge(registry, "journal_newest_snapshot", () -> journal.status().newestSnapshot());
    gauge(registry, "journal_entries", () -> journal.status().entries());
    gauge(registry, "journal_caught_up", () -> journal.status().caughtUp() ? 1 : 0);
    gauge(registry, "journal_unreadable", () -> journal.status().unreadable().isPresent() ? 1 : 0);
    gauge(registry, "journal_unreadable_index", () -> unreadableIndex(journal.status()));
    gauge(registry, "zk_connection_state_CONNECTED", () -> journal.status().connected() ? 1 : 0);
    JvmReadings.register(registry);
    long started = clock.nanoTime();
    gauge(
        registry,
        "jvm_uptime_secs",
        () -> TimeUnit.NANOSECONDS.toSeconds(clock.nanoTime() - started));
  }

  /** The entry that was not taken: the one after the last that was; 0 when all were. */
  private static long unreadableIndex(JournalStatus status) {
    return status.unreadable().isPresent() ? status.lastIndex() + 1 : 0;
  }

  static void gauge(MeterRegistry registry, String name, Supplier<Number> value) {
    Gauge.builder(name, value).strongReference(true).register(registry);
  }
}
