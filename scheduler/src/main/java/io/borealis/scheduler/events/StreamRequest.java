package io.borealis.scheduler.events;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.base.Splitter;
import io.borealis.api.JobKey;
import io.borealis.api.JobUpdateKey;
import io.borealis.scheduler.store.JobPath;
import io.borealis.thrift.HttpCall;
import java.net.URLDecoder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a client asks for.
 *
 * @param position what it has seen already
 */
record StreamRequest(JobUpdateKey key, Position position) {
  private static final String HEADER = "Last-Event-ID";
  private static final String PARAMETER = "lastEventId";
  private static final String UPDATES = "/events/updates/";

  /** It cannot be understood; the message says what was expected. */
  static final class UnfitException extends Exception {
    private static final long serialVersionUID = 1;
    private final int status;

    private UnfitException(int status, String message) {
      super(message);
      this.status = status;
    }

    /** The status code of the answer. */
    int status() {
      return status;
    }
  }

  static StreamRequest of(HttpCall call) throws UnfitException {
    return new StreamRequest(key(call.path()), position(call));
  }

  /** An update as its path names it. */
  static String nameOf(JobUpdateKey key) {
    return JobPath.of(key.job()) + "/" + key.id();
  }

  private static JobUpdateKey key(String path) throws UnfitException {
    List<String> parts =
        path.startsWith(UPDATES)
            ? Splitter.on('/').splitToList(path.substring(UPDATES.length()))
            : List.of();
    if (parts.size() != 4 || parts.contains("")) {
      throw new UnfitException(
          404, "Not found; events are at " + UPDATES + "<role>/<environment>/<job>/<update id>");
    }
    return new JobUpdateKey(
        new JobKey(decoded(parts.get(0)), decoded(parts.get(1)), decoded(parts.get(2))),
        decoded(parts.get(3)));
  }

  /** In a path, unlike in a query, a plus is a plus. */
  private static String decoded(String part) throws UnfitException {
    try {
      return URLDecoder.decode(part.replace("+", "%2B"), UTF_8);
    } catch (IllegalArgumentException malformed) {
      throw new UnfitException(400, "The path is not percent-encoded as it should be: " + part);
    }
  }

  /** A header that a browser adds when it comes back is newer than the address it was given. */
  private static Position position(HttpCall call) throws UnfitException {
    String header = call.header(HEADER);
    if (header != null && !header.isBlank()) {
      return position(HEADER, header.trim());
    }
    String parameter = parameter(call.query());
    return parameter == null || parameter.isEmpty()
        ? Position.START
        : position(PARAMETER, parameter);
  }

  private static Position position(String name, String id) throws UnfitException {
    return Position.parse(id)
        .orElseThrow(
            () ->
                new UnfitException(
                    400,
                    name
                        + ": '"
                        + id
                        + "' must be <update events>.<instance events> seen so far, such as 2.15"));
  }

  private static @Nullable String parameter(String query) {
    for (String pair : Splitter.on('&').split(query)) {
      if (pair.startsWith(PARAMETER + "=")) {
        return pair.substring(PARAMETER.length() + 1);
      }
    }
    return null;
  }
}
