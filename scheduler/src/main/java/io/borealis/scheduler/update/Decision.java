package io.borealis.scheduler.update;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableListMultimap;
import com.google.common.collect.ImmutableMap;
import io.borealis.api.JobInstanceUpdateEvent;
import io.borealis.api.JobUpdateStatus;
import io.borealis.api.TaskConfig;
import io.borealis.api.storage.InstanceProgress;
import io.borealis.api.storage.UpdateProgress;
import org.jspecify.annotations.Nullable;

/**
 * What an evaluation of an update found, to be stored, and what is to be done then. Immutable.
 *
 * @param events what happened to instances, in this order
 * @param instances the progress of those that moved
 * @param progress how far the update is
 */
record Decision(
    ImmutableList<JobInstanceUpdateEvent> events,
    ImmutableList<InstanceProgress> instances,
    UpdateProgress progress,
    Verdict verdict) {

  /** A task that shall go. */
  record Kill(String taskId, int instance) {}

  /** What becomes of the update. */
  sealed interface Verdict {
    /**
     * It goes on.
     *
     * @param adds instances that get a task, by configuration
     * @param kills tasks that shall go
     * @param watches until when instances must stay well, in milliseconds since the epoch
     */
    record GoOn(
        ImmutableListMultimap<TaskConfig, Integer> adds,
        ImmutableList<Kill> kills,
        ImmutableMap<Integer, Long> watches)
        implements Verdict {}

    /** It waits until somebody says that the next group may begin. */
    record Pause() implements Verdict {}

    /** It has come to the end of its way, or turns around. */
    record MoveTo(JobUpdateStatus status, @Nullable String message) implements Verdict {}
  }
}
