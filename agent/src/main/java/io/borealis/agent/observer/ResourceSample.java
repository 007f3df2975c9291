package io.borealis.agent.observer;

/**
 * What a task or a process uses. Immutable.
 *
 * @param cores processors, on average over the last moments
 * @param userSeconds processor time so far, in user mode
 * @param systemSeconds the same, in the kernel
 * @param residentBytes memory in use
 * @param virtualBytes address space
 * @param diskBytes size of the sandbox; 0 for a process
 */
public record ResourceSample(
    double cores,
    double userSeconds,
    double systemSeconds,
    long residentBytes,
    long virtualBytes,
    int threads,
    long diskBytes) {
  /** Nothing is used, or nothing is known. */
  public static final ResourceSample NONE = new ResourceSample(0, 0, 0, 0, 0, 0, 0);
}
