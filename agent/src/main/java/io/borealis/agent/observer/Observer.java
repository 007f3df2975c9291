package io.borealis.agent.observer;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableSet;
import io.borealis.runtime.Clock;
import io.borealis.thrift.HttpCall;
import io.borealis.thrift.HttpHandler;
import io.borealis.thrift.HttpReply;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers all requests for the pages of an agent. Thread-safe. Nothing of it has to be started or
 * stopped.
 */
public final class Observer implements HttpHandler {
  private static final Logger log = LoggerFactory.getLogger(Observer.class);
  private static final ImmutableSet<String> READING = ImmutableSet.of("GET", "HEAD");
  private static final HttpReply NOT_FOUND = HttpReply.text(404, "Not found");

  private final Executor disk;
  private final Vitals vitals;
  private final TaskAnswers tasks;
  private final TaskPages pages;
  private final FileAnswers files;

  /**
   * An observer of what lies below a work directory.
   *
   * @param workDir the folder in which {@code slaves} is, which need not exist yet
   * @param disk a few threads that may wait for the disk, best of its own: files of tasks may be
   *     slow to open
   * @param about asked for every page; answers at once
   */
  public Observer(
      Path workDir,
      Clock clock,
      Executor disk,
      ResourceSamples samples,
      PrometheusMeterRegistry meters,
      Supplier<About> about) {
    this.disk = disk;
    this.vitals = new Vitals(meters, clock);
    TaskIndex index = new TaskIndex(workDir, clock);
    this.tasks = new TaskAnswers(index, samples);
    this.pages = new TaskPages(index, samples, about);
    this.files = new FileAnswers(index, new SandboxFiles(workDir), new FileReplies(disk));
  }

  @Override
  public CompletionStage<HttpReply> handle(HttpCall call) {
    if (!READING.contains(call.method())) {
      return CompletableFuture.completedFuture(
          HttpReply.text(405, "Method not allowed: " + call.method())
              .with("Allow", String.join(", ", READING)));
    }
    Ask ask;
    try {
      ask = Ask.of(call);
    } catch (IllegalArgumentException e) {
      return CompletableFuture.completedFuture(
          HttpReply.text(400, "The path is not percent-encoded as it should be"));
    }
    @Nullable HttpReply vital = vital(ask);
    return vital != null
        ? CompletableFuture.completedFuture(vital)
        : CompletableFuture.supplyAsync(() -> answer(ask), disk);
  }

  private @Nullable HttpReply vital(Ask ask) {
    return switch (ask.word()) {
      case "health" -> ask.parts().isEmpty() ? vitals.health() : NOT_FOUND;
      case "vars" -> ask.parts().size() <= 1 ? vitals.vars(ask.part(0)) : NOT_FOUND;
      case "vars.json" -> ask.parts().isEmpty() ? vitals.varsJson() : NOT_FOUND;
      case "metrics" -> ask.parts().isEmpty() ? vitals.metrics() : NOT_FOUND;
      default -> null;
    };
  }

  private HttpReply answer(Ask ask) {
    try {
      return switch (ask.word()) {
        case "j" -> json(tasks.answer(ask));
        case "logdata", "filedata" -> json(files.data(ask));
        case "logfile", "download" -> orNotFound(files.whole(ask));
        case "logs", "file", "browse" -> html(files.page(ask));
        case "", "main", "task", "rawtask", "process" -> html(pages.page(ask));
        default -> NOT_FOUND;
      };
    } catch (IOException e) {
      log.warn("{} cannot be served", ask.call().path(), e);
      return HttpReply.text(500, "The file cannot be read");
    }
  }

  private static HttpReply orNotFound(@Nullable HttpReply reply) {
    return reply == null ? NOT_FOUND : reply;
  }

  private static HttpReply json(@Nullable JsonNode json) {
    return json == null
        ? HttpReply.of(404, "application/json", "{}".getBytes(UTF_8))
        : HttpReply.of(200, "application/json", json.toString().getBytes(UTF_8));
  }

  /** Pages have no scripts, and none that a task wrote into a name may run. */
  private static HttpReply html(@Nullable String page) {
    return page == null
        ? NOT_FOUND
        : HttpReply.of(200, "text/html; charset=utf-8", page.getBytes(UTF_8))
            .with("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
            .with("X-Content-Type-Options", "nosniff");
  }
}
