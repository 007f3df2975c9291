package io.borealis.scheduler.task;

import io.borealis.api.JobKey;
import io.borealis.api.TaskConfig;
import java.util.UUID;
import java.util.function.Supplier;

/** Makes the ids of tasks (task rules, section 1.2). As thread-safe as its source. */
final class TaskIds {
  private final Supplier<UUID> source;

  TaskIds(Supplier<UUID> source) {
    this.source = source;
  }

  /** A new id: role, environment, name, instance and a random part. */
  String next(TaskConfig config, int instance) {
    JobKey job = config.job();
    if (job == null) {
      throw new IllegalArgumentException("A task configuration has no job");
    }
    String id =
        job.role()
            + "-"
            + job.environment()
            + "-"
            + job.name()
            + "-"
            + instance
            + "-"
            + source.get();
    return sanitised(id);
  }

  private static String sanitised(String id) {
    StringBuilder clean = new StringBuilder(id.length());
    for (int i = 0; i < id.length(); i++) {
      char c = id.charAt(i);
      boolean fine =
          (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || c == '_'
              || c == '-';
      clean.append(fine ? c : '-');
    }
    return clean.toString();
  }
}
