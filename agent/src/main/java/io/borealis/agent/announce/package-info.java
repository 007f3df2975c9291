/** Announces a task in ZooKeeper as long as it lives. */
@NullMarked
package io.borealis.agent.announce;

import org.jspecify.annotations.NullMarked;
