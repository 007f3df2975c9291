/** The {@code borealis} command. One class for each command; each runs on the main thread. */
@NullMarked
package io.borealis.cli;

import org.jspecify.annotations.NullMarked;
