package io.borealis.scheduler.scheduling;

import io.borealis.api.HostAttributes;
import io.borealis.api.JobKey;
import io.borealis.api.ScheduledTask;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.store.Table;
import java.util.HashMap;
import java.util.Map;

/** Keeps the spread of each job until its tasks or the hosts change. For one thread. */
final class SpreadCache {
  private final Map<JobKey, Entry> entries = new HashMap<>();

  /** The spread of the job's tasks in State, to be extended but not added to. */
  JobSpread of(State state, JobKey job) {
    Table<Integer, ScheduledTask> active = state.tasks().ofJob(job).active();
    Entry entry = entries.get(job);
    if (entry == null || !entry.isFor(active, state.hosts())) {
      entry = new Entry(active, state.hosts(), JobSpread.of(state, job));
      entries.put(job, entry);
    }
    return entry.spread;
  }

  /** Forgets a job. */
  void forget(JobKey job) {
    entries.remove(job);
  }

  private record Entry(
      Table<Integer, ScheduledTask> active, Table<String, HostAttributes> hosts, JobSpread spread) {
    /** Tables are immutable, so the same ones have the same content. */
    boolean isFor(Table<Integer, ScheduledTask> tasks, Table<String, HostAttributes> allHosts) {
      return active == tasks && hosts == allHosts;
    }
  }
}
