package io.borealis.scheduler.journal;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.borealis.api.InstanceTaskConfig;
import io.borealis.api.JobUpdate;
import io.borealis.api.JobUpdateInstructions;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.api.storage.DeduplicatedScheduledTask;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.RestoreState;
import io.borealis.api.storage.RestoreStateCompact;
import io.borealis.api.storage.SaveJobUpdate;
import io.borealis.api.storage.SaveJobUpdateCompact;
import io.borealis.api.storage.SaveTasks;
import io.borealis.api.storage.SaveTasksCompact;
import io.borealis.api.storage.Snapshot;
import io.borealis.api.storage.StoredJobUpdateDetails;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Values whose task configurations are replaced by their numbers in a table, and back. Stateless.
 */
final class CompactForms {
  private CompactForms() {}

  static Op compact(Op op, EntryCodecTable table) {
    if (op instanceof Op.SaveTasks save) {
      List<DeduplicatedScheduledTask> tasks = new ArrayList<>(save.value().tasks().size());
      for (ScheduledTask task : save.value().tasks()) {
        tasks.add(compact(task, table));
      }
      return new Op.SaveTasksCompact(SaveTasksCompact.builder().tasks(tasks).build());
    } else if (op instanceof Op.SaveJobUpdate save) {
      return new Op.SaveJobUpdateCompact(compact(save.value().jobUpdate(), table));
    } else if (op instanceof Op.RestoreState restore) {
      return new Op.RestoreStateCompact(compact(restore.value().snapshot(), table));
    }
    return op;
  }

  static Op expand(Op op, List<TaskConfig> configs) throws CorruptJournalException {
    if (op instanceof Op.SaveTasksCompact save) {
      ImmutableSet.Builder<ScheduledTask> tasks = ImmutableSet.builder();
      for (DeduplicatedScheduledTask task : save.value().tasks()) {
        tasks.add(expand(task, configs));
      }
      return new Op.SaveTasks(new SaveTasks(tasks.build()));
    } else if (op instanceof Op.SaveJobUpdateCompact save) {
      return new Op.SaveJobUpdate(new SaveJobUpdate(expand(save.value(), configs)));
    } else if (op instanceof Op.RestoreStateCompact restore) {
      return new Op.RestoreState(new RestoreState(expand(restore.value(), configs)));
    } else if (op instanceof Op.Unknown unknown) {
      throw new CorruptJournalException(
          "It holds an operation with id %d, which this release does not know"
              .formatted(unknown.fieldId()));
    }
    return op;
  }

  static DeduplicatedScheduledTask compact(ScheduledTask task, EntryCodecTable table) {
    return DeduplicatedScheduledTask.builder()
        .partialScheduledTask(
            task.toBuilder()
                .assignedTask(task.assignedTask().toBuilder().task(null).build())
                .build())
        .taskConfigId(table.idOf(task.assignedTask().task()))
        .build();
  }

  static ScheduledTask expand(DeduplicatedScheduledTask task, List<TaskConfig> configs)
      throws CorruptJournalException {
    ScheduledTask partial = task.partialScheduledTask();
    if (partial == null || partial.assignedTask() == null) {
      throw new CorruptJournalException("A task is empty");
    }
    return partial.toBuilder()
        .assignedTask(
            partial.assignedTask().toBuilder().task(config(configs, task.taskConfigId())).build())
        .build();
  }

  static SaveJobUpdateCompact compact(JobUpdate update, EntryCodecTable table) {
    JobUpdateInstructions instructions = update.instructions();
    ImmutableList.Builder<Integer> initial = ImmutableList.builder();
    ImmutableSet.Builder<InstanceTaskConfig> ranges = ImmutableSet.builder();
    for (InstanceTaskConfig group : instructions.initialState()) {
      initial.add(table.idOf(group.task()));
      ranges.add(group.toBuilder().task(null).build());
    }
    InstanceTaskConfig desired = instructions.desiredState();
    JobUpdateInstructions compact =
        instructions.toBuilder()
            .initialState(ranges.build())
            .desiredState(desired == null ? null : desired.toBuilder().task(null).build())
            .build();
    return SaveJobUpdateCompact.builder()
        .update(update.toBuilder().instructions(compact).build())
        .initialConfigIds(initial.build())
        .desiredConfigId(desired == null ? -1 : table.idOf(desired.task()))
        .build();
  }

  static JobUpdate expand(SaveJobUpdateCompact save, List<TaskConfig> configs)
      throws CorruptJournalException {
    JobUpdate update = save.update();
    if (update == null || update.instructions() == null) {
      throw new CorruptJournalException("An update is empty");
    }
    JobUpdateInstructions instructions = update.instructions();
    if (instructions.initialState().size() != save.initialConfigIds().size()) {
      throw new CorruptJournalException("The groups of an update and their configurations differ");
    }
    ImmutableSet.Builder<InstanceTaskConfig> initial = ImmutableSet.builder();
    int next = 0;
    for (InstanceTaskConfig group : instructions.initialState()) {
      TaskConfig config = config(configs, save.initialConfigIds().get(next++));
      initial.add(group.toBuilder().task(config).build());
    }
    InstanceTaskConfig desired = instructions.desiredState();
    return update.toBuilder()
        .instructions(
            instructions.toBuilder()
                .initialState(initial.build())
                .desiredState(
                    desired == null
                        ? null
                        : desired.toBuilder().task(config(configs, save.desiredConfigId())).build())
                .build())
        .build();
  }

  static RestoreStateCompact compact(Snapshot snapshot, EntryCodecTable table) {
    List<DeduplicatedScheduledTask> tasks = new ArrayList<>(snapshot.tasks().size());
    for (ScheduledTask task : snapshot.tasks()) {
      tasks.add(compact(task, table));
    }
    List<SaveJobUpdateCompact> updates = new ArrayList<>();
    ImmutableSet.Builder<StoredJobUpdateDetails> details = ImmutableSet.builder();
    for (StoredJobUpdateDetails stored : snapshot.jobUpdateDetails()) {
      JobUpdate update = stored.details().update();
      updates.add(compact(update, table));
      // The summary stays, which keeps the members of the set apart.
      JobUpdate summaryOnly = update.toBuilder().instructions(null).build();
      details.add(
          new StoredJobUpdateDetails(stored.details().toBuilder().update(summaryOnly).build()));
    }
    return RestoreStateCompact.builder()
        .partialSnapshot(
            snapshot.toBuilder().tasks(ImmutableSet.of()).jobUpdateDetails(details.build()).build())
        .partialTasks(tasks)
        .partialUpdates(updates)
        .build();
  }

  static Snapshot expand(RestoreStateCompact compact, List<TaskConfig> configs)
      throws CorruptJournalException {
    Snapshot partial = compact.partialSnapshot();
    if (partial == null) {
      throw new CorruptJournalException("The snapshot is empty");
    }
    ImmutableSet.Builder<ScheduledTask> tasks =
        ImmutableSet.builderWithExpectedSize(compact.partialTasks().size());
    for (DeduplicatedScheduledTask task : compact.partialTasks()) {
      tasks.add(expand(task, configs));
    }
    if (compact.partialUpdates().size() != partial.jobUpdateDetails().size()) {
      throw new CorruptJournalException("The snapshot has updates without details or the reverse");
    }
    ImmutableSet.Builder<StoredJobUpdateDetails> details = ImmutableSet.builder();
    int next = 0;
    for (StoredJobUpdateDetails stored : partial.jobUpdateDetails()) {
      JobUpdate update = expand(compact.partialUpdates().get(next++), configs);
      details.add(new StoredJobUpdateDetails(stored.details().toBuilder().update(update).build()));
    }
    return partial.toBuilder().tasks(tasks.build()).jobUpdateDetails(details.build()).build();
  }

  private static @Nullable TaskConfig config(List<TaskConfig> configs, int id)
      throws CorruptJournalException {
    if (id < -1 || id >= configs.size()) {
      throw new CorruptJournalException("There is no task configuration number " + id);
    }
    return id == -1 ? null : configs.get(id);
  }
}
