package io.borealis.scheduler.cluster;

import com.google.common.collect.ImmutableList;
import io.borealis.api.ScheduledTask;
import java.time.Duration;

/**
 * What a leader can ask of a cluster. Any thread may call; no method blocks. Before {@link #start}
 * and after {@link #close} everything is ignored.
 */
public interface ClusterDriver extends AutoCloseable {
  /**
   * Begins to serve a leader.
   *
   * @param epoch of the leader; commands of an older one are refused from now on
   * @param known the tasks that State holds as assigned to an agent
   */
  void start(ClusterListener listener, long epoch, Iterable<ScheduledTask> known);

  /**
   * Uses the offer up for the tasks. Where the offer is gone, each task is answered by {@link
   * ClusterTaskState#TASK_DROPPED}.
   */
  void launch(String offerId, ImmutableList<ScheduledTask> assigned);

  /** Gives the offer back; its resources are not offered again for the duration. */
  void decline(String offerId, Duration refuse);

  /**
   * Asks for the task's end; one that is unknown is answered by {@link ClusterTaskState#TASK_LOST}.
   */
  void kill(String taskId);

  /** Confirms that the update is durable. Until then it is sent again. */
  void acknowledge(StatusUpdate update);

  /** Asks for the state of the tasks; of all tasks when empty. The answers need no confirmation. */
  void reconcile(Iterable<TaskRef> tasks);

  @Override
  void close();
}
