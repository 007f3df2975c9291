package io.borealis.scheduler.task;

import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Sets;
import io.borealis.api.Attribute;
import io.borealis.api.HostAttributes;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.scheduler.store.JobPath;
import io.borealis.scheduler.store.Reaction;
import io.borealis.scheduler.store.TaskChange;
import io.borealis.scheduler.store.WriteTransaction;
import io.micrometer.core.instrument.MeterRegistry;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts the tasks that failed or were lost, by job, and those lost by rack and by what their host
 * is dedicated to. For the writer's thread.
 */
public final class LossCounters implements Reaction {
  private static final Logger LOG = LoggerFactory.getLogger(LossCounters.class);
  private static final ImmutableSet<ScheduleStatus> COUNTED =
      Sets.immutableEnumSet(ScheduleStatus.LOST, ScheduleStatus.FAILED);

  private final MeterRegistry meters;

  public LossCounters(MeterRegistry meters) {
    this.meters = meters;
  }

  @Override
  public void onTaskChange(WriteTransaction tx, TaskChange change) {
    ScheduledTask task = change.after();
    if (task == null
        || change.before() == null
        || !change.changesStatus()
        || !COUNTED.contains(task.status())) {
      return;
    }
    String host = task.assignedTask().slaveHost();
    HostAttributes attributes = host == null ? null : tx.state().hosts().get(host);
    tx.afterCommit(() -> count(task, attributes));
  }

  private void count(ScheduledTask task, @Nullable HostAttributes host) {
    String path = JobPath.of(task.assignedTask().task().job());
    meters.counter("tasks_" + task.status(), "job_key", path).increment();
    if (host == null || task.status() != ScheduleStatus.LOST) {
      return;
    }
    for (Attribute attribute : host.attributes()) {
      if ("rack".equals(attribute.name())) {
        attribute.values().forEach(rack -> count("tasks_lost_rack", "rack", rack));
      } else if ("dedicated".equals(attribute.name())) {
        attribute.values().forEach(to -> count("tasks_lost_dedicated", "to", to.replace('*', '_')));
      }
    }
  }

  private void count(String name, String tag, String value) {
    meters.counter(name, tag, value).increment();
  }

  @Override
  public void onFailure(WriteTransaction tx, TaskChange change, RuntimeException failure) {
    LOG.error("Task {} is not counted", change.task().assignedTask().taskId(), failure);
  }
}
