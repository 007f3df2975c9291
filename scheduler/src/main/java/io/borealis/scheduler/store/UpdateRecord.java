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
    return new UpdateRecord(
        update,
        plan,
        events.add(event),
        instanceEvents,
        actions,
        progress,
        instances,
        working,
        failed,
        pulsedMs,
        requestDigest);
  }

  UpdateRecord withEvent(JobInstanceUpdateEvent event) {
    Table<Integer, Integer> next =
        event.action() == null
            ? actions
            : actions.update(
                event.instanceId(),
                mask -> (mask == null ? 0 : mask) | bit(event.action(), event.message()));
    return new UpdateRecord(
        update,
        plan,
        events,
        instanceEvents.add(event),
        next,
        progress,
        instances,
        working,
        failed,
        pulsedMs,
        requestDigest);
  }

  UpdateRecord withProgress(UpdateProgress next, boolean newPass) {
    return new UpdateRecord(
        update,
        plan,
        events,
        instanceEvents,
        actions,
        next,
        newPass ? Table.empty() : instances,
        newPass ? 0 : working,
        newPass ? 0 : failed,
        pulsedMs,
        requestDigest);
  }

  UpdateRecord withInstances(Iterable<InstanceProgress> changed) {
    Table.Builder<Integer, InstanceProgress> next = instances.builder();
    int nowWorking = working;
    int nowFailed = failed;
    for (InstanceProgress instance : changed) {
      InstanceProgress old = next.put(instance.instanceId(), instance);
      nowWorking += count(instance, InstanceProgressState.WORKING);
      nowFailed += count(instance, InstanceProgressState.FAILED);
      if (old != null) {
        nowWorking -= count(old, InstanceProgressState.WORKING);
        nowFailed -= count(old, InstanceProgressState.FAILED);
      }
    }
    return new UpdateRecord(
        update,
        plan,
        events,
        instanceEvents,
        actions,
        progress,
        next.build(),
        nowWorking,
        nowFailed,
        pulsedMs,
        requestDigest);
  }

  UpdateRecord withPulse(long atMs) {
    return new UpdateRecord(
        update,
        plan,
        events,
        instanceEvents,
        actions,
        progress,
        instances,
        working,
        failed,
        Math.max(pulsedMs, atMs),
        requestDigest);
  }

  UpdateRecord withRequestDigest(@Nullable String digest) {
    return new UpdateRecord(
        update,
        plan,
        events,
        instanceEvents,
        actions,
        progress,
        instances,
        working,
        failed,
        pulsedMs,
        digest);
  }

  private static int count(InstanceProgress instance, InstanceProgressState state) {
    return instance.state() == state ? 1 : 0;
  }

  /** Notes are not the actions they come with; each kind of them has a byte of its own. */
  private static int bit(JobUpdateAction action, @Nullable String message) {
    int kind = CHECKING_SLA.equals(message) ? 8 : SLA_PASSED.equals(message) ? 16 : 0;
    return 1 << (kind + action.value());
  }
}
