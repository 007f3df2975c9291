package io.borealis.scheduler.store;

import io.borealis.api.JobInstanceUpdateEvent;
import io.borealis.api.JobUpdate;
import io.borealis.api.JobUpdateAction;
import io.borealis.api.JobUpdateDetails;
import io.borealis.api.JobUpdateEvent;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.JobUpdateState;
import io.borealis.api.JobUpdateStatus;
import io.borealis.api.JobUpdateSummary;
import io.borealis.api.storage.InstanceProgress;
import io.borealis.api.storage.InstanceProgressState;
import io.borealis.api.storage.UpdateProgress;
import java.util.function.Consumer;
import kotlinx.collections.immutable.ExtensionsKt;
import kotlinx.collections.immutable.PersistentList;
import org.jspecify.annotations.Nullable;

/**
 * One job update: what was asked, all its events in the order they were recorded, and how far it
 * is. Immutable; copies share structure, so an event costs the same however many there are.
 *
 * @param update the request as stored; its summary carries no state, that is derived from events
 * @param actions for each instance the set of recorded actions and notes, a bit each
 * @param instances progress of the instances begun in this pass
 * @param working how many of them are WORKING
 * @param failed how many of them are FAILED
 * @param pulsedMs last durable pulse, 0 when there was none
 * @param requestDigest stands for the whole request if it came with an idempotency key; else null
 */
public record UpdateRecord(
    JobUpdate update,
    UpdatePlan plan,
    PersistentList<JobUpdateEvent> events,
    PersistentList<JobInstanceUpdateEvent> instanceEvents,
    Table<Integer, Integer> actions,
    UpdateProgress progress,
    Table<Integer, InstanceProgress> instances,
    int working,
    int failed,
    long pulsedMs,
    @Nullable String requestDigest) {

  /** A note of an instance whose task waits until its policy lets it go. */
  public static final String CHECKING_SLA = "Checking SLA before continuing.";

  /** A note of an instance whose task may go. */
  public static final String SLA_PASSED = "SLA check passed, continuing.";

  static final UpdateProgress FRESH = UpdateProgress.builder().build();

  static UpdateRecord of(JobUpdate update) {
    JobUpdate stored = UpdateForms.stored(update);
    return new UpdateRecord(
        stored,
        UpdatePlan.of(stored.instructions()),
        ExtensionsKt.persistentListOf(),
        ExtensionsKt.persistentListOf(),
        Table.empty(),
        FRESH,
        Table.empty(),
        0,
        0,
        0,
        null);
  }

  public JobUpdateKey key() {
    return update.summary().key();
  }

  /** The status of the last event; null before the first one. */
  public @Nullable JobUpdateStatus status() {
    return events.isEmpty() ? null : events.get(events.size() - 1).status();
  }

  /** Wall time of the first event, 0 before it. */
  public long createdMs() {
    return events.isEmpty() ? 0 : events.get(0).timestampMs();
  }

  /** Wall time of the newest event of either kind, 0 before the first. */
  public long modifiedMs() {
    long modified = events.isEmpty() ? 0 : events.get(events.size() - 1).timestampMs();
    return instanceEvents.isEmpty()
        ? modified
        : Math.max(modified, instanceEvents.get(instanceEvents.size() - 1).timestampMs());
  }

  /** Whether any action was ever recorded for the instance. */
  public boolean hasAction(int instance) {
    return actions.contains(instance);
  }

  /** Whether the action was recorded for the instance. */
  public boolean hasAction(int instance, JobUpdateAction action) {
    Integer mask = actions.get(instance);
    return mask != null && (mask & bit(action, null)) != 0;
  }

  /** Whether the note was recorded for the instance with this action. */
  public boolean hasNote(int instance, JobUpdateAction action, String note) {
    Integer mask = actions.get(instance);
    return mask != null && (mask & bit(action, note)) != 0;
  }

  /** The summary as clients see it, with the derived state. */
  public JobUpdateSummary summary() {
    return update.summary().toBuilder()
        .state(
            JobUpdateState.builder()
                .status(status())
                .createdTimestampMs(createdMs())
                .lastModifiedTimestampMs(modifiedMs())
                .build())
        .build();
  }

  /** The whole record as clients see it. */
  public JobUpdateDetails details() {
    return JobUpdateDetails.builder()
        .update(update.toBuilder().summary(summary()).build())
        .updateEvents(events)
        .instanceEvents(instanceEvents)
        .build();
  }

  UpdateRecord withEvent(JobUpdateEvent event) {
    return with(draft -> draft.events = events.add(event));
  }

  UpdateRecord withEvent(JobInstanceUpdateEvent event) {
    return with(
        draft -> {
          draft.instanceEvents = instanceEvents.add(event);
          if (event.action() != null) {
            int bit = bit(event.action(), event.message());
            draft.actions =
                actions.update(event.instanceId(), mask -> (mask == null ? 0 : mask) | bit);
          }
        });
  }

  UpdateRecord withProgress(UpdateProgress next, boolean newPass) {
    return with(
        draft -> {
          draft.progress = next;
          if (newPass) {
            draft.instances = Table.empty();
            draft.working = 0;
            draft.failed = 0;
          }
        });
  }

  UpdateRecord withInstances(Iterable<InstanceProgress> changed) {
    return with(
        draft -> {
          Table.Builder<Integer, InstanceProgress> next = instances.builder();
          for (InstanceProgress instance : changed) {
            InstanceProgress old = next.put(instance.instanceId(), instance);
            draft.count(instance, 1);
            if (old != null) {
              draft.count(old, -1);
            }
          }
          draft.instances = next.build();
        });
  }

  UpdateRecord withPulse(long atMs) {
    return with(draft -> draft.pulsedMs = Math.max(pulsedMs, atMs));
  }

  UpdateRecord withRequestDigest(@Nullable String digest) {
    return with(draft -> draft.requestDigest = digest);
  }

  private UpdateRecord with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.finish();
  }

  /** A copy while it is being changed. */
  private static final class Draft {
    private final UpdateRecord base;
    PersistentList<JobUpdateEvent> events;
    PersistentList<JobInstanceUpdateEvent> instanceEvents;
    Table<Integer, Integer> actions;
    UpdateProgress progress;
    Table<Integer, InstanceProgress> instances;
    int working;
    int failed;
    long pulsedMs;
    @Nullable String requestDigest;

    Draft(UpdateRecord base) {
      this.base = base;
      events = base.events;
      instanceEvents = base.instanceEvents;
      actions = base.actions;
      progress = base.progress;
      instances = base.instances;
      working = base.working;
      failed = base.failed;
      pulsedMs = base.pulsedMs;
      requestDigest = base.requestDigest;
    }

    void count(InstanceProgress instance, int by) {
      if (instance.state() == InstanceProgressState.WORKING) {
        working += by;
      } else if (instance.state() == InstanceProgressState.FAILED) {
        failed += by;
      }
    }

    UpdateRecord finish() {
      return new UpdateRecord(
          base.update,
          base.plan,
          events,
          instanceEvents,
          actions,
          progress,
          instances,
          working,
          failed,
          pulsedMs,
          requestDigest);
    }
  }

  /** Notes are not the actions they come with; each kind of them has a byte of its own. */
  private static int bit(JobUpdateAction action, @Nullable String message) {
    int kind = CHECKING_SLA.equals(message) ? 8 : SLA_PASSED.equals(message) ? 16 : 0;
    return 1 << (kind + action.value());
  }
}
