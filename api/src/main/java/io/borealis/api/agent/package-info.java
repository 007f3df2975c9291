/**
 * How an agent and the leading scheduler speak, generated from {@code agent.thrift}. All types are
 * immutable.
 */
@NullMarked
package io.borealis.api.agent;

import org.jspecify.annotations.NullMarked;
