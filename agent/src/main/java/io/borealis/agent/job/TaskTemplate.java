package io.borealis.agent.job;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.util.Map;

/**
 * A task in which references are left to what only its runner knows. Two are equal when they say
 * the same. Immutable.
 */
public final class TaskTemplate {
  private static final Place PATH = Place.ROOT.member("task");

  private final Value.Struct task;
  private final Place place;

  TaskTemplate(Value.Struct task, Place place) {
    this.task = task;
    this.place = place;
  }

  /**
   * Reads the JSON of a task.
   *
   * @throws InvalidTaskException if it is none
   */
  public static TaskTemplate read(String json) throws InvalidTaskException {
    Value.Struct task = Loader.load(Loader.parse(json, Loader.MAX_LENGTH), Schema.TASK, PATH);
    return new TaskTemplate(Interpolator.interpolate(task, PATH, ImmutableMap.of()), PATH);
  }

  /** The task as JSON, which {@link #read} reads. */
  public String toJson() {
    return ValueJson.write(task);
  }

  /**
   * The names of the ports that its processes refer to.
   *
   * @throws InvalidTaskException if a reference to a port does not name it
   */
  public ImmutableSet<String> ports() throws InvalidTaskException {
    Value processes = task.member("processes");
    return processes == null
        ? ImmutableSet.of()
        : References.ports(processes, place.member("processes"));
  }

  /**
   * Finds out whether the task can be run once it has all ports it wants.
   *
   * @throws InvalidTaskException if it breaks a rule
   */
  public void check() throws InvalidTaskException {
    ImmutableMap.Builder<String, Integer> numbers = ImmutableMap.builder();
    int number = 1;
    for (String port : ports()) {
      numbers.put(port, number++);
    }
    RunnerTask unused = bind("task", "user", numbers.buildOrThrow());
  }

  /**
   * The task as it runs.
   *
   * @param ports the number of each name
   * @throws InvalidTaskException if it needs a port without a number or breaks another rule
   */
  public RunnerTask bind(String taskId, String user, Map<String, Integer> ports)
      throws InvalidTaskException {
    Value.Struct bound =
        Interpolator.interpolate(task, place, Bindings.ofRunner(taskId, user, ports));
    return TaskReader.read(last(bound, place));
  }

  /** An object whose references have all been replaced. */
  static Fields last(Value.Struct bound, Place place) throws InvalidTaskException {
    References.requireOnly(reference -> false, bound, place);
    return new Fields(References.unescape(bound), place);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TaskTemplate that && task.equals(that.task);
  }

  @Override
  public int hashCode() {
    return task.hashCode();
  }

  @Override
  public String toString() {
    return toJson();
  }
}
