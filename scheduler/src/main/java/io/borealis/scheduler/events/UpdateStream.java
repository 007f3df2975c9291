package io.borealis.scheduler.events;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.borealis.api.JobUpdateKey;
import io.borealis.runtime.EventLoop;
import io.borealis.scheduler.events.Position.Step;
import io.borealis.scheduler.store.UpdateRecord;
import io.borealis.thrift.HttpStream;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One client that follows an update. It reads on in the newest State when the client has taken the
 * last piece, so what waits for a client is at most one piece. Confined to the loop.
 */
final class UpdateStream {
  /** A piece is ended by the event that makes it longer than this. */
  static final int PIECE_CHARS = 32 * 1024;

  /** Its owner. */
  interface Owner {
    /** The client can take more. */
    void onTaken(UpdateStream stream);

    /** Nothing more will be written; too slow tells whether that is the client's fault. */
    void onOver(UpdateStream stream, boolean tooSlow);
  }

  private final JobUpdateKey key;
  private final HttpStream http;
  private final EventLoop loop;
  private final Owner owner;
  private Position position;
  private String greeting = Messages.RETRY;
  private boolean writing;
  private boolean over;
  private int pieces;
  private int piecesAtLook = -1;

  UpdateStream(JobUpdateKey key, Position position, HttpStream http, EventLoop loop, Owner owner) {
    this.key = key;
    this.position = position;
    this.http = http;
    this.loop = loop;
    this.owner = owner;
  }

  JobUpdateKey key() {
    return key;
  }

  /** Writes what the record has and the client has not, unless it is busy with the last piece. */
  void advance(UpdateRecord record) {
    if (writing || over) {
      return;
    }
    StringBuilder piece = new StringBuilder(greeting);
    greeting = "";
    Step step = position.next(record);
    while (step != null) {
      piece.append(Messages.of(step));
      position = step.after();
      step = piece.length() < PIECE_CHARS ? position.next(record) : null;
    }
    if (position.isEnd(record)) {
      end(piece.append(Messages.end(record.status())).toString());
    } else if (!piece.isEmpty()) {
      write(piece.toString());
    }
  }

  /** The update is gone. */
  void prune() {
    if (!writing && !over) {
      end(greeting + Messages.PRUNED);
    }
  }

  /**
   * Looks after the client now and then: it hears that we are there, unless it is busy with a
   * piece; if that is the piece of the last look, the client is given up.
   */
  void look() {
    if (over) {
      return;
    } else if (!writing) {
      write(Messages.KEEP_ALIVE);
    } else if (pieces == piecesAtLook) {
      over(true);
      http.abort();
    }
    piecesAtLook = pieces;
  }

  /** Ends it, wherever it is; the client may go on elsewhere. */
  void close() {
    if (over) {
      return;
    } else if (writing) {
      over(false);
      http.abort();
    } else {
      end("");
    }
  }

  private void end(String piece) {
    over(false);
    var unused = http.end(piece.getBytes(UTF_8));
  }

  private void write(String piece) {
    writing = true;
    pieces++;
    CompletionStage<Void> taking = http.write(piece.getBytes(UTF_8));
    var unused = taking.whenComplete((done, failure) -> loop.execute(() -> taken(failure)));
  }

  private void taken(@Nullable Throwable failure) {
    writing = false;
    if (over) {
      return;
    } else if (failure == null) {
      owner.onTaken(this);
    } else {
      over(failure instanceof TimeoutException);
    }
  }

  private void over(boolean tooSlow) {
    over = true;
    owner.onOver(this, tooSlow);
  }
}
