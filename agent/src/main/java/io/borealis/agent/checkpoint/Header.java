package io.borealis.agent.checkpoint;

import com.google.common.collect.ImmutableMap;
import org.jspecify.annotations.Nullable;

/**
 * What stays the same as long as a task lives. Null stands for a field that is not there, which is
 * not the same as zero. Immutable.
 *
 * @param taskId the task
 * @param launchTimeMs when its first runner began, in ms since the epoch
 * @param sandbox the directory its processes run in
 * @param hostname the machine
 * @param user the account its processes run as
 * @param ports the number of each named port; not checked
 * @param logDir where the output of the processes lies; old streams lack it
 * @param uid the number of the account; absent where that is not known
 */
public record Header(
    @Nullable String taskId,
    @Nullable Long launchTimeMs,
    @Nullable String sandbox,
    @Nullable String hostname,
    @Nullable String user,
    @Nullable ImmutableMap<String, Long> ports,
    @Nullable String logDir,
    @Nullable Integer uid) {}
