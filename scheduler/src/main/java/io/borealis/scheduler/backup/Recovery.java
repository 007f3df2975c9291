package io.borealis.scheduler.backup;

import com.google.common.base.Joiner;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.Iterables;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskQuery;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.RestoreState;
import io.borealis.runtime.Clock;
import io.borealis.scheduler.store.Snapshots;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.store.WriteClass;
import io.borealis.scheduler.store.WriteTransaction;
import io.borealis.scheduler.store.Writes;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Recovery from a backup in two steps: one backup at a time is staged, looked at and trimmed, and
 * then takes the place of the live State. What is staged is the term's and ends with it.
 * Thread-safe.
 */
public final class Recovery {
  private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

  /** A backup from later than this was made under another clock; times would stand still. */
  private static final Duration AHEAD = Duration.ofMinutes(10);

  /** The end of a term. */
  public interface TermEnd {
    /** No transaction is begun any more. Called on the writer's thread. */
    void closeWrites();

    /** The term ends, and another leader begins from the stored State. */
    void stepDown(String reason);
  }

  private final Backups backups;
  private final Writes writes;
  private final Supplier<State> live;
  private final Supplier<UUID> uuids;
  private final Clock clock;
  private final TermEnd term;
  private final AtomicReference<@Nullable Staged> staged = new AtomicReference<>();

  /**
   * @param live the durable State
   * @param uuids different each time
   */
  public Recovery(
      Backups backups,
      Writes writes,
      Supplier<State> live,
      Supplier<UUID> uuids,
      Clock clock,
      TermEnd term) {
    this.backups = backups;
    this.writes = writes;
    this.live = live;
    this.uuids = uuids;
    this.clock = clock;
    this.term = term;
  }

  /**
   * Reads a backup, whole or not at all.
   *
   * @return what is to be known before it is committed, in sentences
   */
  public CompletionStage<ImmutableList<String>> stage(String name) {
    return backups.load(name).thenApply(content -> stage(name, content));
  }

  private ImmutableList<String> stage(String name, BackupContent content) {
    if (!content.unreadable().isEmpty()) {
      throw new BackupException(
          "Failed to decode backup %s: %d parts of it are unsound: %s"
              .formatted(
                  name,
                  content.unreadable().size(),
                  Consequences.bounded(content.unreadable(), "; ")));
    }
    long stampMs = content.state().stampMs();
    // Where the stored time is ahead already, such a backup makes nothing worse.
    long latestMs = Math.max(clock.wallMillis() + AHEAD.toMillis(), live.get().stampMs());
    if (stampMs > latestMs) {
      throw new BackupException(
          "Backup %s is of %s, which is later than now; check the clocks."
              .formatted(name, Instant.ofEpochMilli(stampMs)));
    }
    Staged next = new Staged(name, content.state());
    if (!staged.compareAndSet(null, next)) {
      throw new BackupException("Another backup is already loaded.");
    }
    LOG.atInfo().addKeyValue("backup", name).log("Staged: {}", content.counts());
    ImmutableList.Builder<String> told = ImmutableList.builder();
    if (!content.converted().isEmpty()) {
      told.add(
          "Converted from old forms: "
              + Joiner.on("; ")
                  .join(
                      Iterables.transform(
                          content.converted().entrySet(),
                          each -> each.getKey() + ": " + each.getValue())));
    }
    State now = live.get();
    long nowMs = Math.max(clock.wallMillis(), now.stampMs());
    told.addAll(new Consequences(next.state(), now, nowMs).ifCommitted());
    return told.build();
  }

  /** The tasks of the staged backup that match. */
  public ImmutableList<ScheduledTask> query(TaskQuery query) {
    return required().find(query);
  }

  /** Takes tasks out of the staged backup, in whatever state they are. */
  public void delete(TaskQuery query) {
    Staged before = required();
    Staged after = before.without(query);
    if (!staged.compareAndSet(before, after)) {
      throw new BackupException("The staged backup was changed by another call; repeat.");
    }
  }

  /** Forgets what is staged. */
  public void unload() {
    staged.set(null);
  }

  private Staged required() {
    Staged now = staged.get();
    if (now == null) {
      throw new BackupException("No backup loaded.");
    }
    return now;
  }

  /**
   * Puts the staged State in the place of the live one, in one transaction, after which nothing
   * else is written in this term: what the term remembers is of a State that is gone.
   *
   * @return what follows from it, in sentences, once it is durable
   */
  public CompletionStage<ImmutableList<String>> commit(long deadlineNanos) {
    Staged chosen = required();
    AtomicBoolean begun = new AtomicBoolean();
    CompletableFuture<ImmutableList<String>> done = new CompletableFuture<>();
    writes
        .submit(
            WriteClass.RPC,
            deadlineNanos,
            tx -> {
              ImmutableList<String> told = restore(tx, chosen);
              begun.set(true);
              term.closeWrites();
              return told;
            })
        .whenComplete(
            (told, failure) -> {
              if (failure == null) {
                LOG.atWarn().addKeyValue("backup", chosen.name()).log("Restored");
                done.complete(told);
              } else {
                done.completeExceptionally(failure);
              }
              if (begun.get()) {
                term.stepDown(
                    failure == null
                        ? "the stored state was replaced by that of " + chosen.name()
                        : "the stored state could not be replaced: " + failure.getMessage());
              }
            });
    return done;
  }

  private ImmutableList<String> restore(WriteTransaction tx, Staged chosen) {
    Consequences consequences = new Consequences(chosen.state(), tx.state(), tx.nowMs());
    ImmutableList<String> strangers = consequences.strangers();
    if (!strangers.isEmpty()) {
      // Before any of them is killed, which only the next term does.
      LOG.atWarn()
          .addKeyValue("backup", chosen.name())
          .log("The backup does not know these tasks that run: {}", Joiner.on(' ').join(strangers));
    }
    ImmutableList<String> told = consequences.committed();
    State restored = chosen.toRestore(tx.state(), uuids, tx.nowMs());
    tx.change(new Op.RestoreState(new RestoreState(Snapshots.of(restored))));
    return told;
  }
}
