package io.borealis.scheduler.events;

import io.borealis.api.JobInstanceUpdateEvent;
import io.borealis.api.JobUpdateEvent;
import io.borealis.api.JobUpdateStatus;
import io.borealis.scheduler.store.UpdateRecord;
import io.borealis.scheduler.store.UpdateTable;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How many events of an update a client has seen. It means the same in every process, since the two
 * lists are the same everywhere and only grow. Immutable.
 *
 * @param updates how many of the update's own events
 * @param instances how many of its instances' events
 */
public record Position(int updates, int instances) {
  /** Nothing was seen. */
  public static final Position START = new Position(0, 0);

  private static final Pattern FORM = Pattern.compile("(\\d{1,9})\\.(\\d{1,9})");

  /** An event, and where the client is once it has it. */
  public sealed interface Step {
    /** Where the client is then. */
    Position after();

    /** The update as a whole got a status. */
    record OfUpdate(Position after, JobUpdateEvent event) implements Step {}

    /** Something happened to an instance. */
    record OfInstance(Position after, JobInstanceUpdateEvent event) implements Step {}
  }

  /** Reads what {@link #id} wrote; empty when it is nothing of the kind. */
  public static Optional<Position> parse(String id) {
    Matcher matcher = FORM.matcher(id);
    return matcher.matches()
        ? Optional.of(
            new Position(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2))))
        : Optional.empty();
  }

  /** The id of the event that led here. */
  public String id() {
    return updates + "." + instances;
  }

  /**
   * The next event as far as this record knows; null when there is none. The lists are merged by
   * time, an event of the update before one of an instance of the same millisecond; but the status
   * that ends the update is the last of all.
   */
  public @Nullable Step next(UpdateRecord record) {
    JobUpdateEvent ofUpdate =
        updates < record.events().size() ? record.events().get(updates) : null;
    JobInstanceUpdateEvent ofInstance =
        instances < record.instanceEvents().size() ? record.instanceEvents().get(instances) : null;
    if (ofUpdate != null && (ofInstance == null || isFirst(ofUpdate, ofInstance))) {
      return new Step.OfUpdate(new Position(updates + 1, instances), ofUpdate);
    }
    return ofInstance == null
        ? null
        : new Step.OfInstance(new Position(updates, instances + 1), ofInstance);
  }

  private static boolean isFirst(JobUpdateEvent ofUpdate, JobInstanceUpdateEvent ofInstance) {
    return !isEnd(ofUpdate.status()) && ofUpdate.timestampMs() <= ofInstance.timestampMs();
  }

  /** Whether the update has ended and all its events were seen. */
  public boolean isEnd(UpdateRecord record) {
    return isEnd(record.status())
        && updates >= record.events().size()
        && instances >= record.instanceEvents().size();
  }

  /** Whether it counts events that there will never be. */
  boolean isBeyond(UpdateRecord record) {
    return isEnd(record.status())
        && (updates > record.events().size() || instances > record.instanceEvents().size());
  }

  private static boolean isEnd(@Nullable JobUpdateStatus status) {
    return status != null && !UpdateTable.isActive(status);
  }
}
