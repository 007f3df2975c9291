/**
 * The pages for people and monitors: health and metrics. Every page answers from memory, on any
 * thread, without waiting for ZooKeeper or the writer.
 */
@NullMarked
package io.borealis.scheduler.http;

import org.jspecify.annotations.NullMarked;
