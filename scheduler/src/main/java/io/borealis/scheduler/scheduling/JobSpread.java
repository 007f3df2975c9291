package io.borealis.scheduler.scheduling;

import com.google.common.collect.HashMultiset;
import com.google.common.collect.ImmutableSetMultimap;
import com.google.common.collect.Multiset;
import io.borealis.api.AuroraConstants;
import io.borealis.api.HostAttributes;
import io.borealis.api.JobKey;
import io.borealis.api.ScheduledTask;
import io.borealis.scheduler.store.State;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How many tasks of a job run on hosts with a given attribute value, which limits count. For one
 * thread.
 */
final class JobSpread {
  private final @Nullable JobSpread base;
  private final Map<Map.Entry<String, String>, Integer> counts = new HashMap<>();

  private JobSpread(@Nullable JobSpread base) {
    this.base = base;
  }

  /** A copy to add to, while this one stays as it is. */
  JobSpread extend() {
    return new JobSpread(this);
  }

  /** The spread of the tasks that State has assigned; hosts it does not know do not count. */
  static JobSpread of(State state, JobKey job) {
    Multiset<String> tasksByHost = HashMultiset.create();
    for (ScheduledTask task : state.tasks().ofJob(job).active().values()) {
      String host = task.assignedTask().slaveHost();
      if (host != null && AuroraConstants.SLAVE_ASSIGNED_STATES.contains(task.status())) {
        tasksByHost.add(host);
      }
    }
    JobSpread spread = new JobSpread(null);
    for (Multiset.Entry<String> entry : tasksByHost.entrySet()) {
      HostAttributes host = state.hosts().get(entry.getElement());
      if (host != null) {
        spread.add(HostView.attributesOf(host.attributes()), entry.getCount());
      }
    }
    return spread;
  }

  /** Counts more tasks, or fewer, on a host that has these attributes. */
  void add(ImmutableSetMultimap<String, String> attributes, int tasks) {
    for (Map.Entry<String, String> value : attributes.entries()) {
      counts.merge(value, tasks, Integer::sum);
    }
  }

  /** How many tasks run where the attribute has the value. */
  int count(String attribute, String value) {
    int own = counts.getOrDefault(Map.entry(attribute, value), 0);
    return base == null ? own : own + base.count(attribute, value);
  }
}
