package io.borealis.agent.health;

import io.borealis.runtime.EventLoop;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CompletionStage;

/** Asks a page of the task for what is expected of it. For the loop it was made for. */
public final class HttpHealthCheck implements HealthCheck {
  private static final int LONGEST_QUOTE = 10;

  private final LocalHttp http;
  private final EventLoop loop;
  private final String url;
  private final Expected expected;
  private final Duration timeout;

  /**
   * What a healthy task answers. Immutable.
   *
   * @param response in any case and without the blanks around it; empty for any
   * @param code of HTTP; 0 for any
   */
  public record Expected(String response, int code) {
    CheckResult judge(LocalHttp.Reply.Answer answer) {
      String body = answer.body().strip().toLowerCase(Locale.ROOT);
      if (!response.isEmpty() && !response.toLowerCase(Locale.ROOT).equals(body)) {
        return CheckResult.unhealthy(
            "Response differs from expected response (expected \"%s\", got \"%s\")"
                .formatted(quote(response), quote(body)));
      }
      if (code != 0 && code != answer.code()) {
        return CheckResult.unhealthy(
            "Response code differs from expected response (expected %d, got %d)"
                .formatted(code, answer.code()));
      }
      return CheckResult.healthy();
    }

    private static String quote(String text) {
      return text.length() < LONGEST_QUOTE ? text : text.substring(0, LONGEST_QUOTE - 3) + "...";
    }
  }

  /**
   * @param port on this machine
   * @param path of the page
   */
  public HttpHealthCheck(
      LocalHttp http, EventLoop loop, int port, String path, Expected expected, Duration timeout) {
    this.http = http;
    this.loop = loop;
    this.url = LocalHttp.url(port, path);
    this.expected = expected;
    this.timeout = timeout;
  }

  @Override
  public CompletionStage<CheckResult> check() {
    return http.get(url, timeout, loop).thenApply(reply -> judge(url, expected, reply));
  }

  static CheckResult judge(String url, Expected expected, LocalHttp.Reply reply) {
    if (reply instanceof LocalHttp.Reply.Answer answer) {
      return expected.judge(answer);
    }
    String reason = ((LocalHttp.Reply.NoAnswer) reply).reason();
    return CheckResult.unhealthy("Failed to signal %s: %s".formatted(url, reason));
  }
}
