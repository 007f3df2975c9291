package io.borealis.scheduler.scheduling;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import io.borealis.api.Attribute;
import io.borealis.api.Constraint;
import io.borealis.api.JobKey;
import io.borealis.api.LimitConstraint;
import io.borealis.api.Resource;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.api.TaskConstraint;
import io.borealis.api.ValueConstraint;
import io.borealis.scheduler.cluster.Offer;
import io.borealis.scheduler.cluster.PortRange;
import io.borealis.scheduler.cluster.ResourceVector;
import io.borealis.scheduler.store.Fixtures;
import io.borealis.scheduler.store.WriteTransaction;

/** Values for tests of scheduling. */
final class Tasks {
  private Tasks() {}

  static TaskConfig config(String name, double cpus, long ramMb, Constraint... constraints) {
    return Fixtures.config(new JobKey("www-data", "prod", name)).toBuilder()
        .resources(
            ImmutableSet.of(
                new Resource.NumCpus(cpus), new Resource.RamMb(ramMb), new Resource.DiskMb(16)))
        .constraints(ImmutableSet.copyOf(constraints))
        .build();
  }

  static Constraint value(String name, String... values) {
    return new Constraint(
        name, new TaskConstraint.Value(new ValueConstraint(false, ImmutableSet.copyOf(values))));
  }

  static Constraint not(String name, String... values) {
    return new Constraint(
        name, new TaskConstraint.Value(new ValueConstraint(true, ImmutableSet.copyOf(values))));
  }

  static Constraint limit(String name, int limit) {
    return new Constraint(name, new TaskConstraint.Limit(new LimitConstraint(limit)));
  }

  static ScheduledTask pending(String id, TaskConfig config, int instance) {
    return Fixtures.task(id, config, instance, ScheduleStatus.PENDING);
  }

  static Offer offer(String host, double cpus, String... attributes) {
    ImmutableList.Builder<Attribute> all = ImmutableList.builder();
    all.add(new Attribute("host", ImmutableSet.of(host)));
    for (int i = 0; i < attributes.length; i += 2) {
      all.add(new Attribute(attributes[i], ImmutableSet.of(attributes[i + 1])));
    }
    return new Offer(
        "offer-" + host,
        "agent-" + host,
        host,
        ResourceVector.of(cpus, 1024, 1024, 10),
        ImmutableList.of(new PortRange(31000, 31003), new PortRange(31010, 31015)),
        all.build(),
        null);
  }

  /** What the scheduler needs of the task state machine. */
  static ScheduledTask assign(
      WriteTransaction transaction,
      String taskId,
      String host,
      String agentId,
      ImmutableMap<String, Integer> ports) {
    ScheduledTask task = transaction.state().tasks().get(taskId);
    if (task == null || task.status() != ScheduleStatus.PENDING) {
      throw new IllegalStateException(taskId + " is not pending");
    }
    return save(
        transaction,
        task.toBuilder()
            .assignedTask(
                task.assignedTask().toBuilder()
                    .slaveHost(host)
                    .slaveId(agentId)
                    .assignedPorts(ports)
                    .build())
            .status(ScheduleStatus.ASSIGNED)
            .build());
  }

  static ScheduledTask save(WriteTransaction transaction, ScheduledTask task) {
    transaction.save(task);
    return task;
  }
}
