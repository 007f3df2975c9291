package io.borealis.scheduler.journal;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a reader that meets something broken asks the leader for a snapshot: it writes down which
 * index the snapshot must have at least, and the leader watches that. Confined to the journal's
 * loop.
 */
final class HelpCalls {
  private static final Logger LOG = LoggerFactory.getLogger(HelpCalls.class);

  private final Znodes znodes;
  private final Layout layout;
  private final Session session;
  private final Runnable changed;
  private boolean watched;
  private long wanted;
  private String unsent = "";

  /**
   * @param changed runs when {@link #wanted} has changed
   */
  HelpCalls(Znodes znodes, Layout layout, Session session, Runnable changed) {
    this.znodes = znodes;
    this.layout = layout;
    this.session = session;
    this.changed = changed;
  }

  /** Asks for a snapshot at this index or a later one. */
  void call(long index, String reason) {
    unsent = index + "\n" + reason + "\n";
    resume();
  }

  /** The connection is there again: calls if the last call did not get through. */
  void resume() {
    String text = unsent;
    if (text.isEmpty() || !session.ready()) {
      return;
    }
    znodes
        .set(layout.help(), Layout.text(text), -1)
        .whenComplete(
            (version, failure) -> {
              if (failure == null && text.equals(unsent)) {
                unsent = "";
              } else if (failure != null && !Failures.isConnectionLoss(failure)) {
                LOG.warn("The leader could not be asked for a snapshot: {}", failure.toString());
              }
            });
  }

  /** The index a snapshot must have to help everybody who asked, 0 when nobody has. */
  long wanted() {
    return wanted;
  }

  /** Listens from now on, once for each session. */
  void listen() {
    if (!watched && session.ready()) {
      znodes.exists(layout.help(), this::called).whenComplete((there, failure) -> heard(failure));
    }
  }

  /** The session and its watch are gone. */
  void expired() {
    watched = false;
  }

  private void called() {
    watched = false;
    listen();
  }

  private void heard(@Nullable Throwable failure) {
    if (failure == null) {
      watched = true;
      znodes
          .get(layout.help())
          .whenComplete(
              (node, unread) -> {
                if (unread == null) {
                  wanted = Layout.leadingNumber(node.data());
                  changed.run();
                } else {
                  watched = false; // Listened and looked again when connected.
                }
              });
    }
  }
}
