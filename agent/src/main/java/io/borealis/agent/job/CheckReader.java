package io.borealis.agent.job;

import java.util.Optional;

/** Reads how an executor looks after a task. Pure. */
final class CheckReader {
  private CheckReader() {}

  static HealthCheckConfig healthCheck(Fields config) throws InvalidTaskException {
    return new HealthCheckConfig(
        checker(config.fields("health_checker")),
        config.seconds("initial_interval_secs", true),
        config.seconds("interval_secs", false),
        config.seconds("timeout_secs", false),
        config.numberFrom("max_consecutive_failures", 0),
        config.numberFrom("min_consecutive_successes", 0));
  }

  /** A command counts more than HTTP, and without either HTTP is asked as it is by default. */
  private static HealthCheckConfig.Checker checker(Fields checker) throws InvalidTaskException {
    if (checker.has("shell")) {
      return new HealthCheckConfig.Shell(checker.fields("shell").text("shell_command"));
    }
    return http(
        checker.has("http")
            ? checker.fields("http")
            : new Fields(Schema.HTTP_HEALTH_CHECKER.empty(), checker.place().member("http")));
  }

  private static HealthCheckConfig.Http http(Fields http) throws InvalidTaskException {
    return new HealthCheckConfig.Http(
        http.text("endpoint"),
        http.text("expected_response"),
        http.number("expected_response_code"));
  }

  static Optional<HttpLifecycle> lifecycle(Fields config) throws InvalidTaskException {
    return config.ifAny(
        "http",
        http ->
            new HttpLifecycle(
                http.text("port"),
                http.text("graceful_shutdown_endpoint"),
                http.text("shutdown_endpoint"),
                http.wholeSeconds("graceful_shutdown_wait_secs"),
                http.wholeSeconds("shutdown_wait_secs")));
  }

  static Announcement announcement(Fields announce) throws InvalidTaskException {
    return new Announcement(
        announce.text("primary_port"),
        announce.map("portmap"),
        announce.textIfAny("zk_path").orElse(null));
  }
}
