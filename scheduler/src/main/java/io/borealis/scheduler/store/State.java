package io.borealis.scheduler.store;

import io.borealis.api.HostAttributes;
import io.borealis.api.HostMaintenanceRequest;
import io.borealis.api.JobKey;
import io.borealis.api.Lock;
import io.borealis.api.ResourceAggregate;
import io.borealis.api.storage.CronProgress;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.PulseTime;
import io.borealis.api.storage.Transaction;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Everything the cluster must not forget, as one immutable value: a reader takes a reference and
 * has a consistent view for as long as it likes.
 *
 * @param transaction number of the last transaction applied; 0 in an empty State
 * @param stampMs wall time of that transaction, never decreasing
 * @param hosts attributes by host name
 * @param locks the job locks, by job
 * @param cronRuns how far the runs of cron jobs have come
 */
public record State(
    long transaction,
    long stampMs,
    @Nullable String frameworkId,
    TaskTable tasks,
    UpdateTable updates,
    CronTable cronJobs,
    Table<String, ResourceAggregate> quotas,
    Table<String, HostAttributes> hosts,
    Table<String, HostMaintenanceRequest> maintenance,
    Table<JobKey, Lock> locks,
    CronRuns cronRuns) {

  /** The State of a new cluster. */
  public static final State EMPTY =
      new State(
          0,
          0,
          null,
          TaskTable.EMPTY,
          UpdateTable.EMPTY,
          CronTable.EMPTY,
          Table.empty(),
          Table.empty(),
          Table.empty(),
          Table.empty(),
          CronRuns.EMPTY);

  /** Applies a whole transaction; one that was applied before changes nothing. */
  public State apply(Transaction change) {
    if (change.number() <= transaction) {
      return this;
    }
    State next = this;
    for (Op op : change.ops()) {
      next = next.apply(op);
    }
    return next.at(change.number(), Math.max(next.stampMs, change.stampMs()));
  }

  /** Applies one change. Pure: no clock, no randomness. */
  public State apply(Op op) {
    if (op instanceof Op.SaveTasks save) {
      return withTasks(tasks.save(save.value().tasks()));
    } else if (op instanceof Op.RemoveTasks remove) {
      return withTasks(tasks.remove(remove.value().taskIds()));
    } else if (op instanceof Op.SaveJobUpdate save) {
      return withUpdates(updates.save(UpdateRecord.of(save.value().jobUpdate())));
    } else if (op instanceof Op.SaveJobUpdateEvent save) {
      return withUpdates(
          updates.change(save.value().key(), update -> update.withEvent(save.value().event())));
    } else if (op instanceof Op.SaveJobInstanceUpdateEvent save) {
      return withUpdates(
          updates.change(save.value().key(), update -> update.withEvent(save.value().event())));
    } else if (op instanceof Op.RemoveJobUpdate remove) {
      UpdateTable next = updates;
      for (var key : remove.value().keys()) {
        next = next.remove(key);
      }
      return withUpdates(next);
    } else if (op instanceof Op.SaveInstanceProgress save) {
      return withUpdates(
          updates.change(
              save.value().key(), update -> update.withInstances(save.value().instances())));
    } else if (op instanceof Op.SaveUpdateProgress save) {
      return withUpdates(
          updates.change(
              save.value().key(),
              update -> update.withProgress(save.value().progress(), save.value().newPass())));
    } else if (op instanceof Op.SaveRequestDigest save) {
      return withUpdates(
          updates.change(
              save.value().key(), update -> update.withRequestDigest(save.value().digest())));
    } else if (op instanceof Op.SavePulses save) {
      UpdateTable next = updates;
      for (PulseTime pulse : save.value().pulses()) {
        next = next.change(pulse.key(), update -> update.withPulse(pulse.pulsedMs()));
      }
      return withUpdates(next);
    } else if (op instanceof Op.SaveJobLock save) {
      Lock lock = save.value().lock();
      return withLocks(locks.with(Locks.jobOf(lock), lock));
    } else if (op instanceof Op.RemoveJobLock remove) {
      return withLocks(locks.without(remove.value().job()));
    } else if (op instanceof Op.SaveHostAttributes save) {
      HostAttributes attributes = save.value().hostAttributes();
      return attributes.slaveId() == null
          ? this
          : withHosts(hosts.with(attributes.host(), attributes));
    } else if (op instanceof Op.SaveCronJob save) {
      return withCronJobs(cronJobs.with(save.value().jobConfig()));
    } else if (op instanceof Op.RemoveJob remove) {
      JobKey job = remove.value().jobKey();
      return withCronJobs(cronJobs.without(job)).withCronRuns(cronRuns.without(job));
    } else if (op instanceof Op.SaveCronProgress save) {
      CronRuns next = cronRuns;
      for (CronProgress each : save.value().jobs()) {
        next = next.withConsidered(each.job(), each.consideredMs());
      }
      return withCronRuns(next);
    } else if (op instanceof Op.SaveWaitingCronRun save) {
      return withCronRuns(cronRuns.withWaiting(save.value().run()));
    } else if (op instanceof Op.RemoveWaitingCronRun remove) {
      return withCronRuns(cronRuns.withoutWaiting(remove.value().job()));
    } else if (op instanceof Op.SaveQuota save) {
      return withQuotas(quotas.with(save.value().role(), save.value().quota()));
    } else if (op instanceof Op.RemoveQuota remove) {
      return withQuotas(quotas.without(remove.value().role()));
    } else if (op instanceof Op.SaveHostMaintenanceRequest save) {
      HostMaintenanceRequest request = save.value().hostMaintenanceRequest();
      return withMaintenance(maintenance.with(request.host(), request));
    } else if (op instanceof Op.RemoveHostMaintenanceRequest remove) {
      return withMaintenance(maintenance.without(remove.value().host()));
    } else if (op instanceof Op.SaveFrameworkId save) {
      return with(draft -> draft.frameworkId = save.value().id());
    } else if (op instanceof Op.RestoreState restore) {
      State restored = Snapshots.toState(restore.value().snapshot());
      // Numbers and times go on: what is restored happens now, however old it is.
      return restored.at(transaction, Math.max(stampMs, restored.stampMs));
    } else if (op instanceof Op.SaveLock
        || op instanceof Op.RemoveLock
        || op instanceof Op.PruneJobUpdateHistory) {
      return this; // Written by old releases of Aurora only; Aurora itself ignores them.
    }
    throw new IllegalArgumentException("A change of kind " + op.kind() + " cannot be applied");
  }

  /** This State as of a transaction's end. */
  State at(long number, long stamp) {
    return with(
        draft -> {
          draft.transaction = number;
          draft.stampMs = stamp;
        });
  }

  private State withTasks(TaskTable next) {
    return with(draft -> draft.tasks = next);
  }

  private State withUpdates(UpdateTable next) {
    return with(draft -> draft.updates = next);
  }

  private State withCronJobs(CronTable next) {
    return with(draft -> draft.cronJobs = next);
  }

  private State withQuotas(Table<String, ResourceAggregate> next) {
    return with(draft -> draft.quotas = next);
  }

  private State withHosts(Table<String, HostAttributes> next) {
    return with(draft -> draft.hosts = next);
  }

  private State withMaintenance(Table<String, HostMaintenanceRequest> next) {
    return with(draft -> draft.maintenance = next);
  }

  private State withLocks(Table<JobKey, Lock> next) {
    return with(draft -> draft.locks = next);
  }

  private State withCronRuns(CronRuns next) {
    return with(draft -> draft.cronRuns = next);
  }

  private State with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.finish();
  }

  /** A copy while it is being changed. */
  private static final class Draft {
    long transaction;
    long stampMs;
    @Nullable String frameworkId;
    TaskTable tasks;
    UpdateTable updates;
    CronTable cronJobs;
    Table<String, ResourceAggregate> quotas;
    Table<String, HostAttributes> hosts;
    Table<String, HostMaintenanceRequest> maintenance;
    Table<JobKey, Lock> locks;
    CronRuns cronRuns;

    Draft(State base) {
      transaction = base.transaction;
      stampMs = base.stampMs;
      frameworkId = base.frameworkId;
      tasks = base.tasks;
      updates = base.updates;
      cronJobs = base.cronJobs;
      quotas = base.quotas;
      hosts = base.hosts;
      maintenance = base.maintenance;
      locks = base.locks;
      cronRuns = base.cronRuns;
    }

    State finish() {
      return new State(
          transaction,
          stampMs,
          frameworkId,
          tasks,
          updates,
          cronJobs,
          quotas,
          hosts,
          maintenance,
          locks,
          cronRuns);
    }
  }
}
