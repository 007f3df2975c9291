package io.borealis.scheduler.journal;

import io.borealis.runtime.EventLoop;
import java.time.Duration;
import org.apache.zookeeper.KeeperException.Code;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches entries in order until there is none, asking for more at a time the more there are.
 * Confined to the journal's loop.
 */
final class ReadAhead {
  private static final Logger LOG = LoggerFactory.getLogger(ReadAhead.class);
  private static final int MAX_WINDOW = 64;

  /** Takes what is fetched. Called on the journal's loop. */
  interface Sink {
    /** The next entry; false when no more is wanted. */
    boolean onEntry(long index, byte[] bytes);

    /** There is no further entry, so that fetching has ended. */
    void onNone();
  }

  private final Znodes znodes;
  private final Layout layout;
  private final EventLoop loop;
  private final Sink sink;
  private int window = 1;
  private boolean running;
  private long round;

  ReadAhead(Znodes znodes, Layout layout, EventLoop loop, Sink sink) {
    this.znodes = znodes;
    this.layout = layout;
    this.loop = loop;
    this.sink = sink;
  }

  /** Fetches from this entry on, unless it is at work already. */
  void start(long index) {
    if (!running) {
      running = true;
      fetch(index);
    }
  }

  /** Fetches no more; what is asked for already is dropped. */
  void stop() {
    running = false;
    round++;
  }

  private void fetch(long from) {
    long current = ++round;
    long last = from + window - 1;
    for (long index = from; index <= last; index++) {
      long each = index;
      znodes
          .get(layout.entry(each))
          .whenComplete(
              (node, failure) -> {
                if (current == round) {
                  fetched(each, each == last, node, failure);
                }
              });
    }
  }

  private void fetched(
      long index, boolean last, Znodes.@Nullable Node node, @Nullable Throwable failure) {
    if (node == null) {
      notFetched(index, failure);
    } else if (!sink.onEntry(index, node.data())) {
      stop();
    } else if (last) {
      window = Math.min(MAX_WINDOW, window * 2);
      fetch(index + 1);
    }
  }

  private void notFetched(long index, @Nullable Throwable failure) {
    stop();
    if (failure == null || Failures.is(failure, Code.NONODE)) {
      window = 1;
      sink.onNone();
    } else if (!Failures.isConnectionLoss(failure)) {
      LOG.warn("Entry {} could not be read, trying again: {}", index, failure.toString());
      running = true;
      long current = round;
      var unused =
          loop.schedule(
              Duration.ofSeconds(1),
              () -> {
                if (current == round) {
                  fetch(index);
                }
              });
    } // Otherwise: started again when connected.
  }
}
