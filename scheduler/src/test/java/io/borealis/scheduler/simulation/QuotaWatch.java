package io.borealis.scheduler.simulation;

import io.borealis.api.InstanceTaskConfig;
import io.borealis.api.JobConfiguration;
import io.borealis.api.JobKey;
import io.borealis.api.JobUpdateInstructions;
import io.borealis.api.Range;
import io.borealis.api.Resource;
import io.borealis.api.ResourceAggregate;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.Transaction;
import io.borealis.scheduler.store.JobTasks;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.store.UpdateRecord;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Sees to it that no role gets more of production than its quota (RPC rules, section 10), added up
 * anew from everything there is. For one thread.
 */
final class QuotaWatch implements Truth.Watcher {
  private static final double EXACT = 1e-6;

  private final Truth truth;

  QuotaWatch(Truth truth) {
    this.truth = truth;
  }

  /** CPUs and RAM. */
  private record Amount(double cpus, double ram) {
    static final Amount ZERO = new Amount(0, 0);

    static Amount of(Iterable<Resource> resources) {
      Amount sum = ZERO;
      for (Resource resource : resources) {
        if (resource instanceof Resource.NumCpus cpus) {
          sum = sum.plus(new Amount(cpus.value(), 0));
        } else if (resource instanceof Resource.RamMb ram) {
          sum = sum.plus(new Amount(0, ram.value()));
        }
      }
      return sum;
    }

    Amount plus(Amount other) {
      return new Amount(cpus + other.cpus, ram + other.ram);
    }

    Amount times(double count) {
      return new Amount(cpus * count, ram * count);
    }

    Amount max(Amount other) {
      return new Amount(Math.max(cpus, other.cpus), Math.max(ram, other.ram));
    }

    boolean exceeds(Amount other) {
      return cpus > other.cpus + EXACT || ram > other.ram + EXACT;
    }
  }

  @Override
  public void onTransaction(State before, Transaction transaction, State after) {
    boolean ends = before.updates() != after.updates() && anEnd(before, after);
    if (before.tasks() == after.tasks()
        && before.updates() == after.updates()
        && before.cronJobs() == after.cronJobs()
        && before.quotas() == after.quotas()) {
      return;
    }
    for (String role : after.tasks().roles()) {
      check(role, before, after, ends);
    }
    for (Op op : transaction.ops()) {
      if (op instanceof Op.SaveQuota save) {
        String role = save.value().role();
        truth.require(
            !used(after, role).exceeds(quota(after, role)),
            "less quota than is used: " + used(after, role) + " of " + quota(after, role));
      }
    }
  }

  /** What goes over the quota at the end of an update is what both its sides left behind. */
  private void check(String role, State before, State after, boolean ends) {
    Amount quota = quota(after, role);
    Amount used = used(after, role);
    if (used.exceeds(quota) && !ends) {
      truth.require(
          !used.exceeds(used(before, role)),
          role + " uses " + used + " of " + quota + ", and used " + used(before, role));
    }
  }

  private static boolean anEnd(State before, State after) {
    for (UpdateRecord update : before.updates().active()) {
      UpdateRecord now = after.updates().get(update.key());
      if (now == null || !isActive(after, now)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isActive(State state, UpdateRecord update) {
    for (UpdateRecord active : state.updates().activeOf(update.key().job())) {
      if (active.key().equals(update.key())) {
        return true;
      }
    }
    return false;
  }

  private static Amount quota(State state, String role) {
    ResourceAggregate quota = state.quotas().get(role);
    return quota == null ? Amount.ZERO : Amount.of(quota.resources());
  }

  private static Amount used(State state, String role) {
    Amount sum = Amount.ZERO;
    for (JobConfiguration cron : state.cronJobs().values()) {
      if (cron.key().role().equals(role)) {
        Amount template = amount(cron.taskConfig()).times(cron.instanceCount());
        sum = sum.plus(template.max(running(state.tasks().ofJob(cron.key()), List.of())));
      }
    }
    for (JobKey job : state.tasks().jobs().keySet()) {
      if (job.role().equals(role) && state.cronJobs().get(job) == null) {
        sum = sum.plus(running(state.tasks().ofJob(job), covered(state, job)));
      }
    }
    for (UpdateRecord update : state.updates().active()) {
      if (update.key().job().role().equals(role)) {
        sum = sum.plus(larger(update.update().instructions()));
      }
    }
    return sum;
  }

  private static Amount running(JobTasks tasks, Collection<Range> covered) {
    Amount sum = Amount.ZERO;
    for (ScheduledTask task : tasks.active().values()) {
      int instance = task.assignedTask().instanceId();
      if (covered.stream().noneMatch(r -> r.first() <= instance && instance <= r.last())) {
        sum = sum.plus(amount(task.assignedTask().task()));
      }
    }
    return sum;
  }

  private static Collection<Range> covered(State state, JobKey job) {
    List<Range> covered = new ArrayList<>();
    for (UpdateRecord update : state.updates().activeOf(job)) {
      JobUpdateInstructions asked = update.update().instructions();
      asked.initialState().forEach(part -> covered.addAll(part.instances()));
      if (asked.desiredState() != null) {
        covered.addAll(asked.desiredState().instances());
      }
    }
    return covered;
  }

  private static Amount larger(JobUpdateInstructions asked) {
    Amount old = Amount.ZERO;
    for (InstanceTaskConfig part : asked.initialState()) {
      old = old.plus(amount(part.task()).times(count(part)));
    }
    InstanceTaskConfig desired = asked.desiredState();
    return desired == null ? old : old.max(amount(desired.task()).times(count(desired)));
  }

  private static int count(InstanceTaskConfig part) {
    return part.instances().stream().mapToInt(range -> range.last() - range.first() + 1).sum();
  }

  /** Only production that shares its hosts counts. */
  private static Amount amount(TaskConfig config) {
    boolean counts =
        Boolean.TRUE.equals(config.production())
            && config.constraints().stream().noneMatch(each -> each.name().equals("dedicated"));
    return counts ? Amount.of(config.resources()) : Amount.ZERO;
  }
}
