package io.borealis.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.borealis.config.Command;
import io.borealis.config.ConfigException;
import io.borealis.config.DaemonSettings;
import io.borealis.config.Parsed;
import io.borealis.config.SettingsReader;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The locks of jobs, by way of a scheduler: {@code lock list | release ROLE/ENV/NAME [--yes]}. */
final class LockCommand {
  private static final Set<String> ACTIONS = Set.of("list", "release");
  private static final String YES = "--yes";
  private static final Duration CONNECT = Duration.ofSeconds(5);

  /** Longer than a scheduler usually needs to say that it does not know the outcome. */
  private static final Duration ANSWER = Duration.ofMinutes(1);

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String USAGE =
      """
      Usage: borealis lock ACTION [--scheduler host:port] [settings]

        list                           shows the locked jobs and what holds their locks
        release ROLE/ENV/NAME          says what a release would do, and does nothing
        release ROLE/ENV/NAME --yes    releases the lock; an active update that holds it ends in ERROR

      Exit codes: 0 done, 1 failed or not locked, 2 wrongly called, 3 not done because --yes is missing.

      """;

  private final URI scheduler;
  private final PrintStream out;
  private final PrintStream err;

  private LockCommand(URI scheduler, PrintStream out, PrintStream err) {
    this.scheduler = scheduler;
    this.out = out;
    this.err = err;
  }

  static int run(
      List<String> args, Map<String, String> environment, PrintStream out, PrintStream err) {
    List<String> settings = new ArrayList<>(args);
    String action = settings.isEmpty() ? "--help" : settings.remove(0);
    boolean asked = action.equals("--help") || action.equals("-h");
    if (asked || settings.contains("--help") || settings.contains("-h")) {
      return help(environment, out, args.isEmpty() ? Main.USAGE : Main.OK);
    } else if (!ACTIONS.contains(action)) {
      err.println("borealis lock: there is no action '" + action + "'");
      return help(environment, err, Main.USAGE);
    }
    boolean release = action.equals("release");
    boolean confirmed = release && settings.remove(YES);
    String job = release ? job(settings) : "";
    Parsed parsed = SettingsReader.read(Command.LOCK, settings, environment);
    parsed.warnings().forEach(warning -> err.println("borealis: " + warning));
    URI scheduler = URI.create("http://" + DaemonSettings.scheduler(parsed));
    LockCommand command = new LockCommand(scheduler, out, err);
    try {
      return release ? command.release(job, confirmed) : command.list();
    } catch (IOException failure) {
      return command.failed(
          "no answer from %s, or from the leader it named: %s"
              .formatted(scheduler.getAuthority(), why(failure)));
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return Main.FAILED;
    }
  }

  private static int help(Map<String, String> environment, PrintStream stream, int exit) {
    stream.print(USAGE);
    stream.print(SettingsReader.read(Command.LOCK, List.of("--help"), environment).help());
    return exit;
  }

  private static String job(List<String> settings) {
    String job = settings.isEmpty() ? "" : settings.remove(0);
    if (!job.matches("[\\w.-]+/[\\w.-]+/[\\w.-]+")) {
      throw new ConfigException(
          "release needs a job: release ROLE/ENV/NAME, but got '" + job + "'");
    }
    return job;
  }

  private int list() throws IOException, InterruptedException {
    HttpResponse<String> reply = send("GET", "/locks");
    if (reply.statusCode() != 200) {
      return failed(error(reply));
    }
    JsonNode locks = JSON.readTree(reply.body());
    if (locks.isEmpty()) {
      out.println("No job is locked.");
    }
    locks.forEach(lock -> out.println(lock.path("says").asText()));
    return Main.OK;
  }

  private int release(String job, boolean confirmed) throws IOException, InterruptedException {
    HttpResponse<String> reply = send("DELETE", "/locks/" + job + "?dryRun=" + !confirmed);
    if (reply.statusCode() != 200) {
      return failed(error(reply));
    }
    JSON.readTree(reply.body()).path("says").forEach(said -> out.println(said.asText()));
    if (confirmed) {
      out.println("Released.");
      return Main.OK;
    }
    out.println("Nothing is done yet; repeat with --yes to release the lock.");
    return Main.UNCONFIRMED;
  }

  private HttpResponse<String> send(String method, String path)
      throws IOException, InterruptedException {
    HttpClient client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT)
            .followRedirects(HttpClient.Redirect.NORMAL)
            .build();
    HttpRequest request =
        HttpRequest.newBuilder(scheduler.resolve(path))
            .timeout(ANSWER)
            .method(method, HttpRequest.BodyPublishers.noBody())
            .build();
    return client.send(request, HttpResponse.BodyHandlers.ofString());
  }

  private int failed(String why) {
    err.println("borealis lock: " + why);
    return Main.FAILED;
  }

  private static String error(HttpResponse<String> reply) {
    try {
      String error = JSON.readTree(reply.body()).path("error").asText();
      if (!error.isEmpty()) {
        return error;
      }
    } catch (JsonProcessingException notJson) {
      // Said by its status.
    }
    return reply.statusCode() == 503
        ? "no scheduler leads at the moment; try again shortly"
        : reply.uri() + " answered HTTP " + reply.statusCode();
  }

  private static String why(IOException failure) {
    return failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
  }
}
