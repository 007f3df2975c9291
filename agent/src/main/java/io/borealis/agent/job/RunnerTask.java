package io.borealis.agent.job;

import com.google.common.collect.ImmutableList;
import io.borealis.agent.plan.InvalidPlanException;
import io.borealis.agent.plan.Plan;
import io.borealis.agent.plan.PlannedProcess;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A task of which everything is known: no reference is left in it, and it breaks no rule. Two are
 * equal when they say the same. Immutable.
 *
 * @param processes in order; of several with one name only the last runs
 * @param orders lists of names, of which each process waits for the one before it
 * @param resources null when the task does not say
 * @param maxFailures the number of processes at whose failure the task fails; 0 means it never does
 * @param maxConcurrency how many processes run at once; 0 means any number
 * @param finalizationWait the time the task has for its end
 */
public record RunnerTask(
    String name,
    ImmutableList<TaskProcess> processes,
    ImmutableList<ImmutableList<String>> orders,
    @Nullable TaskResources resources,
    int maxFailures,
    int maxConcurrency,
    Duration finalizationWait,
    @Nullable String user) {
  private static final Place PATH = Place.ROOT.member("task");

  /**
   * Reads what {@link #toJson} wrote; nothing in it is taken for a reference.
   *
   * @throws InvalidTaskException if it is no task, or breaks a rule
   */
  public static RunnerTask read(String json) throws InvalidTaskException {
    Value.Struct task = Loader.load(Loader.parse(json, Loader.MAX_LENGTH), Schema.TASK, PATH);
    return TaskReader.read(new Fields(task, PATH));
  }

  /**
   * The task as JSON, as it lies in the files of a checkpoint root. Equal tasks give equal text.
   */
  public String toJson() {
    return TaskJson.write(this);
  }

  /**
   * The process of that name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public TaskProcess process(String process) {
    for (TaskProcess its : processes.reverse()) {
      if (its.name().equals(process)) {
        return its;
      }
    }
    throw new IllegalArgumentException("No process of this task: " + process);
  }

  /**
   * The plan of the processes that are not final, or of those that are.
   *
   * @param runLimit as of {@link Plan#of}
   */
  public Plan plan(boolean finalProcesses, int runLimit) {
    try {
      return Plan.of(planned(finalProcesses), orders, runLimit);
    } catch (InvalidPlanException invalid) {
      // Tasks are read by those who check this.
      throw new IllegalStateException(invalid);
    }
  }

  ImmutableList<PlannedProcess> planned(boolean finalProcesses) {
    return processes.stream()
        .filter(process -> process.finalProcess() == finalProcesses)
        .map(TaskProcess::planned)
        .collect(ImmutableList.toImmutableList());
  }
}
