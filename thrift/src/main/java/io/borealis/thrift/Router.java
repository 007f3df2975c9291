package io.borealis.thrift;

import static java.util.concurrent.CompletableFuture.completedFuture;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.util.Comparator;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/** Picks a handler by path: an exact match first, then the longest prefix. Immutable. */
public final class Router implements HttpHandler {
  private static final ImmutableSet<String> READING = ImmutableSet.of("GET", "HEAD");

  private final ImmutableMap<String, HttpHandler> exact;
  private final ImmutableMap<String, HttpHandler> prefixes;
  private final HttpHandler fallback;

  private Router(Builder builder) {
    exact = builder.exact.buildOrThrow();
    prefixes =
        ImmutableMap.copyOf(
            builder.prefixes.buildOrThrow().entrySet().stream()
                .sorted(
                    Comparator.<Map.Entry<String, HttpHandler>>comparingInt(
                            entry -> entry.getKey().length())
                        .reversed())
                .toList());
    fallback = builder.fallback;
  }

  /** No routes yet; what is not found is answered 404. */
  public static Builder builder() {
    return new Builder();
  }

  @Override
  public CompletionStage<HttpReply> handle(HttpCall call) {
    return find(call.path()).handle(call);
  }

  private HttpHandler find(String path) {
    HttpHandler handler = exact.get(path);
    if (handler != null) {
      return handler;
    }
    for (Map.Entry<String, HttpHandler> entry : prefixes.entrySet()) {
      if (isBelow(path, entry.getKey())) {
        return entry.getValue();
      }
    }
    return fallback;
  }

  /** A prefix ends at a slash: {@code /apibetamax} is not below {@code /apibeta}. */
  private static boolean isBelow(String path, String prefix) {
    return path.startsWith(prefix)
        && (path.length() == prefix.length()
            || prefix.endsWith("/")
            || path.charAt(prefix.length()) == '/');
  }

  /** Collects routes. For one thread. */
  public static final class Builder {
    private final ImmutableMap.Builder<String, HttpHandler> exact = ImmutableMap.builder();
    private final ImmutableMap.Builder<String, HttpHandler> prefixes = ImmutableMap.builder();
    private HttpHandler fallback = call -> completedFuture(HttpReply.text(404, "Not found"));

    private Builder() {}

    /** Routes this very path. */
    public Builder exact(String path, HttpHandler handler) {
      exact.put(path, handler);
      return this;
    }

    /** Routes this very path for those who only look; other verbs are refused. */
    public Builder page(String path, HttpHandler handler) {
      return exact(
          path,
          call ->
              READING.contains(call.method())
                  ? handler.handle(call)
                  : completedFuture(
                      HttpReply.text(405, "Method not allowed: " + call.method())
                          .with("Allow", String.join(", ", READING))));
    }

    /** Routes this path and all below it. */
    public Builder prefix(String path, HttpHandler handler) {
      prefixes.put(path, handler);
      return this;
    }

    /** Takes what no route matches. */
    public Builder fallback(HttpHandler handler) {
      fallback = handler;
      return this;
    }

    /** The finished router. */
    public Router build() {
      return new Router(this);
    }
  }
}
