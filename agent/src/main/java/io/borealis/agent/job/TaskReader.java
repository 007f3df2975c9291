package io.borealis.agent.job;

import com.google.common.collect.ImmutableList;
import io.borealis.agent.plan.InvalidPlanException;
import io.borealis.agent.plan.Plan;

/** Makes a task of its configuration, and refuses one that cannot be run. Pure. */
final class TaskReader {
  private TaskReader() {}

  /**
   * The task.
   *
   * @param task without references
   * @throws InvalidTaskException if it breaks a rule
   */
  static RunnerTask read(Fields task) throws InvalidTaskException {
    ImmutableList.Builder<TaskProcess> processes = ImmutableList.builder();
    for (Fields process : task.list("processes")) {
      processes.add(process(process));
    }
    ImmutableList.Builder<ImmutableList<String>> orders = ImmutableList.builder();
    for (Fields constraint : task.list("constraints")) {
      orders.add(constraint.texts("order"));
    }
    RunnerTask read =
        new RunnerTask(
            task.text("name"),
            processes.build(),
            orders.build(),
            task.ifAny("resources", TaskReader::resources).orElse(null),
            task.number("max_failures"),
            task.number("max_concurrency"),
            task.wholeSeconds("finalization_wait"),
            task.textIfAny("user").orElse(null));
    checkPlan(read, false, task.place());
    checkPlan(read, true, task.place());
    return read;
  }

  private static void checkPlan(RunnerTask task, boolean finalProcesses, Place place)
      throws InvalidTaskException {
    try {
      Plan.of(task.planned(finalProcesses), task.orders(), Plan.UNLIMITED);
    } catch (InvalidPlanException invalid) {
      throw place.invalid(invalid.getMessage());
    }
  }

  private static TaskProcess process(Fields process) throws InvalidTaskException {
    String name = process.text("name");
    checkName(name, process.place().member("name"));
    return new TaskProcess(
        name,
        process.text("cmdline"),
        process.number("max_failures"),
        process.flag("daemon"),
        process.flag("ephemeral"),
        process.wholeSeconds("min_duration"),
        process.flag("final"),
        process.ifAny("logger", TaskReader::logger).orElse(null));
  }

  private static void checkName(String name, Place place) throws InvalidTaskException {
    if (name.isEmpty()) {
      throw place.invalid("must not be empty");
    }
    if (name.startsWith(".")) {
      throw place.invalid("must not begin with '.': " + Place.quoted(name));
    }
    if (name.contains("/")) {
      throw place.invalid("must not contain '/': " + Place.quoted(name));
    }
  }

  private static ProcessLogger logger(Fields logger) throws InvalidTaskException {
    ProcessLogger.Mode mode = TaskJson.MODES.inverse().get(logger.text("mode"));
    ProcessLogger.Destination destination =
        TaskJson.DESTINATIONS.inverse().get(logger.text("destination"));
    if (mode == null || destination == null) {
      throw new IllegalStateException("Not in the schema: " + logger);
    }
    return new ProcessLogger(
        destination,
        mode,
        logger
            .ifAny("rotate", rotate -> rotation(rotate, mode))
            .orElse(ProcessLogger.Rotation.DEFAULT));
  }

  private static ProcessLogger.Rotation rotation(Fields rotate, ProcessLogger.Mode mode)
      throws InvalidTaskException {
    long size = rotate.whole("log_size");
    int backups = rotate.number("backups");
    if (mode == ProcessLogger.Mode.ROTATE) {
      if (size < 1) {
        throw rotate.place().member("log_size").invalid("must be at least 1, not " + size);
      }
      rotate.numberFrom("backups", 1);
    }
    return new ProcessLogger.Rotation(size, backups);
  }

  private static TaskResources resources(Fields resources) throws InvalidTaskException {
    return new TaskResources(
        resources.real("cpu"),
        resources.whole("ram"),
        resources.whole("disk"),
        resources.number("gpu"));
  }
}
