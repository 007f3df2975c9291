/** Pages and JSON about the tasks of this machine, and the files in their sandboxes. */
@NullMarked
package io.borealis.agent.observer;

import org.jspecify.annotations.NullMarked;
