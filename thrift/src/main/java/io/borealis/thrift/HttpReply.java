package io.borealis.thrift;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.collect.ImmutableMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP response. Immutable as long as nobody writes into the array.
 *
 * @param status the status code
 * @param contentType type of the body; null without one
 * @param headers further headers
 * @param body empty when there is none
 * @param stream receives what to write the body to piece by piece, instead of {@code body} and
 *     never compressed; null for a whole body, and not asked when only the head is wanted
 */
@SuppressWarnings("ArrayRecordComponent") // Bodies are large; they are not copied for form's sake.
public record HttpReply(
    int status,
    @Nullable String contentType,
    ImmutableMap<String, String> headers,
    byte[] body,
    @Nullable Consumer<HttpStream> stream) {

  /** A response with a body and no further headers. */
  public static HttpReply of(int status, String contentType, byte[] body) {
    return new HttpReply(status, contentType, ImmutableMap.of(), body, null);
  }

  /** A short text. */
  public static HttpReply text(int status, String text) {
    return of(status, "text/plain; charset=utf-8", text.getBytes(UTF_8));
  }

  /** A response without a body. */
  public static HttpReply empty(int status) {
    return new HttpReply(status, null, ImmutableMap.of(), new byte[0], null);
  }

  /** A response that is written piece by piece; whoever receives the stream must not block. */
  public static HttpReply streaming(int status, String contentType, Consumer<HttpStream> stream) {
    return new HttpReply(status, contentType, ImmutableMap.of(), new byte[0], stream);
  }

  /** The same with one more header. */
  public HttpReply with(String name, String value) {
    return new HttpReply(
        status,
        contentType,
        ImmutableMap.<String, String>builder().putAll(headers).put(name, value).buildKeepingLast(),
        body,
        stream);
  }
}
