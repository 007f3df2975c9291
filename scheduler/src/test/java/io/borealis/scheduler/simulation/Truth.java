package io.borealis.scheduler.simulation;

import io.borealis.api.ScheduledTask;
import io.borealis.api.storage.Transaction;
import io.borealis.scheduler.journal.CorruptJournalException;
import io.borealis.scheduler.journal.EntryCodec;
import io.borealis.scheduler.journal.EntryPayload;
import io.borealis.scheduler.store.Snapshots;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.store.UpdateRecord;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Everything that ever became durable, transaction by transaction, as the journal gave it out. What
 * processes show and do is held against it. For one thread.
 */
final class Truth {
  /** Sees each transaction once, in order. */
  interface Watcher {
    void onTransaction(State before, Transaction transaction, State after);
  }

  private final EntryCodec codec = new EntryCodec();
  private final List<Watcher> watchers = new ArrayList<>();
  private final List<State> states = new ArrayList<>(List.of(State.EMPTY));
  private final Map<Long, EntryPayload> entries = new HashMap<>();
  private final Map<String, State> shown = new HashMap<>();
  private @Nullable Throwable broken;

  void watch(Watcher watcher) {
    watchers.add(watcher);
  }

  /** The newest durable State. */
  State now() {
    return states.get(states.size() - 1);
  }

  long transaction() {
    return states.size() - 1L;
  }

  State at(long transaction) {
    return states.get((int) transaction);
  }

  // ---- What must not be ------------------------------------------------------------------------

  /** Something is not as it must be. */
  void broken(String what) {
    broken(new AssertionError(what));
  }

  private void broken(Throwable what) {
    if (broken == null) {
      broken = what;
    }
  }

  void require(boolean holds, String what) {
    if (!holds) {
      broken(what);
    }
  }

  /** Remembers what goes wrong in a place where it would be swallowed. */
  void guard(Runnable action) {
    try {
      action.run();
    } catch (RuntimeException | Error failure) {
      broken(failure);
    }
  }

  boolean isBroken() {
    return broken != null;
  }

  /** Fails if anything has gone wrong. */
  void check() {
    if (broken != null) {
      throw new AssertionError(broken.getMessage(), broken);
    }
  }

  // ---- What is durable -------------------------------------------------------------------------

  /** A process learns that the entry is durable. */
  void durable(EntryPayload entry) {
    EntryPayload known = entries.get(entry.firstTransaction());
    if (known != null) {
      require(known.equals(entry), "two entries are one transaction: " + entry);
      return;
    }
    require(
        entry.firstTransaction() == transaction() + 1,
        entry + " comes after transaction " + transaction());
    if (!isBroken()) {
      entries.put(entry.firstTransaction(), entry);
      guard(() -> apply(entry));
    }
  }

  private void apply(EntryPayload entry) {
    try {
      for (Transaction transaction : codec.decode(entry)) {
        State before = now();
        State after = before.apply(transaction);
        require(after.stampMs() >= before.stampMs(), "time runs backwards");
        states.add(after);
        for (Watcher watcher : watchers) {
          watcher.onTransaction(before, transaction, after);
        }
      }
    } catch (CorruptJournalException corrupt) {
      broken(corrupt);
    }
  }

  /** A process shows this State to those who ask it. */
  void shown(String who, State state) {
    if (state.transaction() > transaction()) {
      broken(who + " shows transaction " + state.transaction() + ", which is not durable");
      return;
    }
    State from = shown.put(who, state);
    long since = from == null ? 0 : from.transaction();
    // A snapshot may be older than what was seen before; it is compared as a whole.
    if (since > state.transaction() || state.transaction() - since > 20) {
      requireSame(who, state);
    } else {
      requireSameSince(who, since, state);
    }
  }

  /** A new life of the process begins with nothing. */
  void forget(String who) {
    shown.remove(who);
  }

  /** Compares byte by byte. */
  void requireSame(String who, State state) {
    String expected = digest(at(state.transaction()));
    require(expected.equals(digest(state)), who + " differs at transaction " + state.transaction());
  }

  private String digest(State state) {
    return codec.digest(codec.encodeSnapshot(Snapshots.of(state)));
  }

  /** Compares what the transactions in between have changed. */
  private void requireSameSince(String who, long since, State state) {
    State expected = at(state.transaction());
    State base = at(since);
    boolean same =
        expected.stampMs() == state.stampMs()
            && expected.tasks().size() == state.tasks().size()
            && expected.updates().size() == state.updates().size()
            && expected.locks().asMap().equals(state.locks().asMap());
    for (ScheduledTask task : expected.tasks().all()) {
      String id = task.assignedTask().taskId();
      same &= isUntouched(base.tasks().get(id), task) || task.equals(state.tasks().get(id));
    }
    for (UpdateRecord update : expected.updates().all()) {
      same &=
          isUntouched(base.updates().get(update.key()), update)
              || isSame(update, state.updates().get(update.key()));
    }
    require(same, who + " differs at transaction " + state.transaction() + " since " + since);
  }

  /** What is one object was not changed in between. */
  private static boolean isUntouched(@Nullable Object before, Object after) {
    return before == after;
  }

  private static boolean isSame(UpdateRecord expected, @Nullable UpdateRecord update) {
    return update != null
        && expected.events().equals(update.events())
        && expected.instanceEvents().equals(update.instanceEvents())
        && expected.progress().equals(update.progress())
        && expected.instances().asMap().equals(update.instances().asMap())
        && expected.working() == update.working()
        && expected.failed() == update.failed()
        && expected.pulsedMs() == update.pulsedMs();
  }
}
