package io.borealis.scheduler.preemption;

import com.google.common.collect.ImmutableList;
import io.borealis.scheduler.cluster.Capacity;
import io.borealis.scheduler.cluster.Demand;
import io.borealis.scheduler.scheduling.HostView;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One agent and its tasks during a search. For one thread. */
final class SearchedAgent {
  final String id;
  final @Nullable HostView host;
  private final Capacity slack;
  private final List<Candidate> candidates = new ArrayList<>();
  private @Nullable ImmutableList<Candidate> largestFirst;

  /** What is free, if all preemptible tasks had left. */
  private Capacity withoutPreemptible;

  /** What is free or about to be, and not promised to anybody. */
  private Capacity room;

  private boolean isTaken;

  SearchedAgent(String id, @Nullable HostView host, Capacity slack) {
    this.id = id;
    this.host = host;
    this.slack = slack;
    this.withoutPreemptible = slack;
    this.room = slack;
  }

  /** A task that may be displaced. */
  void add(Candidate candidate) {
    candidates.add(candidate);
    if (candidate.profile().rank().preemptible()) {
      withoutPreemptible = withoutPreemptible.plus(candidate.profile().held());
    }
  }

  /** A task that is being displaced: there will be room without doing more. */
  void addLeaving(Profile profile) {
    room = room.plus(profile.held());
    isTaken = true;
  }

  Capacity slack() {
    return slack;
  }

  /** How many tasks may be displaced. */
  int candidates() {
    return candidates.size();
  }

  ImmutableList<Candidate> largestFirst() {
    ImmutableList<Candidate> sorted = largestFirst;
    if (sorted == null) {
      sorted = ImmutableList.sortedCopyOf(Candidate.LARGEST_FIRST, candidates);
      largestFirst = sorted;
    }
    return sorted;
  }

  /** What is free if all preemptible tasks had left. */
  Capacity withoutPreemptible() {
    return withoutPreemptible;
  }

  /** What is free or about to be. */
  Capacity room() {
    return room;
  }

  /** Promises what is free or about to be to a task. */
  void promise(Demand demand) {
    room = room.minus(demand);
    isTaken = true;
  }

  /** Nobody else may have room made here in this search. */
  void take() {
    room = Capacity.ZERO;
    isTaken = true;
  }

  /** Whether somebody has been promised something here, so that nothing more may be arranged. */
  boolean isTaken() {
    return isTaken;
  }
}
