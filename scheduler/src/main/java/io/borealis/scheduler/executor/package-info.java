/** The executors that run tasks, and what each costs beside its task. Immutable values. */
@NullMarked
package io.borealis.scheduler.executor;

import org.jspecify.annotations.NullMarked;
