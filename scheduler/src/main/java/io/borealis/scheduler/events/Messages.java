package io.borealis.scheduler.events;

import io.borealis.api.JobInstanceUpdateEvent;
import io.borealis.api.JobUpdateEvent;
import io.borealis.api.JobUpdateStatus;
import io.borealis.scheduler.events.Position.Step;
import io.borealis.thrift.JsonCodec;

/** Server-sent events as text; the data is that of the JSON mirror. Pure functions. */
final class Messages {
  /** When a client that lost its connection shall come back. */
  static final String RETRY = "retry: 2000\n\n";

  /** A comment, which clients skip. */
  static final String KEEP_ALIVE = ":\n\n";

  /** The update was deleted from the history while somebody watched. */
  static final String PRUNED = "event: end\ndata: {\"pruned\":true}\n\n";

  private Messages() {}

  static String of(Step step) {
    // A JSON text has no line breaks of its own.
    return step instanceof Step.OfUpdate update
        ? message(
            "update", step.after(), JsonCodec.write(JobUpdateEvent.TYPE, update.event()).toString())
        : message(
            "instance",
            step.after(),
            JsonCodec.write(JobInstanceUpdateEvent.TYPE, ((Step.OfInstance) step).event())
                .toString());
  }

  private static String message(String event, Position after, String data) {
    return "event: " + event + "\nid: " + after.id() + "\ndata: " + data + "\n\n";
  }

  /** The update has ended so. */
  static String end(JobUpdateStatus status) {
    return "event: end\ndata: {\"status\":\"" + status + "\"}\n\n";
  }
}
