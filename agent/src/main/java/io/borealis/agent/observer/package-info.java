/**
 * Pages and JSON about the tasks of this machine, and the files in their sandboxes. Reads what
 * runners wrote and nothing else; whatever waits for the disk does so on an executor of its own.
 */
@NullMarked
package io.borealis.agent.observer;

import org.jspecify.annotations.NullMarked;
