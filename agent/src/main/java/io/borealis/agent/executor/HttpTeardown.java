package io.borealis.agent.executor;

import com.google.common.collect.ImmutableList;
import io.borealis.agent.executor.Workplaces.Teardown;
import io.borealis.agent.health.LocalHttp;
import io.borealis.runtime.EventLoop;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Asks a task over HTTP to end, first gently. Whoever does not answer is not waited for; whoever
 * does, with whatever code, gets the time the job gives. Confined to the loop of the task.
 */
final class HttpTeardown {
  private final EventLoop loop;
  private final Post http;
  private final Duration answer;
  private final ImmutableList<Request> requests;
  private final Runnable done;

  private int next;
  private boolean over;
  private EventLoop.@Nullable Timer wait;

  /** Sends nothing somewhere, as {@link LocalHttp#post} does. */
  @FunctionalInterface
  interface Post {
    CompletionStage<LocalHttp.Reply> post(String url, Duration timeout, EventLoop loop);
  }

  /**
   * One request.
   *
   * @param patience with a task that has answered
   */
  private record Request(String url, Duration patience) {}

  /**
   * @param answer how long a task may take to answer a request
   * @param done told once, when nothing more is to be hoped for from asking, unless {@link #stop}
   *     was called before
   */
  HttpTeardown(EventLoop loop, Post http, Duration answer, Teardown teardown, Runnable done) {
    this.loop = loop;
    this.http = http;
    this.answer = answer;
    this.requests =
        ImmutableList.of(
            new Request(
                LocalHttp.url(teardown.port(), teardown.lifecycle().gracefulEndpoint()),
                teardown.lifecycle().gracefulWait()),
            new Request(
                LocalHttp.url(teardown.port(), teardown.lifecycle().shutdownEndpoint()),
                teardown.lifecycle().shutdownWait()));
    this.done = done;
  }

  /** Sends the first request. */
  void start() {
    ask();
  }

  /** Nothing more is asked: the task has ended, or its time is over. */
  void stop() {
    over = true;
    if (wait != null) {
      wait.cancel();
    }
  }

  private void ask() {
    if (over) {
      return;
    }
    if (next == requests.size()) {
      over = true;
      done.run();
      return;
    }
    Request request = requests.get(next++);
    var unused =
        http.post(request.url(), answer, loop)
            .thenAcceptAsync(reply -> answered(request, reply), loop);
  }

  private void answered(Request request, LocalHttp.Reply reply) {
    if (over) {
      return;
    }
    if (reply instanceof LocalHttp.Reply.Answer) {
      wait = loop.schedule(request.patience(), this::ask);
    } else {
      ask();
    }
  }
}
