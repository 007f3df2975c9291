package io.borealis.scheduler.store;

import io.borealis.api.ScheduledTask;

/**
 * The tasks of one job: the active one of each instance, and those that ended, by task id.
 * Immutable.
 */
public record JobTasks(Table<Integer, ScheduledTask> active, Table<String, ScheduledTask> ended) {
  static final JobTasks NONE = new JobTasks(Table.empty(), Table.empty());

  boolean isEmpty() {
    return active.isEmpty() && ended.isEmpty();
  }
}
