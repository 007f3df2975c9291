package io.borealis.agent.job;

import io.borealis.api.JobConfiguration;
import io.borealis.api.JobUpdateSettings;

/**
 * A job as a scheduler takes it. Immutable.
 *
 * @param cluster whose scheduler the job is meant for
 * @param updateSettings how the job is to be updated if it is
 */
public record ConvertedJob(
    String cluster, JobConfiguration configuration, JobUpdateSettings updateSettings) {}
