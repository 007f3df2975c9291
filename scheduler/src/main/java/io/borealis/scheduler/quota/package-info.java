/**
 * What the tasks of a role use, and whether its quota allows more. Pure functions of a State, at a
 * cost that grows with the role, not with the cluster. Who refuses a request says so in its own
 * words.
 */
@NullMarked
package io.borealis.scheduler.quota;

import org.jspecify.annotations.NullMarked;
