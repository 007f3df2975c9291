package io.borealis.scheduler.simulation;

import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Iterables;
import io.borealis.api.JobKey;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.JobUpdateStatus;
import io.borealis.api.JobUpdateSummary;
import io.borealis.api.Metadata;
import io.borealis.api.Response;
import io.borealis.api.ResponseCode;
import io.borealis.api.Result;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.api.TaskEvent;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.Transaction;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.store.UpdateRecord;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Holds what callers were told against what became durable: what was acknowledged is there and
 * stays, what was refused never comes, and nothing comes twice. For one thread.
 */
final class Answers implements Truth.Watcher {
  private final Truth truth;
  private final BooleanSupplier polite;
  private final Map<String, Attempt> attempts = new HashMap<>();

  /** How often a call of this user has left its mark. */
  private final Map<String, Integer> marks = new HashMap<>();

  private int count;
  private long lastRemoval;

  /**
   * @param polite whether one leads at a time
   */
  Answers(Truth truth, BooleanSupplier polite) {
    this.truth = truth;
    this.polite = polite;
  }

  Attempt begin(Attempt.Kind kind, @Nullable JobUpdateKey update) {
    Attempt attempt = new Attempt("u" + ++count, kind, update, truth.transaction());
    attempts.put(attempt.user, attempt);
    return attempt;
  }

  /**
   * @param what it is to do, in words
   */
  Attempt begin(Attempt.Kind kind, String what) {
    Attempt attempt = new Attempt("u" + ++count, kind, null, what, truth.transaction());
    attempts.put(attempt.user, attempt);
    return attempt;
  }

  /** How many attempts of this kind about the job were not refused so far. */
  int count(Attempt.Kind kind, JobKey job) {
    int number = 0;
    for (Attempt attempt : attempts.values()) {
      if (attempt.kind == kind
          && job.equals(attempt.job())
          && attempt.outcome != Attempt.Outcome.NOT_DONE) {
        number++;
      }
    }
    return number;
  }

  // ---- What is durable -------------------------------------------------------------------------

  @Override
  public void onTransaction(State before, Transaction transaction, State after) {
    Set<String> signers = new LinkedHashSet<>();
    for (Op op : transaction.ops()) {
      if (op instanceof Op.SaveJobUpdate save) {
        JobUpdateSummary summary = save.value().jobUpdate().summary();
        mark(summary.user());
        requireOneOfItsKey(before, summary);
      } else if (op instanceof Op.SaveJobUpdateEvent save
          && before.updates().get(save.value().key()) != null) {
        mark(save.value().event().user());
      } else if (op instanceof Op.SaveTasks save) {
        for (ScheduledTask task : save.value().tasks()) {
          markTask(before.tasks().get(task.assignedTask().taskId()), task);
        }
      } else if (op instanceof Op.RemoveTasks) {
        lastRemoval = transaction.number();
      } else if (op instanceof Op.SaveCronJob save) {
        signers.add(save.value().jobConfig().taskConfig().contactEmail());
      } else if (op instanceof Op.SaveQuota save) {
        signers.add(Treasurer.userOf(save.value().quota()));
      } else if (op instanceof Op.SaveHostMaintenanceRequest save) {
        signers.add(Operator.userOf(save.value().hostMaintenanceRequest().defaultSlaPolicy()));
      }
    }
    signers.forEach(this::mark);
  }

  private void requireOneOfItsKey(State before, JobUpdateSummary summary) {
    for (Metadata each : summary.metadata()) {
      if (each.key().equals(Customer.IDEMPOTENCY_KEY)) {
        for (UpdateRecord other : before.updates().ofJob(summary.key().job())) {
          truth.require(
              !other.update().summary().metadata().contains(each),
              "two updates were begun for " + each.value());
        }
      }
    }
  }

  private void markTask(@Nullable ScheduledTask before, ScheduledTask task) {
    TaskConfig config = task.assignedTask().task();
    if (before == null && task.ancestorId() == null && task.assignedTask().instanceId() == 0) {
      String email = config.contactEmail();
      Attempt creation = email == null ? null : attempts.get(email);
      // Updates may bring the configuration back later.
      if (creation != null && !marks.containsKey(email)) {
        mark(email);
      }
    }
    TaskEvent event = Iterables.getLast(task.taskEvents());
    if (before == null || before.taskEvents().size() < task.taskEvents().size()) {
      String message = event.message();
      if (message != null && message.startsWith("Killed by u")) {
        markOnce(message.substring("Killed by ".length()));
      } else if (message != null && message.startsWith("Restarted by u")) {
        markOnce(message.substring("Restarted by ".length()));
      }
    }
  }

  /** One call may change many tasks. */
  private void markOnce(String user) {
    if (!marks.containsKey(user)) {
      mark(user);
    }
  }

  private void mark(@Nullable String user) {
    Attempt attempt = user == null ? null : attempts.get(user);
    if (attempt != null) {
      int times = marks.merge(user, 1, Integer::sum);
      truth.require(times == 1, attempt + " is done twice");
      truth.require(
          attempt.outcome != Attempt.Outcome.NOT_DONE, attempt + " was refused and is done");
    }
  }

  private boolean isMarked(Attempt attempt) {
    return marks.containsKey(attempt.user);
  }

  // ---- What callers are told -------------------------------------------------------------------

  /** A caller is told this. */
  void told(Attempt attempt, Response answer) {
    switch (answer.responseCode()) {
      case ERROR_TRANSIENT, INVALID_REQUEST, JOB_UPDATING_ERROR -> refused(attempt, answer);
      case OK -> {
        if (changedNothing(attempt, answer)) {
          refused(attempt, answer);
        } else {
          attempt.outcome = Attempt.Outcome.DONE;
          truth.require(
              isMarked(attempt) || leavesNoMark(attempt), attempt + " was acknowledged, and lost");
          truth.require(isBroughtMeanwhile(attempt, answer), attempt + " was answered " + answer);
        }
      }
      default ->
          truth.require(
              answer.responseCode() == ResponseCode.ERROR
                  && text(answer).startsWith("Outcome unknown"),
              attempt + " was answered " + answer);
    }
  }

  private void refused(Attempt attempt, Response answer) {
    attempt.outcome = Attempt.Outcome.NOT_DONE;
    truth.require(!isMarked(attempt), attempt + " is done, and was refused: " + answer);
  }

  /** Success that says in so many words that there was nothing to do. */
  private static boolean changedNothing(Attempt attempt, Response answer) {
    return (attempt.kind == Attempt.Kind.START && !startedBy(attempt, answer))
        || (attempt.kind == Attempt.Kind.KILL && !answer.details().isEmpty());
  }

  /** A start that is known by its key may be answered with the update an earlier one began. */
  private static boolean startedBy(Attempt attempt, Response answer) {
    return answer.result() instanceof Result.StartJobUpdateResult started
        && started.value().updateSummary() != null
        && attempt.user.equals(started.value().updateSummary().user());
  }

  private boolean leavesNoMark(Attempt attempt) {
    return switch (attempt.kind) {
      case CREATE, START, SIGNED -> false;
      // A task that waits is removed at once.
      case KILL -> lastRemoval > attempt.since;
      // Tasks that wait cannot be restarted; added ones look like the others.
      case ADD, RESTART, SEEN -> true;
      // A leader that was deposed behind its back may find nothing left to do, as a reader does.
      case PAUSE, RESUME, ABORT, ROLLBACK -> !polite.getAsBoolean() || wasSoMeanwhile(attempt);
    };
  }

  private boolean isBroughtMeanwhile(Attempt attempt, Response answer) {
    for (long i = attempt.since; i <= truth.transaction(); i++) {
      if (attempt.isBrought(answer, truth.at(i))) {
        return true;
      }
    }
    return false;
  }

  /** Whether the update was as was asked for at some time between call and answer. */
  private boolean wasSoMeanwhile(Attempt attempt) {
    ImmutableSet<JobUpdateStatus> asked =
        switch (attempt.kind) {
          case PAUSE ->
              ImmutableSet.of(
                  JobUpdateStatus.ROLL_FORWARD_PAUSED, JobUpdateStatus.ROLL_BACK_PAUSED);
          case RESUME ->
              ImmutableSet.of(
                  JobUpdateStatus.ROLLING_FORWARD,
                  JobUpdateStatus.ROLLING_BACK,
                  JobUpdateStatus.ROLL_FORWARD_AWAITING_PULSE,
                  JobUpdateStatus.ROLL_BACK_AWAITING_PULSE);
          case ABORT -> ImmutableSet.of(JobUpdateStatus.ABORTED);
          default -> ImmutableSet.of(JobUpdateStatus.ROLLING_BACK);
        };
    for (long i = attempt.since; i <= truth.transaction(); i++) {
      UpdateRecord update = truth.at(i).updates().get(attempt.update);
      if (update != null && asked.contains(update.status())) {
        return true;
      }
    }
    return false;
  }

  static String text(Response answer) {
    return answer.details().isEmpty() || answer.details().get(0).message() == null
        ? ""
        : answer.details().get(0).message();
  }
}
