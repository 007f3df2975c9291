/**
 * The services of the API: one interface each, generated, with a table of its methods for dispatch.
 * The caller's circumstances travel as a {@link io.borealis.api.rpc.CallContext}.
 */
@NullMarked
package io.borealis.api.rpc;

import org.jspecify.annotations.NullMarked;
