/**
 * What a runner writes down of its task, generated from {@code thermos.thrift}. All types are
 * immutable.
 */
@NullMarked
package io.borealis.api.thermos;

import org.jspecify.annotations.NullMarked;
