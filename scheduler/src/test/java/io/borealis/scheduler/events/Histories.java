package io.borealis.scheduler.events;

import com.google.common.collect.ImmutableSet;
import io.borealis.api.JobInstanceUpdateEvent;
import io.borealis.api.JobUpdateAction;
import io.borealis.api.JobUpdateEvent;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.JobUpdateSettings;
import io.borealis.api.JobUpdateStatus;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.RemoveJobUpdates;
import io.borealis.api.storage.SaveJobInstanceUpdateEvent;
import io.borealis.api.storage.SaveJobUpdate;
import io.borealis.api.storage.SaveJobUpdateEvent;
import io.borealis.api.storage.Transaction;
import io.borealis.scheduler.journal.CorruptJournalException;
import io.borealis.scheduler.journal.EntryCodec;
import io.borealis.scheduler.store.Fixtures;
import io.borealis.scheduler.store.Replica;
import java.util.ArrayList;
import java.util.List;

/** An update written event by event into a journal, which any number of replicas read. */
final class Histories {
  static final JobUpdateKey KEY = new JobUpdateKey(Fixtures.JOB, "u-1");
  static final String PATH = "/events/updates/www-data/prod/hello/u-1";

  private static final EntryCodec CODEC = new EntryCodec();

  private final List<Transaction> transactions = new ArrayList<>();
  private long now = 1_700_000_000_000L;

  /** The update is there, with its first event. */
  Histories begin() {
    return add(
        new Op.SaveJobUpdate(
            new SaveJobUpdate(
                Fixtures.update(
                    KEY.id(),
                    Fixtures.config(Fixtures.JOB, "one"),
                    Fixtures.config(Fixtures.JOB, "two"),
                    2,
                    JobUpdateSettings.builder().updateGroupSize(1).build()))),
        event(JobUpdateStatus.ROLLING_FORWARD, null));
  }

  /** Lets time pass. */
  Histories later(long ms) {
    now += ms;
    return this;
  }

  /** One transaction. */
  Histories add(Op... ops) {
    transactions.add(
        Transaction.builder()
            .number(transactions.size() + 1)
            .stampMs(now)
            .ops(List.of(ops))
            .build());
    return this;
  }

  Op event(JobUpdateStatus status, String message) {
    return new Op.SaveJobUpdateEvent(
        new SaveJobUpdateEvent(
            JobUpdateEvent.builder()
                .status(status)
                .timestampMs(now)
                .user("jane")
                .message(message)
                .build(),
            KEY));
  }

  Op event(int instance, JobUpdateAction action) {
    return new Op.SaveJobInstanceUpdateEvent(
        new SaveJobInstanceUpdateEvent(
            JobInstanceUpdateEvent.builder()
                .instanceId(instance)
                .timestampMs(now)
                .action(action)
                .build(),
            KEY));
  }

  Histories prune() {
    return add(new Op.RemoveJobUpdate(new RemoveJobUpdates(ImmutableSet.of(KEY))));
  }

  /** A whole update of three instances, paused once, in which most things happen at odd times. */
  static Histories whole() {
    Histories history = new Histories().begin();
    for (int instance = 0; instance < 3; instance++) {
      history.add(history.event(instance, JobUpdateAction.INSTANCE_UPDATING)).later(40);
      if (instance == 1) {
        history
            .add(history.event(JobUpdateStatus.ROLL_FORWARD_PAUSED, "look\nat this: ä"))
            .later(1);
        history.add(history.event(JobUpdateStatus.ROLLING_FORWARD, null)).later(1);
      }
      if (instance == 2) {
        history.add(
            history.event(instance, JobUpdateAction.INSTANCE_UPDATED),
            history.event(JobUpdateStatus.ROLLED_FORWARD, null));
      } else {
        history.add(history.event(instance, JobUpdateAction.INSTANCE_UPDATED)).later(3);
      }
    }
    return history;
  }

  int size() {
    return transactions.size();
  }

  /** Shows a replica the transactions it has not seen, up to a number, one entry each. */
  void show(Replica replica, int upTo) {
    while (replica.durable().transaction() < upTo) {
      int next = (int) replica.durable().transaction();
      try {
        replica.onEntry(next + 1, CODEC.encode(List.of(transactions.get(next))));
      } catch (CorruptJournalException broken) {
        throw new AssertionError(broken);
      }
    }
  }

  /** A replica that has seen so many transactions. */
  Replica replica(int upTo) {
    Replica replica = new Replica(CODEC);
    show(replica, upTo);
    return replica;
  }
}
