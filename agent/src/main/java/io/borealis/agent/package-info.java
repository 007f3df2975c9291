/**
 * The agent: one process that runs the tasks of one machine. This package puts the parts together
 * and knows where they keep their files.
 */
@NullMarked
package io.borealis.agent;

import org.jspecify.annotations.NullMarked;
