package io.borealis.scheduler.preemption;

import com.google.common.collect.ImmutableList;
import io.borealis.scheduler.cluster.Capacity;
import java.util.ArrayList;
import java.util.List;

/** Chooses which tasks of one agent would have to go for another (section 7.2). Pure. */
final class VictimChoice {
  private VictimChoice() {}

  /** Whether the agent would take the task. */
  @FunctionalInterface
  interface Admission {
    /**
     * @param available what the agent would have
     * @param gone the tasks that would have left it
     */
    boolean admits(Capacity available, List<Candidate> gone);
  }

  /**
   * The tasks that have to go, largest first; none when that does not help. All of them are needed:
   * none could stay if the others went.
   *
   * @param largestFirst the tasks on the agent, in {@link Candidate#LARGEST_FIRST} order
   * @param slack what is free there
   */
  static ImmutableList<Candidate> choose(
      Profile pending, Iterable<Candidate> largestFirst, Capacity slack, Admission admission) {
    List<Candidate> chosen = new ArrayList<>();
    Capacity available = slack;
    for (Candidate candidate : largestFirst) {
      if (!pending.rank().mayDisplace(candidate.profile().rank())) {
        continue;
      }
      chosen.add(candidate);
      available = available.plus(candidate.profile().held());
      if (available.fits(pending.demand()) && admission.admits(available, chosen)) {
        return withoutTheUnneeded(pending, chosen, slack, admission);
      }
    }
    return ImmutableList.of();
  }

  private static ImmutableList<Candidate> withoutTheUnneeded(
      Profile pending, List<Candidate> chosen, Capacity slack, Admission admission) {
    List<Candidate> needed = new ArrayList<>(chosen);
    for (Candidate candidate :
        ImmutableList.sortedCopyOf(Candidate.MOST_WORTH_SPARING_FIRST, chosen)) {
      List<Candidate> rest = new ArrayList<>(needed);
      rest.remove(candidate);
      Capacity available = slack;
      for (Candidate gone : rest) {
        available = available.plus(gone.profile().held());
      }
      if (!rest.isEmpty()
          && available.fits(pending.demand())
          && admission.admits(available, rest)) {
        needed = rest;
      }
    }
    return ImmutableList.copyOf(needed);
  }
}
