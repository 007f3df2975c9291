package io.borealis.bench;

import com.google.common.collect.ImmutableSet;
import io.borealis.api.InstanceTaskConfig;
import io.borealis.api.JobInstanceUpdateEvent;
import io.borealis.api.JobKey;
import io.borealis.api.JobUpdate;
import io.borealis.api.JobUpdateAction;
import io.borealis.api.JobUpdateEvent;
import io.borealis.api.JobUpdateInstructions;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.JobUpdateStatus;
import io.borealis.api.JobUpdateSummary;
import io.borealis.api.Range;
import io.borealis.api.TaskConfig;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.SaveCronJob;
import io.borealis.api.storage.SaveJobInstanceUpdateEvent;
import io.borealis.api.storage.SaveJobUpdate;
import io.borealis.api.storage.SaveJobUpdateEvent;
import io.borealis.api.storage.SaveTasks;
import io.borealis.api.storage.Transaction;
import io.borealis.scheduler.store.State;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** A large cluster: 25 jobs of 4,000 running tasks, and the updates that led there. Stateless. */
final class LargeState {
  static final int JOBS = 25;
  static final int TASKS_OF_JOB = 4_000;
  static final int TASKS = JOBS * TASKS_OF_JOB;
  static final int UPDATES = 1_000;

  /** Half full with the tasks and their executors. */
  static final int HOSTS = 4_000;

  private static final int INSTANCES_OF_UPDATE = 10;
  private static final long BEGUN_MS = 1_700_000_000_000L;

  private LargeState() {}

  /** With all tasks and so many ended updates. */
  static State of(int updates) {
    State state = State.EMPTY;
    for (int i = 0; i < JOBS; i++) {
      state = state.apply(transaction(state, tasks(i)));
    }
    for (int i = 0; i < updates; i++) {
      state = state.apply(transaction(state, update(i)));
    }
    return state;
  }

  /** With as many tasks that have ended and none else. */
  static State ended() {
    State state = State.EMPTY;
    for (int i = 0; i < JOBS; i++) {
      TaskConfig config = Samples.config(Samples.job("job-" + i), "one");
      state =
          state.apply(
              transaction(
                  state,
                  List.of(
                      new Op.SaveTasks(
                          new SaveTasks(
                              ImmutableSet.copyOf(Samples.ended(config, TASKS_OF_JOB, HOSTS)))))));
    }
    return state;
  }

  /** With so many cron jobs and nothing else. */
  static State cronJobs(int count) {
    State state = State.EMPTY;
    for (int i = 0; i < count; i++) {
      state =
          state.apply(
              transaction(
                  state,
                  List.of(
                      new Op.SaveCronJob(
                          new SaveCronJob(
                              Samples.configuration(Samples.job("cron-" + i), 1).toBuilder()
                                  .cronSchedule(i % 60 + " * * * *")
                                  .build())))));
    }
    return state;
  }

  /** The next transaction of a State. */
  static Transaction transaction(State state, List<Op> ops) {
    return Transaction.builder()
        .ops(ops)
        .schemaVersion(1)
        .number(state.transaction() + 1)
        .stampMs(BEGUN_MS)
        .build();
  }

  private static List<Op> tasks(int job) {
    TaskConfig config = Samples.config(Samples.job("job-" + job), "one");
    return List.of(
        new Op.SaveTasks(
            new SaveTasks(ImmutableSet.copyOf(Samples.running(config, TASKS_OF_JOB, HOSTS)))));
  }

  /** An update that replaced ten instances and ended well. */
  private static List<Op> update(int number) {
    JobKey job = Samples.job("updated-" + number % (UPDATES / 4));
    JobUpdateKey key = new JobUpdateKey(job, new UUID(number, number).toString());
    ImmutableSet<Range> all = ImmutableSet.of(new Range(0, INSTANCES_OF_UPDATE - 1));
    List<Op> ops = new ArrayList<>();
    ops.add(
        new Op.SaveJobUpdate(
            new SaveJobUpdate(
                JobUpdate.builder()
                    .summary(JobUpdateSummary.builder().key(key).user("jane").build())
                    .instructions(
                        JobUpdateInstructions.builder()
                            .initialState(
                                ImmutableSet.of(
                                    new InstanceTaskConfig(Samples.config(job, "one"), all)))
                            .desiredState(new InstanceTaskConfig(Samples.config(job, "two"), all))
                            .settings(Samples.update(job, "two", 1, 1).settings())
                            .build())
                    .build())));
    ops.add(event(key, JobUpdateStatus.ROLLING_FORWARD, BEGUN_MS));
    for (int i = 0; i < INSTANCES_OF_UPDATE; i++) {
      ops.add(event(key, i, JobUpdateAction.INSTANCE_UPDATING));
      ops.add(event(key, i, JobUpdateAction.INSTANCE_UPDATED));
    }
    ops.add(event(key, JobUpdateStatus.ROLLED_FORWARD, BEGUN_MS + 60_000));
    return ops;
  }

  private static Op event(JobUpdateKey key, JobUpdateStatus status, long atMs) {
    return new Op.SaveJobUpdateEvent(
        new SaveJobUpdateEvent(new JobUpdateEvent(status, atMs, "jane", null), key));
  }

  private static Op event(JobUpdateKey key, int instance, JobUpdateAction action) {
    return new Op.SaveJobInstanceUpdateEvent(
        new SaveJobInstanceUpdateEvent(
            new JobInstanceUpdateEvent(instance, BEGUN_MS + instance, action, null), key));
  }
}
