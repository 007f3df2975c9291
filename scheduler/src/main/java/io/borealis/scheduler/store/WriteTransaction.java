package io.borealis.scheduler.store;

import com.google.common.collect.ImmutableSet;
import io.borealis.api.HostAttributes;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.ScheduledTask;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.RemoveTasks;
import io.borealis.api.storage.SaveTasks;
import io.borealis.api.storage.Transaction;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Collects changes on top of the newest State; they commit whole or leave no trace. Confined to the
 * writer's thread and valid only inside the work it was given to.
 */
public final class WriteTransaction {
  private static final Logger LOG = LoggerFactory.getLogger(WriteTransaction.class);

  private final long number;
  private final long stampMs;
  private State state;
  private final List<Op> ops = new ArrayList<>();
  private final List<TaskChange> changes = new ArrayList<>();
  private final List<HostChange> hostChanges = new ArrayList<>();
  private final List<Runnable> afterCommit = new ArrayList<>();
  private final List<Runnable> onDiscard = new ArrayList<>();
  private int reacted;
  private int hostsReacted;

  private record HostChange(@Nullable HostAttributes before, HostAttributes after) {}

  WriteTransaction(State base, long number, long stampMs) {
    this.state = base;
    this.number = number;
    this.stampMs = stampMs;
  }

  /** The State with this transaction's changes so far. */
  public State state() {
    return state;
  }

  /** The wall time of everything this transaction records, in ms; never before an earlier one's. */
  public long nowMs() {
    return stampMs;
  }

  /**
   * Adds a change. Task changes are handed to the reactions afterwards, in this order.
   *
   * @throws IllegalArgumentException for an update without instances and for an event of an update
   *     that is not there
   */
  public void change(Op op) {
    requirePossible(op);
    State before = state;
    state = before.apply(op);
    ops.add(op);
    if (op instanceof Op.SaveTasks save) {
      for (ScheduledTask task : save.value().tasks()) {
        changes.add(new TaskChange(before.tasks().get(task.assignedTask().taskId()), task));
      }
    } else if (op instanceof Op.RemoveTasks remove) {
      for (String id : remove.value().taskIds()) {
        ScheduledTask old = before.tasks().get(id);
        if (old != null) {
          changes.add(new TaskChange(old, null));
        }
      }
    } else if (op instanceof Op.SaveHostAttributes save) {
      HostAttributes after = save.value().hostAttributes();
      hostChanges.add(new HostChange(before.hosts().get(after.host()), after));
    }
  }

  private void requirePossible(Op op) {
    if (op instanceof Op.SaveJobUpdate save) {
      UpdateForms.requireComplete(save.value().jobUpdate().instructions());
    } else if (op instanceof Op.SaveJobUpdateEvent save) {
      requireUpdate(save.value().key());
    } else if (op instanceof Op.SaveJobInstanceUpdateEvent save) {
      requireUpdate(save.value().key());
    }
  }

  private void requireUpdate(JobUpdateKey key) {
    if (state.updates().get(key) == null) {
      throw new IllegalArgumentException("There is no update " + key + " to add an event to.");
    }
  }

  /** Adds or replaces one task. */
  public void save(ScheduledTask task) {
    change(new Op.SaveTasks(new SaveTasks(ImmutableSet.of(task))));
  }

  /** Deletes one task; an unknown id changes nothing. */
  public void removeTask(String taskId) {
    if (state.tasks().get(taskId) != null) {
      change(new Op.RemoveTasks(new RemoveTasks(ImmutableSet.of(taskId))));
    }
  }

  /**
   * Runs the action once this transaction is durable, in commit order, on the writer's thread; it
   * must not block. Also runs for a transaction without changes, once all before it are durable.
   */
  public void afterCommit(Runnable action) {
    afterCommit.add(action);
  }

  /** Runs the action if this transaction leaves no trace: releases what it reserved in memory. */
  public void onDiscard(Runnable action) {
    onDiscard.add(action);
  }

  /** A point to which {@link #rollback} returns. */
  public Savepoint savepoint() {
    return new Savepoint(
        state,
        ops.size(),
        changes.size(),
        hostChanges.size(),
        afterCommit.size(),
        onDiscard.size());
  }

  /** Undoes everything since the savepoint, running the discard actions added since. */
  public void rollback(Savepoint to) {
    state = to.state;
    truncate(ops, to.ops);
    truncate(changes, to.changes);
    truncate(hostChanges, to.hostChanges);
    truncate(afterCommit, to.afterCommit);
    List<Runnable> undo = List.copyOf(onDiscard.subList(to.onDiscard, onDiscard.size()));
    truncate(onDiscard, to.onDiscard);
    reacted = Math.min(reacted, changes.size());
    hostsReacted = Math.min(hostsReacted, hostChanges.size());
    runReversed(undo);
  }

  /** A position inside a transaction. Immutable. */
  public static final class Savepoint {
    private final State state;
    private final int ops;
    private final int changes;
    private final int hostChanges;
    private final int afterCommit;
    private final int onDiscard;

    private Savepoint(
        State state, int ops, int changes, int hostChanges, int afterCommit, int onDiscard) {
      this.state = state;
      this.ops = ops;
      this.changes = changes;
      this.hostChanges = hostChanges;
      this.afterCommit = afterCommit;
      this.onDiscard = onDiscard;
    }
  }

  /** Hands every change of a task or host to every reaction, each under a savepoint of its own. */
  void react(List<Reaction> reactions) {
    reactToTasks(reactions);
    while (hostsReacted < hostChanges.size()) {
      HostChange change = hostChanges.get(hostsReacted++);
      for (Reaction reaction : reactions) {
        Savepoint before = savepoint();
        try {
          reaction.onHostChange(this, change.before, change.after);
        } catch (RuntimeException failure) {
          rollback(before);
          LOG.error("A reaction to a change of host {} failed", change.after.host(), failure);
        }
      }
      reactToTasks(reactions);
    }
  }

  private void reactToTasks(List<Reaction> reactions) {
    for (TaskChange change = next(); change != null; change = next()) {
      for (Reaction reaction : reactions) {
        Savepoint before = savepoint();
        try {
          reaction.onTaskChange(this, change);
        } catch (RuntimeException failure) {
          rollback(before);
          reaction.onFailure(this, change, failure);
        }
      }
    }
  }

  private @Nullable TaskChange next() {
    return reacted < changes.size() ? changes.get(reacted++) : null;
  }

  boolean hasChanges() {
    return !ops.isEmpty();
  }

  /** The changes as they go into the journal. */
  Transaction toRecord() {
    return Transaction.builder().ops(ops).schemaVersion(1).number(number).stampMs(stampMs).build();
  }

  State end() {
    return state.at(number, Math.max(state.stampMs(), stampMs));
  }

  List<Runnable> afterCommit() {
    return afterCommit;
  }

  List<TaskChange> changes() {
    return changes;
  }

  void discard() {
    runReversed(onDiscard);
  }

  private static void runReversed(List<Runnable> actions) {
    for (int i = actions.size() - 1; i >= 0; i--) {
      actions.get(i).run();
    }
  }

  private static void truncate(List<?> list, int size) {
    list.subList(size, list.size()).clear();
  }
}
