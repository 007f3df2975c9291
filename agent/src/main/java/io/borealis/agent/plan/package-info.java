/** Which process of a task may run now, and when a task is done. Pure. */
@NullMarked
package io.borealis.agent.plan;

import org.jspecify.annotations.NullMarked;
