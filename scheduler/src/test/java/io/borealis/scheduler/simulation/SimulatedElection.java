package io.borealis.scheduler.simulation;

import io.borealis.runtime.EventLoop;
import io.borealis.scheduler.journal.SimulatedEnsemble;
import io.borealis.scheduler.leader.Advertising;
import io.borealis.scheduler.leader.Election;
import io.borealis.thrift.MemberEntry;
import io.borealis.thrift.MemberEntry.Endpoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * An election that is no more than a hint: who is first in the queue has won, but who was first may
 * learn late that this is over, and now and then somebody else is told so as well. For one thread.
 */
final class SimulatedElection {
  private final SimulatedEnsemble ensemble;
  private final EventLoop network;
  private final Random random;
  private final List<Candidate> queue = new ArrayList<>();
  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private final List<Seat> seats = new ArrayList<>();
  private int entryCount;

  SimulatedElection(SimulatedEnsemble ensemble, EventLoop network, Random random) {
    this.ensemble = ensemble;
    this.network = network;
    this.random = random;
  }

  private record Entry(Endpoint endpoint, Seat owner) {}

  Seat join(MortalRuntimes process) {
    Seat seat = new Seat(process);
    seats.add(seat);
    return seat;
  }

  /** Who leads, as everybody can see. */
  Optional<Endpoint> leader() {
    return entries.size() == 1
        ? Optional.of(entries.values().iterator().next().endpoint())
        : Optional.empty();
  }

  /** Somebody is told that he has won although another is first. */
  void mislead() {
    if (queue.size() > 1) {
      queue.get(1 + random.nextInt(queue.size() - 1)).tell(true);
    }
  }

  private void later(int mostMs, Runnable action) {
    var unused = network.schedule(Duration.ofMillis(random.nextInt(mostMs)), action);
  }

  private void elect() {
    if (!queue.isEmpty() && !queue.get(0).told) {
      queue.get(0).told = true;
      queue.get(0).tell(true);
    }
  }

  private void drop(Seat seat) {
    queue.removeIf(candidate -> candidate.seat.equals(seat));
    if (entries.values().removeIf(entry -> entry.owner().equals(seat))) {
      changed();
    }
    elect();
  }

  private void changed() {
    for (Seat seat : seats) {
      later(5, () -> seat.onChange());
    }
  }

  private final class Candidate implements Election.Candidacy {
    private final Seat seat;
    private final Election.Listener listener;
    private boolean told;
    private boolean withdrawn;

    Candidate(Seat seat, Election.Listener listener) {
      this.seat = seat;
      this.listener = listener;
    }

    void stand() {
      later(
          10,
          () -> {
            if (withdrawn || seat.process.isDead() || queue.contains(this)) {
              return;
            } else if (seat.connected) {
              told = false;
              queue.add(this);
              elect();
            } else {
              stand();
            }
          });
    }

    void tell(boolean won) {
      later(
          20,
          () -> {
            if (!withdrawn && seat.process.acts()) {
              if (won && seat.connected) {
                listener.onElected();
              } else if (!won) {
                listener.onDefeated("the session was lost");
              }
            }
          });
    }

    @Override
    public CompletionStage<Void> withdraw() {
      CompletableFuture<Void> done = new CompletableFuture<>();
      withdrawn = true;
      later(
          20,
          () -> {
            // Cut off, it stays in the queue until its session ends.
            if (seat.connected && queue.remove(this)) {
              elect();
            }
            seat.answer(() -> done.complete(null));
          });
      return done;
    }
  }

  /** The end of one process' wire to the election. */
  final class Seat implements Election, Advertising {
    private final MortalRuntimes process;
    private final List<Candidate> candidacies = new ArrayList<>();
    private final List<Runnable> listeners = new ArrayList<>();
    private boolean connected = true;
    private boolean lost;
    private int cuts;

    Seat(MortalRuntimes process) {
      this.process = process;
    }

    private void answer(Runnable action) {
      if (process.acts()) {
        action.run();
      }
    }

    private void onChange() {
      if (connected) {
        answer(() -> listeners.forEach(Runnable::run));
      }
    }

    /** The connection is lost, which the process may be told now or much later. */
    void cut() {
      if (!connected) {
        return;
      }
      connected = false;
      int cut = ++cuts;
      if (random.nextBoolean()) {
        defeat();
      }
      var unused =
          network.schedule(
              SimulatedEnsemble.sessionTimeout(),
              () -> {
                if (cut == cuts && !connected) {
                  lost = true;
                  drop(this);
                  var unusedLate =
                      network.schedule(Duration.ofMillis(random.nextInt(2_000)), this::defeat);
                }
              });
    }

    private void defeat() {
      candidacies.forEach(candidate -> candidate.tell(false));
    }

    void restore() {
      if (connected) {
        return;
      }
      connected = true;
      if (lost) {
        lost = false;
        defeat();
        List.copyOf(candidacies).forEach(Candidate::stand);
      } else {
        queue.removeIf(candidate -> candidate.seat.equals(this) && candidate.withdrawn);
        queue.stream()
            .filter(candidate -> candidate.seat.equals(this))
            .forEach(c -> c.told = false);
        elect();
      }
    }

    /** The process is gone, which shows when its session ends. */
    void die() {
      connected = false;
      seats.remove(this);
      var unused = network.schedule(SimulatedEnsemble.sessionTimeout(), () -> drop(this));
    }

    @Override
    public Candidacy stand(Listener listener) {
      candidacies.removeIf(candidate -> candidate.withdrawn);
      Candidate candidate = new Candidate(this, listener);
      candidacies.add(candidate);
      candidate.stand();
      return candidate;
    }

    @Override
    public CompletionStage<String> advertise(
        MemberEntry entry, @Nullable String known, String fencePath, int fenceVersion) {
      CompletableFuture<String> done = new CompletableFuture<>();
      later(
          10,
          () -> {
            if (!connected || ensemble.version(fencePath) != fenceVersion) {
              answer(
                  () ->
                      done.completeExceptionally(
                          new IllegalStateException("it may not be advertised")));
              return;
            }
            String path = known == null || !entries.containsKey(known) ? "m" + ++entryCount : known;
            entries.clear();
            entries.put(path, new Entry(entry.serviceEndpoint(), this));
            changed();
            later(5, () -> answer(() -> done.complete(path)));
          });
      return done;
    }

    @Override
    public CompletionStage<Void> withdraw(String entryPath) {
      CompletableFuture<Void> done = new CompletableFuture<>();
      later(
          10,
          () -> {
            if (connected && entries.remove(entryPath) != null) {
              changed();
            }
            answer(() -> done.complete(null));
          });
      return done;
    }

    @Override
    public void onChange(Runnable action) {
      listeners.add(action);
    }

    @Override
    public Optional<Endpoint> leader() {
      return SimulatedElection.this.leader();
    }
  }
}
