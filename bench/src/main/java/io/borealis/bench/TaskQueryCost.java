package io.borealis.bench;

import com.google.common.collect.ImmutableSet;
import io.borealis.api.JobKey;
import io.borealis.api.Result;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.api.TaskQuery;
import io.borealis.bench.Figure.Target;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What it costs to find tasks by each index and without one: it shall grow with the tasks that are
 * returned, and not with those that are stored.
 */
final class TaskQueryCost implements Program {
  private static final int MANY = 1_000;
  private static final int FEW = 100;
  private static final int TASKS_PER_HOST = 25;
  private static final long SAMPLE_NANOS = 4_000_000;

  /** What is found by an index costs the same among ten times as many; the cache knows fewer. */
  private static final Target CONSTANT = Target.atMost(2);

  private final int large;
  private final int small;
  private final int rounds;

  /** Looked for by each index: a part of the tasks of its own role, job and hosts. */
  private enum Group {
    ASKED_MANY(MANY),
    ASKED_FEW(FEW);

    final int size;

    Group(int size) {
      this.size = size;
    }

    JobKey job() {
      return new JobKey("asked-" + size, "prod", "hello");
    }
  }

  /**
   * A way to ask.
   *
   * @param many a query that returns {@link #MANY}
   * @param few one that returns {@link #FEW}
   */
  private record Way(String name, TaskQuery many, TaskQuery few) {}

  /** Seconds of CPU by query, in one State. */
  private record Times(Map<TaskQuery, Double> byQuery) {
    double of(TaskQuery query) {
      return byQuery.getOrDefault(query, Double.NaN);
    }
  }

  TaskQueryCost() {
    this(100_000, 10_000, 40);
  }

  /**
   * @param large how many tasks are stored
   * @param small how many are stored in the State that it is compared with
   */
  TaskQueryCost(int large, int small, int rounds) {
    this.large = large;
    this.small = small;
    this.rounds = rounds;
  }

  @Override
  public String name() {
    return "task-queries";
  }

  @Override
  public String summary() {
    return "CPU of finding tasks by id, job, role, host, status and by looking at all of 100,000";
  }

  @Override
  public List<Figure> run() {
    World world = new World();
    List<Way> ways = world.ways();
    Map<TaskQuery, Integer> queries = new LinkedHashMap<>();
    for (Way way : ways) {
      queries.put(way.many, MANY);
      queries.put(way.few, FEW);
    }
    TaskQuery one = TaskQuery.builder().taskIds(ImmutableSet.of(world.anId())).build();
    TaskQuery all = TaskQuery.builder().build();
    TaskQuery none = TaskQuery.builder().statuses(ImmutableSet.of(ScheduleStatus.FAILED)).build();
    queries.put(one, 1);
    queries.put(none, 0);
    // What is measured first must not be measured with less compiled code than what follows.
    Times unused = times(world, small, queries, all);
    Times inSmall = times(world, small, queries, all);
    Times inLarge = times(world, large, queries, all);
    List<Figure> figures = new ArrayList<>();
    for (Way way : ways) {
      figures.add(
          Figure.ratio(
              "%,d tasks by %s, of %,d ÷ of %,d stored".formatted(MANY, way.name, large, small),
              inLarge.of(way.many) / inSmall.of(way.many),
              CONSTANT,
              describe(inLarge.of(way.many), MANY),
              describe(inLarge.of(way.few), FEW)));
      figures.add(
          Figure.ratio(
              "tasks by %s, %,d ÷ %,d returned".formatted(way.name, MANY, FEW),
              inLarge.of(way.many) / inLarge.of(way.few),
              Cost.LINEAR));
    }
    figures.add(
        Figure.ratio(
            "one task by id, of %,d ÷ of %,d stored".formatted(large, small),
            inLarge.of(one) / inSmall.of(one),
            CONSTANT,
            describe(inLarge.of(one), 1)));
    figures.add(
        Figure.ratio(
            "all tasks, %,d ÷ %,d".formatted(large, small),
            inLarge.of(all) / inSmall.of(all),
            Cost.LINEAR,
            describe(inLarge.of(all), large),
            describe(inSmall.of(all), small)));
    figures.add(
        Figure.of(
            "looking at %,d tasks of which none matches".formatted(large),
            inLarge.of(none) * 1e9 / large,
            "ns/task",
            Target.atMost(200),
            "%.2f ms".formatted(inLarge.of(none) * 1e3)));
    return figures;
  }

  private static String describe(double seconds, int returned) {
    return "%,d returned: %,.1f µs of CPU, %,.0f ns each"
        .formatted(returned, seconds * 1e6, seconds * 1e9 / returned);
  }

  private Times times(World world, int stored, Map<TaskQuery, Integer> queries, TaskQuery all) {
    try (VirtualTime time = new VirtualTime();
        Leader leader = new Leader(time, stored / TASKS_PER_HOST)) {
      leader.preload(world.tasks(stored));
      time.await(leader.elect());
      Map<TaskQuery, Double> byQuery = new LinkedHashMap<>();
      queries.forEach((query, expected) -> byQuery.put(query, seconds(leader, query, expected)));
      byQuery.put(all, seconds(leader, all, stored));
      return new Times(byQuery);
    }
  }

  /** CPU of one query; short ones are repeated until it can be told. */
  private double seconds(Leader leader, TaskQuery query, int expected) {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    List<Double> seconds = new ArrayList<>();
    for (int i = 0; i < 2 * rounds; i++) {
      long start = threads.getCurrentThreadCpuTime();
      long end = start;
      int times = 0;
      while (end - start < SAMPLE_NANOS) {
        int returned = find(leader, query);
        if (returned != expected) {
          throw new IllegalStateException(returned + " were found by " + query);
        }
        times++;
        end = threads.getCurrentThreadCpuTime();
      }
      if (i >= rounds) {
        seconds.add((end - start) / 1e9 / times);
      }
    }
    return Statistics.median(seconds);
  }

  private static int find(Leader leader, TaskQuery query) {
    var answer =
        Leader.ok(leader.api().getTasksStatus(leader.call(), query).toCompletableFuture().join());
    return ((Result.ScheduleStatusResult) answer.result()).value().tasks().size();
  }

  /** The groups that are asked for, tasks that wait, and others. Immutable. */
  private static final class World {
    private static final JobKey WAITING = new JobKey("waiting", "prod", "hello");

    List<ScheduledTask> tasks(int count) {
      int hosts = count / TASKS_PER_HOST;
      List<ScheduledTask> tasks = new ArrayList<>(Samples.pending(config(WAITING), MANY));
      int host = 0;
      for (Group group : Group.values()) {
        tasks.addAll(members(group, host));
        host += hosts(group);
      }
      for (int job = 0; tasks.size() < count; job++) {
        int size = Math.min(MANY, count - tasks.size());
        tasks.addAll(
            Samples.running(
                config(Samples.job("other-" + job)), size, host, Math.max(1, hosts - host)));
      }
      return tasks;
    }

    List<Way> ways() {
      return List.of(
          new Way("id", byIds(Group.ASKED_MANY), byIds(Group.ASKED_FEW)),
          new Way("job", byJob(Group.ASKED_MANY), byJob(Group.ASKED_FEW)),
          new Way("role", byRole(Group.ASKED_MANY), byRole(Group.ASKED_FEW)),
          new Way("host", byHosts(Group.ASKED_MANY), byHosts(Group.ASKED_FEW)),
          new Way("status", pending(MANY), pending(FEW)));
    }

    String anId() {
      return members(Group.ASKED_FEW, 0).get(0).assignedTask().taskId();
    }

    private static List<ScheduledTask> members(Group group, int firstHost) {
      return Samples.running(config(group.job()), group.size, firstHost, hosts(group));
    }

    private static int hosts(Group group) {
      return group.size / TASKS_PER_HOST;
    }

    private static TaskConfig config(JobKey job) {
      return Samples.config(job, "one");
    }

    private static TaskQuery byIds(Group group) {
      return TaskQuery.builder()
          .taskIds(
              members(group, 0).stream()
                  .map(task -> task.assignedTask().taskId())
                  .collect(ImmutableSet.toImmutableSet()))
          .build();
    }

    private static TaskQuery byJob(Group group) {
      return TaskQuery.builder().jobKeys(ImmutableSet.of(group.job())).build();
    }

    private static TaskQuery byRole(Group group) {
      return TaskQuery.builder().role(group.job().role()).build();
    }

    private static TaskQuery byHosts(Group group) {
      int first = group == Group.ASKED_MANY ? 0 : hosts(Group.ASKED_MANY);
      return TaskQuery.builder()
          .slaveHosts(
              members(group, first).stream()
                  .map(task -> task.assignedTask().slaveHost())
                  .collect(ImmutableSet.toImmutableSet()))
          .build();
    }

    private static TaskQuery pending(int limit) {
      return TaskQuery.builder()
          .statuses(ImmutableSet.of(ScheduleStatus.PENDING))
          .limit(limit)
          .build();
    }
  }
}
