package io.borealis.agent.process;

/**
 * One process as it was when {@code /proc} was read. Immutable.
 *
 * @param state the letter of the kernel, such as R, S, D, T or Z
 * @param startTicks clock ticks after the start of the machine, which with the pid names a process
 * @param startSeconds when it was created, in seconds since the epoch
 * @param uid real user id, -1 if it vanished before that could be read
 * @param userSeconds processor time in user mode, of itself only
 * @param systemSeconds processor time in the kernel, of itself only
 * @param name the short name the kernel has for it
 */
public record ProcEntry(
    int pid,
    int ppid,
    int group,
    int session,
    char state,
    int threads,
    int nice,
    long startTicks,
    double startSeconds,
    int uid,
    long residentBytes,
    long virtualBytes,
    double userSeconds,
    double systemSeconds,
    String name) {
  /** Whether it still runs or may run again: neither a zombie nor gone. */
  public boolean isAlive() {
    return state != 'Z' && state != 'X' && state != 'x';
  }
}
