package io.borealis.agent.process;

/**
 * What a set of processes uses. Immutable.
 *
 * @param cores processors used on average since the sample before, 0 at the first
 * @param userSeconds processor time of those that live, in user mode
 * @param systemSeconds the same, in the kernel
 */
public record Usage(
    double cores,
    long residentBytes,
    long virtualBytes,
    double userSeconds,
    double systemSeconds,
    int threads,
    int processes) {
  /** Nothing. */
  public static final Usage NONE = new Usage(0, 0, 0, 0, 0, 0, 0);
}
