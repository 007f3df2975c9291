package io.borealis.thrift;

import com.google.common.collect.ImmutableMap;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP request with its whole body, already inflated. Immutable as long as nobody writes into
 * the array.
 *
 * @param method as sent, say {@code POST}
 * @param path the path as sent, still percent-encoded, without the query
 * @param query what follows the question mark; empty without one
 * @param headers by name in lower case; several of one name are joined with commas
 * @param body empty when there is none
 * @param remoteAddress address of the peer
 */
@SuppressWarnings("ArrayRecordComponent") // Bodies are large; they are not copied for form's sake.
public record HttpCall(
    String method,
    String path,
    String query,
    ImmutableMap<String, String> headers,
    byte[] body,
    String remoteAddress) {

  /** A header by its name in any case; null if it was not sent. */
  public @Nullable String header(String name) {
    return headers.get(name.toLowerCase(Locale.ROOT));
  }
}
