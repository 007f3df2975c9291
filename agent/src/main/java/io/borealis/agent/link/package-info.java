/** The line to the leading scheduler: finds it, registers, polls for commands and reports. */
@NullMarked
package io.borealis.agent.link;

import org.jspecify.annotations.NullMarked;
