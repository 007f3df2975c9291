package io.borealis.scheduler.preemption;

import io.borealis.api.TaskConfig;
import io.borealis.scheduler.scheduling.HostView;
import io.borealis.scheduler.scheduling.Prospects;

/**
 * Room that is being made on an agent. Immutable.
 *
 * @param config of the group it is for
 * @param taskId of the task for which others were told to leave
 * @param host of the agent
 */
public record Claim(TaskConfig config, String taskId, String host) {
  /** Counts the task as if it were there, for limits. */
  void expectIn(Prospects prospects) {
    Prospects.Prospect prospect = prospects.of(config);
    HostView view = prospect.isLimited() ? prospects.host(host, null) : null;
    if (view != null) {
      prospect.place(view, 0);
    }
  }
}
