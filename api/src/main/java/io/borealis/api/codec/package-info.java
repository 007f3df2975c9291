/**
 * What generated types share: descriptions of themselves ({@link io.borealis.api.codec.StructType})
 * and the rules of reading and writing ({@link io.borealis.api.codec.Wire}): unknown fields are
 * skipped, wrong types are refused, sizes and depth are bounded. Thread-safe; a protocol belongs to
 * one thread.
 */
@NullMarked
package io.borealis.api.codec;

import org.jspecify.annotations.NullMarked;
