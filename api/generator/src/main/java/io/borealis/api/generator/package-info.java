/**
 * Turns Thrift IDL into Java: {@link io.borealis.api.generator.IdlParser} reads a file into a
 * {@link io.borealis.api.generator.Idl}, {@link io.borealis.api.generator.JavaEmitter} writes
 * records, unions, enums, constants and services. Runs at build time, on one thread.
 */
@NullMarked
package io.borealis.api.generator;

import org.jspecify.annotations.NullMarked;
