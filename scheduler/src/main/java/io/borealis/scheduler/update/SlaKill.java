package io.borealis.scheduler.update;

import com.google.common.collect.ImmutableMap;
import io.borealis.api.JobKey;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.JobUpdateStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.SlaPolicy;
import io.borealis.scheduler.sla.SlaAnswer;
import io.borealis.scheduler.sla.SlaCheck;
import io.borealis.scheduler.sla.SlaOutcome;
import io.borealis.scheduler.store.UpdateRecord;
import io.borealis.scheduler.store.WriteTransaction;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One attempt to take a task down, inside a transaction: only if the update still wants it, and its
 * policy allows it (update rules, section 7.4). For the writer's thread.
 */
final class SlaKill {
  private final Updates updates;
  private final UpdateChanges changes;
  private final MeterRegistry meters;

  /** What the rest of the updater does for it. */
  interface Updates {
    /** Does the work if the update has this status and may go on. */
    void whileIn(
        WriteTransaction tx, JobUpdateKey key, JobUpdateStatus status, Consumer<UpdateRecord> work);

    /** Kills a task. */
    void kill(WriteTransaction tx, UpdateRecord update, Decision.Kill kill);
  }

  /**
   * The task that shall go.
   *
   * @param status the status of the update in which it shall
   */
  record Victim(JobUpdateKey key, JobUpdateStatus status, int instance, String taskId) {}

  SlaKill(Updates updates, UpdateChanges changes, MeterRegistry meters) {
    this.updates = updates;
    this.changes = changes;
    this.meters = meters;
  }

  /** Kills the task if its policy says so. */
  SlaOutcome ifAllowed(WriteTransaction tx, SlaCheck check, Victim victim) {
    return whileWanted(tx, victim, (update, kill) -> attempt(tx, check, update, kill));
  }

  /** Kills the task, which its policy allows. */
  SlaOutcome now(WriteTransaction tx, Victim victim) {
    return whileWanted(tx, victim, (update, kill) -> pass(tx, update, kill));
  }

  private interface Act {
    SlaOutcome on(UpdateRecord update, Decision.Kill kill);
  }

  private SlaOutcome whileWanted(WriteTransaction tx, Victim victim, Act act) {
    SlaOutcome[] outcome = {new SlaOutcome.Ended()};
    updates.whileIn(
        tx,
        victim.key(),
        victim.status(),
        update -> {
          Decision.Kill kill = wanted(tx, update, victim);
          if (kill != null) {
            outcome[0] = act.on(update, kill);
          }
        });
    return outcome[0];
  }

  /** The kill, if the update still wants it. */
  private static Decision.@Nullable Kill wanted(
      WriteTransaction tx, UpdateRecord update, Victim victim) {
    int instance = victim.instance();
    ScheduledTask task =
        tx.state().tasks().activeOf(Objects.requireNonNull(update.key().job()), instance);
    InstanceRules.Step step =
        InstanceRules.decide(
            update.plan().targetOf(instance, update.progress().rollback()), task, 0, tx.nowMs());
    return step instanceof InstanceRules.Step.Kill kill && kill.taskId().equals(victim.taskId())
        ? new Decision.Kill(kill.taskId(), instance)
        : null;
  }

  private SlaOutcome attempt(
      WriteTransaction tx, SlaCheck check, UpdateRecord update, Decision.Kill kill) {
    count(tx, "attempt", update.key());
    ScheduledTask task = Objects.requireNonNull(tx.state().tasks().get(kill.taskId()));
    SlaPolicy policy = SlaPolicies.of(update, kill.instance(), task.assignedTask().task());
    SlaAnswer answer =
        policy == null ? new SlaAnswer.Allowed() : check.check(policy, task, tx.state().tasks());
    if (answer instanceof SlaAnswer.Denied denied) {
      return new SlaOutcome.Denied(denied.denial());
    } else if (answer instanceof SlaAnswer.AskCoordinator ask) {
      return new SlaOutcome.Ask(ask.policy(), task, ImmutableMap.of());
    }
    SlaOutcome killed = pass(tx, update, kill);
    check.tookDown(task, tx.state().tasks());
    return killed;
  }

  private SlaOutcome pass(WriteTransaction tx, UpdateRecord update, Decision.Kill kill) {
    changes.note(tx, update.key(), kill.instance(), UpdateRecord.SLA_PASSED);
    updates.kill(tx, update, kill);
    count(tx, "success", update.key());
    return new SlaOutcome.Ended();
  }

  private void count(WriteTransaction tx, String what, JobUpdateKey key) {
    JobKey job = Objects.requireNonNull(key.job());
    tx.afterCommit(
        () -> meters.counter("updates_sla_kill_" + what + "_" + UpdateKeys.text(job)).increment());
  }
}
