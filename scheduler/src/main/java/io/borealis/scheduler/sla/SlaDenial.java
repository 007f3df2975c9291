package io.borealis.scheduler.sla;

/** Why a task may not be taken down now. Immutable. */
public sealed interface SlaDenial {
  /** The reason as part of a sentence. */
  String text();

  /**
   * Too few other tasks of the job have been RUNNING for long enough.
   *
   * @param needed how many must be
   * @param running how many are, not counting the task asked about
   * @param total active tasks of the job, with the task asked about
   * @param durationSecs how long each must have been so
   * @param enoughInMs when enough of those that run now will have been so, if all go on; negative
   *     when too few run
   */
  record NotEnoughRunning(int needed, int running, int total, long durationSecs, long enoughInMs)
      implements SlaDenial {
    @Override
    public String text() {
      String time = durationSecs > 0 ? " for " + durationSecs + " s" : "";
      return "%d of %d needed RUNNING%s, %d are".formatted(needed, total, time, running);
    }
  }

  /**
   * The coordinator did not say yes.
   *
   * @param problem what it did instead
   */
  record Coordinator(String problem) implements SlaDenial {
    @Override
    public String text() {
      return "the coordinator " + problem;
    }
  }

  /** The policy is of a kind that only a newer release knows. */
  record UnknownPolicy(int fieldId) implements SlaDenial {
    @Override
    public String text() {
      return "the kind of the policy is not known to this scheduler: field " + fieldId;
    }
  }

  /**
   * It could not even be found out.
   *
   * @param problem what went wrong
   */
  record Failed(String problem) implements SlaDenial {
    @Override
    public String text() {
      return "its policy could not be checked: " + problem;
    }
  }

  /** Nobody said how the host is to be drained, or until when. */
  record NoRequest() implements SlaDenial {
    @Override
    public String text() {
      return "nothing is stored about how the host is to be drained";
    }
  }
}
