/**
 * Programs that measure what Borealis promises, each figure as a ratio or a time in one run on one
 * machine. Each program is a class that runs on the main thread; none judges by failing.
 */
@NullMarked
package io.borealis.bench;

import org.jspecify.annotations.NullMarked;
