package io.borealis.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.borealis.api.JobInstanceUpdateEvent;
import io.borealis.api.JobUpdateAction;
import io.borealis.api.JobUpdateDetails;
import io.borealis.api.JobUpdateEvent;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.JobUpdateQuery;
import io.borealis.api.JobUpdateStatus;
import io.borealis.api.Response;
import io.borealis.api.Result;
import io.borealis.api.rpc.GetJobUpdateDetailsArgs;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

/** What must hold of the events of an update, whatever happened to its leaders. */
final class UpdateHistory {
  private UpdateHistory() {}

  /** Fetches an update with its events. */
  static JobUpdateDetails of(Wire wire, JobUpdateKey key) throws IOException {
    Response response =
        wire.call(
            "getJobUpdateDetails",
            new GetJobUpdateDetailsArgs(null, JobUpdateQuery.builder().key(key).build()));
    if (response.result() instanceof Result.GetJobUpdateDetailsResult result
        && result.value().detailsList() != null
        && result.value().detailsList().size() == 1) {
      return result.value().detailsList().get(0);
    }
    throw new IOException("no details: " + response);
  }

  /** The status of an update. */
  static JobUpdateStatus status(Wire wire, JobUpdateKey key) throws IOException {
    return of(wire, key).update().summary().state().status();
  }

  /** Waits until so many instances have been updated. */
  static void awaitUpdated(Wire wire, JobUpdateKey key, int instances) {
    Await.until(
        instances + " instances are updated",
        Duration.ofSeconds(60),
        () ->
            of(wire, key).instanceEvents().stream()
                    .filter(event -> event.action() == JobUpdateAction.INSTANCE_UPDATED)
                    .count()
                >= instances);
  }

  /** Waits for the end of an update, which must be a good one. */
  static void awaitRolledForwardOnce(Wire wire, JobUpdateKey key, int instances, int groupSize)
      throws IOException {
    Await.until(
        "rolled forward",
        Duration.ofSeconds(60),
        () -> status(wire, key) == JobUpdateStatus.ROLLED_FORWARD);
    assertRolledForwardOnce(of(wire, key), instances, groupSize);
  }

  /**
   * Every instance was updated once; never more than the group were under way at a time; the events
   * of the update itself begin and end as they should.
   */
  static void assertRolledForwardOnce(JobUpdateDetails details, int instances, int groupSize) {
    Set<Integer> underWay = new HashSet<>();
    Set<Integer> updated = new HashSet<>();
    for (JobInstanceUpdateEvent event : details.instanceEvents()) {
      if (event.action() == JobUpdateAction.INSTANCE_UPDATING) {
        assertThat(underWay.add(event.instanceId())).as("begun twice: %s", event).isTrue();
        assertThat(updated).as("begun again").doesNotContain(event.instanceId());
        assertThat(underWay.size()).as("group size").isLessThanOrEqualTo(groupSize);
      } else if (event.action() == JobUpdateAction.INSTANCE_UPDATED) {
        assertThat(underWay.remove(event.instanceId())).as("not begun: %s", event).isTrue();
        assertThat(updated.add(event.instanceId())).as("updated twice: %s", event).isTrue();
      } else {
        throw new AssertionError("unexpected " + event);
      }
    }
    assertThat(updated).hasSize(instances);
    long before = 0;
    for (JobUpdateEvent event : details.updateEvents()) {
      assertThat(event.timestampMs()).isGreaterThanOrEqualTo(before);
      before = event.timestampMs();
    }
    assertThat(details.updateEvents().get(0).status()).isEqualTo(JobUpdateStatus.ROLLING_FORWARD);
    assertThat(details.updateEvents().get(details.updateEvents().size() - 1).status())
        .isEqualTo(JobUpdateStatus.ROLLED_FORWARD);
  }
}
