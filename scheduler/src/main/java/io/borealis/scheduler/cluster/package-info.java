/**
 * The seam to whatever runs tasks, in the vocabulary of Mesos, and a cluster that only simulates.
 */
@NullMarked
package io.borealis.scheduler.cluster;

import org.jspecify.annotations.NullMarked;
