package io.borealis.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.borealis.cli.RealTasks.Shell;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Looks several times a second at the commands that run on this machine, and remembers what it saw.
 * Its own thread looks; any thread may ask.
 */
final class TaskWatch implements AutoCloseable {
  private final List<RealTasks> jobs = new CopyOnWriteArrayList<>();
  private final Map<String, TreeSet<Long>> pids = new LinkedHashMap<>();
  private final List<Pair> twice = new ArrayList<>();
  private final Set<String> excused = new HashSet<>();
  private final Thread thread = new Thread(this::run, "watch of tasks");
  private volatile boolean closed;

  TaskWatch() {
    thread.setDaemon(true);
    thread.start();
  }

  /** Watches one more job. */
  void add(RealTasks job) {
    jobs.add(job);
  }

  private void run() {
    while (!closed) {
      List<LiveProcess> all = LiveProcess.all();
      for (RealTasks job : jobs) {
        look(job, all);
      }
      Await.pause(Duration.ofMillis(100));
    }
  }

  private void look(RealTasks job, List<LiveProcess> all) {
    Map<Integer, Shell> seen = new LinkedHashMap<>();
    for (LiveProcess process : all) {
      job.shell(process).ifPresent(shell -> look(job, seen, shell));
    }
  }

  private synchronized void look(RealTasks job, Map<Integer, Shell> seen, Shell shell) {
    pids.computeIfAbsent(shell.taskId(), id -> new TreeSet<>()).add(shell.pid());
    Shell other = seen.put(shell.instance(), shell);
    // The one may have ended, and the other begun, while the list was made.
    if (other != null && lives(other) && lives(shell)) {
      twice.add(new Pair(job.toString(), other, shell));
    }
  }

  private record Pair(String job, Shell one, Shell other) {}

  private static boolean lives(Shell shell) {
    return LiveProcess.of(shell.pid()).isPresent();
  }

  /** The commands that were seen of a task. */
  synchronized Set<Long> pids(String taskId) {
    return new TreeSet<>(pids.getOrDefault(taskId, new TreeSet<>()));
  }

  /** A task may run beside its successor: nobody can reach it. */
  synchronized void excuse(Collection<String> taskIds) {
    excused.addAll(taskIds);
  }

  /** No instance ever ran twice at a time, but for tasks that are excused. */
  synchronized void assertNeverTwice() {
    assertThat(twice)
        .as("two commands of an instance at a time")
        .allMatch(
            pair ->
                !pair.one().taskId().equals(pair.other().taskId())
                    && (excused.contains(pair.one().taskId())
                        || excused.contains(pair.other().taskId())));
  }

  /** Each task was one command from its begin to its end. */
  synchronized void assertNothingStartedAgain() {
    assertThat(pids).isNotEmpty();
    assertThat(pids)
        .allSatisfy((taskId, of) -> assertThat(of).as("commands of " + taskId).hasSize(1));
  }

  @Override
  public void close() {
    closed = true;
    try {
      thread.join();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
