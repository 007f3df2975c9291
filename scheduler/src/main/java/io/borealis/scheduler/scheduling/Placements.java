package io.borealis.scheduler.scheduling;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.borealis.api.HostAttributes;
import io.borealis.api.MaintenanceMode;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.SaveHostAttributes;
import io.borealis.scheduler.cluster.Capacity;
import io.borealis.scheduler.cluster.ClusterDriver;
import io.borealis.scheduler.cluster.Offer;
import io.borealis.scheduler.scheduling.OfferUse.Assignment;
import io.borealis.scheduler.store.HostMode;
import io.borealis.scheduler.store.State;
import io.borealis.scheduler.store.WriteTransaction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes what a search has found true, after a last look: tasks still pending, hosts in service,
 * offers not gone. Offers are reserved when the transaction is made; its end without a trace
 * releases them, its durability spends them. For the writer's thread.
 */
final class Placements {
  private static final Logger LOG = LoggerFactory.getLogger(Placements.class);

  private final OfferBook offers;
  private final Assigner assigner;
  private final ClusterDriver driver;
  private final SchedulingMeters meters;

  Placements(OfferBook offers, Assigner assigner, ClusterDriver driver, SchedulingMeters meters) {
    this.meters = meters;
    this.offers = offers;
    this.assigner = assigner;
    this.driver = driver;
  }

  /** Checks and makes the assignments; returns the tasks assigned. */
  ImmutableSet<String> make(WriteTransaction transaction, ImmutableList<OfferUse> uses) {
    ImmutableSet.Builder<String> assigned = ImmutableSet.builder();
    for (OfferUse use : uses) {
      Offer offer = use.offer();
      if (!isInService(transaction.state(), offer)) {
        continue;
      }
      if (!offers.take(offer.id())) {
        // Its tasks stay pending and are tried again.
        meters.acceptRaces.increment();
        meters.launchFailures.increment(use.assignments().size());
        continue;
      }
      transaction.onDiscard(() -> offers.putBack(offer.id()));
      ImmutableList.Builder<ScheduledTask> launches = ImmutableList.builder();
      Capacity left = offer.capacity();
      for (Assignment assignment : use.assignments()) {
        ScheduledTask task = assign(transaction, offer, assignment);
        if (task != null) {
          launches.add(task);
          assigned.add(assignment.taskId());
          left = left.minus(assignment.need());
        }
      }
      ImmutableList<ScheduledTask> tasks = launches.build();
      if (tasks.isEmpty()) {
        offers.putBack(offer.id());
      } else {
        saveHost(transaction, offer);
        Capacity rest = left;
        transaction.afterCommit(
            () -> {
              offers.used(offer.id(), rest);
              driver.launch(offer.id(), tasks);
            });
      }
    }
    return assigned.build();
  }

  private @Nullable ScheduledTask assign(
      WriteTransaction transaction, Offer offer, Assignment assignment) {
    ScheduledTask task = transaction.state().tasks().get(assignment.taskId());
    if (task == null || task.status() != ScheduleStatus.PENDING) {
      return null;
    }
    WriteTransaction.Savepoint before = transaction.savepoint();
    try {
      return assigner.assign(
          transaction, assignment.taskId(), offer.host(), offer.agentId(), assignment.ports());
    } catch (RuntimeException failure) {
      // One task that cannot be assigned must not hold up the others.
      transaction.rollback(before);
      LOG.error("Task {} cannot be assigned", assignment.taskId(), failure);
      return null;
    }
  }

  private static boolean isInService(State state, Offer offer) {
    return !HostMode.isClosed(HostMode.of(state, offer.host()));
  }

  /** Saves what the offer says of its host, unless that is known. */
  static void saveHost(WriteTransaction transaction, Offer offer) {
    State state = transaction.state();
    if (!hasAttributesOf(state, offer)) {
      MaintenanceMode mode = HostMode.of(state, offer.host());
      transaction.change(
          new Op.SaveHostAttributes(
              new SaveHostAttributes(
                  new HostAttributes(
                      offer.host(),
                      ImmutableSet.copyOf(offer.attributes()),
                      mode,
                      offer.agentId()))));
    }
  }

  /** Whether State has what the offer says of its host. */
  static boolean hasAttributesOf(State state, Offer offer) {
    HostAttributes stored = state.hosts().get(offer.host());
    return stored != null
        && offer.agentId().equals(stored.slaveId())
        && stored.attributes().equals(ImmutableSet.copyOf(offer.attributes()));
  }
}
