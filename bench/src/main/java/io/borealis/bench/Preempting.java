package io.borealis.bench;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import io.borealis.api.AssignedTask;
import io.borealis.api.HostAttributes;
import io.borealis.api.JobKey;
import io.borealis.api.MaintenanceMode;
import io.borealis.api.Resource;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.api.TaskEvent;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.SaveHostAttributes;
import io.borealis.api.storage.SaveTasks;
import io.borealis.bench.Figure.Target;
import io.borealis.scheduler.cluster.Demand;
import io.borealis.scheduler.cluster.ResourceVector;
import io.borealis.scheduler.preemption.SlotSearch;
import io.borealis.scheduler.scheduling.Matcher;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.tier.TierRegistry;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What it costs to search a full cluster for places that could be cleared; each group of pending
 * tasks asks for something of its own.
 */
final class Preempting implements Program {
  private static final int LARGE = 10_000;
  private static final int SMALL = 1_000;
  private static final int PENDING = 10_000;
  private static final int TASKS_PER_HOST = 8;
  private static final int TASKS_PER_GROUP = 10;
  private static final int WARM_UP = 2;
  private static final int ROUNDS = 5;
  private static final Duration DELAY = Duration.ofMinutes(3);
  private static final int RAM = 64;
  private static final double FITS = 3;
  private static final double FITS_NOWHERE = 17;

  @Override
  public String name() {
    return "preempting";
  }

  @Override
  public String summary() {
    return "CPU of the search for places to clear on 1,000 and 10,000 full hosts";
  }

  @Override
  public List<Figure> run() {
    State large = full(LARGE);
    State small = full(SMALL);
    // What is measured first must not be measured with less compiled code than what follows.
    for (int i = 0; i < WARM_UP; i++) {
      double unused = seconds(small, 1_000, TASKS_PER_GROUP, FITS);
      unused = seconds(small, 1_000, TASKS_PER_GROUP, FITS_NOWHERE);
    }
    List<Figure> figures = new ArrayList<>();
    double largeMany = seconds(large, 1_000, TASKS_PER_GROUP, FITS);
    double largeFew = seconds(large, 100, TASKS_PER_GROUP, FITS);
    double largeOne = seconds(large, 1, TASKS_PER_GROUP, FITS);
    double smallMany = seconds(small, 1_000, TASKS_PER_GROUP, FITS);
    double smallFew = seconds(small, 100, TASKS_PER_GROUP, FITS);
    double smallOne = seconds(small, 1, TASKS_PER_GROUP, FITS);
    figures.add(
        Figure.ratio(
            "places searched, %,d ÷ %,d hosts, 1,000 groups".formatted(LARGE, SMALL),
            largeMany / smallMany,
            Cost.LINEAR,
            sides(LARGE, largeOne, largeFew, largeMany),
            sides(SMALL, smallOne, smallFew, smallMany)));
    figures.add(
        Figure.ratio(
            "places searched, 1,000 ÷ 100 groups, %,d hosts".formatted(LARGE),
            largeMany / largeFew,
            Cost.LINEAR));
    double equal = seconds(small, 1, PENDING, FITS);
    double some = seconds(small, 100, PENDING / 100, FITS);
    double different = seconds(small, PENDING, 1, FITS);
    figures.add(
        Figure.ratio(
            "10,000 pending in 100 groups ÷ in one, 1,000 hosts",
            some / equal,
            Target.atMost(10),
            "1 group %.1f ms, 100 groups %.1f ms, 10,000 groups %.1f ms"
                .formatted(equal * 1e3, some * 1e3, different * 1e3)));
    figures.add(
        Figure.ratio(
            "10,000 pending in 10,000 groups ÷ in 100, 1,000 hosts",
            different / some,
            Target.atMost(120)));
    double vainMany = seconds(large, 1_000, TASKS_PER_GROUP, FITS_NOWHERE);
    double vainFew = seconds(large, 100, TASKS_PER_GROUP, FITS_NOWHERE);
    figures.add(
        Figure.ratio(
            "the same in vain",
            vainMany / vainFew,
            Cost.LINEAR,
            "%.1f ms ÷ %.1f ms".formatted(vainMany * 1e3, vainFew * 1e3)));
    double crowd = seconds(large, 1, 10_000, FITS_NOWHERE);
    double loner = seconds(large, 1, 1, FITS_NOWHERE);
    figures.add(
        Figure.ratio(
            "search for 10,000 equal tasks ÷ for one, in vain",
            crowd / loner,
            Target.atMost(2),
            "%.1f ms ÷ %.1f ms".formatted(crowd * 1e3, loner * 1e3)));
    return figures;
  }

  private static String sides(int hosts, double one, double few, double many) {
    return "%,d hosts: 1 group %.1f ms, 100 groups %.1f ms, 1,000 groups %.1f ms"
        .formatted(hosts, one * 1e3, few * 1e3, many * 1e3);
  }

  /** CPU of one search, the best of several. */
  private static double seconds(State full, int groups, int tasks, double cpus) {
    State state = full.apply(new Op.SaveTasks(new SaveTasks(pending(groups, tasks, cpus))));
    SlotSearch search =
        new SlotSearch(
            TierRegistry.stock(),
            config -> Demand.firm(ResourceVector.of(config)),
            Matcher.create(),
            DELAY,
            5);
    SlotSearch.Question question =
        new SlotSearch.Question(
            state,
            ImmutableList.of(),
            ImmutableList.of(),
            ImmutableMap.of(),
            ImmutableMap.of(),
            DELAY.multipliedBy(2).toMillis());
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    double best = Double.MAX_VALUE;
    for (int i = 0; i < ROUNDS; i++) {
      long start = threads.getCurrentThreadCpuTime();
      SlotSearch.Answer answer = search.find(question);
      best = Math.min(best, (threads.getCurrentThreadCpuTime() - start) / 1e9);
      if (answer.slots().isEmpty() != (cpus == FITS_NOWHERE)) {
        throw new IllegalStateException(answer.slots().size() + " places were found");
      }
    }
    return best;
  }

  /** Hosts of 16 CPUs, all of which preemptible tasks use. */
  private static State full(int hosts) {
    ImmutableSet.Builder<ScheduledTask> tasks = ImmutableSet.builder();
    State state = State.EMPTY;
    for (int host = 0; host < hosts; host++) {
      state =
          state.apply(
              new Op.SaveHostAttributes(
                  new SaveHostAttributes(
                      new HostAttributes(
                          "host-" + host,
                          ImmutableSet.of(),
                          MaintenanceMode.NONE,
                          "agent-" + host))));
    }
    for (int job = 0; job < hosts * TASKS_PER_HOST / 100; job++) {
      TaskConfig config = config("guest-" + job, "preemptible", 2, RAM);
      for (int instance = 0; instance < 100; instance++) {
        int host = (job * 100 + instance) % hosts;
        tasks.add(task(config, instance, ScheduleStatus.RUNNING, "host-" + host, "agent-" + host));
      }
    }
    return state.apply(new Op.SaveTasks(new SaveTasks(tasks.build())));
  }

  private static ImmutableSet<ScheduledTask> pending(int groups, int tasks, double cpus) {
    ImmutableSet.Builder<ScheduledTask> pending = ImmutableSet.builder();
    for (int group = 0; group < groups; group++) {
      // Each group needs something of its own, in a combination that no other has.
      TaskConfig config =
          config("wanted-" + group, "preferred", cpus + group % 1000 / 1000.0, RAM + group / 1000);
      for (int instance = 0; instance < tasks; instance++) {
        pending.add(task(config, instance, ScheduleStatus.PENDING, null, null));
      }
    }
    return pending.build();
  }

  private static TaskConfig config(String job, String tier, double cpus, int ramMb) {
    return Samples.config(new JobKey("www-data", "prod", job), "one").toBuilder()
        .tier(tier)
        .production(tier.equals("preferred"))
        .resources(
            ImmutableSet.of(
                new Resource.NumCpus(cpus), new Resource.RamMb(ramMb), new Resource.DiskMb(16)))
        .build();
  }

  private static ScheduledTask task(
      TaskConfig config,
      int instance,
      ScheduleStatus status,
      @Nullable String host,
      @Nullable String agent) {
    return ScheduledTask.builder()
        .assignedTask(
            AssignedTask.builder()
                .taskId(config.job().name() + "-" + instance)
                .task(config)
                .instanceId(instance)
                .slaveHost(host)
                .slaveId(agent)
                .build())
        .status(status)
        .taskEvents(ImmutableList.of(TaskEvent.builder().timestamp(1).status(status).build()))
        .build();
  }
}
