package io.borealis.api.rpc;

/**
 * The circumstances of one call. Immutable.
 *
 * @param requestId identifies the call in logs
 * @param user who calls, as far as that is known; {@code UNSECURE} without authentication
 * @param remoteAddress where the call came from
 * @param deadlineNanos when the caller must have an answer, on the monotonic clock
 */
public record CallContext(
    String requestId, String user, String remoteAddress, long deadlineNanos) {}
