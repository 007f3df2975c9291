/**
 * The calls of the API: what each checks, in which order, with which answer. Calls run on request
 * threads, read one durable State and take no locks; changes are handed to the writer.
 */
@NullMarked
package io.borealis.scheduler.rpc;

import org.jspecify.annotations.NullMarked;
