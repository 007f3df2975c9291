package io.borealis.scheduler.sla;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import com.google.common.base.Throwables;
import com.google.common.collect.LinkedHashMultimap;
import com.google.common.collect.SetMultimap;
import io.borealis.api.CoordinatorSlaPolicy;
import io.borealis.api.JobKey;
import io.borealis.api.ScheduledTask;
import io.borealis.runtime.EventLoop;
import io.borealis.thrift.SimpleJson;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks coordinators whether tasks may be taken down (update rules, section 7.5): one question at a
 * time for each address, a limited number at once, and each with an answer within the timeout,
 * whatever the coordinator does. Confined to the writer's loop.
 */
public final class Coordinators implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Coordinators.class);

  private final CoordinatorHttp http;
  private final EventLoop loop;
  private final String cluster;
  private final SlaSettings settings;
  private final MeterRegistry meters;
  private final Counter attempts;
  private final Counter successes;
  private final Map<String, Question> busy = new HashMap<>();

  /** Who wants to ask a coordinator next, in the order in which they said so. */
  private final SetMultimap<String, NextAsker> next = LinkedHashMultimap.create();

  /** Is told the answer, on the loop. */
  public interface Asker {
    /**
     * The task may go.
     *
     * @param done to be run, on the loop, once it has gone or is not to go any more: until then the
     *     coordinator is asked nothing else
     */
    void allowed(Runnable done);

    /** The task must stay. */
    void denied(SlaDenial.Coordinator denial);
  }

  /** Wants to ask a coordinator that was busy; called on the loop. */
  public interface NextAsker {
    /** The coordinator is free; returns whether it is about to be asked. */
    boolean isYourTurn();
  }

  /** A question under way, or the action that follows from a yes. */
  private static final class Question {
    final String url;
    final String task;
    final Asker asker;
    @Nullable CompletableFuture<CoordinatorHttp.Reply> reply;
    EventLoop.@Nullable Timer deadline;
    boolean answered;

    Question(String url, String task, Asker asker) {
      this.url = url;
      this.task = task;
      this.asker = asker;
    }
  }

  /**
   * @param cluster name of the cluster, told to coordinators
   */
  public Coordinators(
      CoordinatorHttp http,
      EventLoop loop,
      String cluster,
      SlaSettings settings,
      MeterRegistry meters) {
    this.http = http;
    this.loop = loop;
    this.cluster = cluster;
    this.settings = settings;
    this.meters = meters;
    this.attempts = meters.counter("sla_coordinator_attempts");
    this.successes = meters.counter("sla_coordinator_success");
    for (Trouble trouble : Trouble.values()) {
      var unused = meters.counter(trouble.counter);
    }
  }

  private enum Trouble {
    /** The coordinator answered, but not as it should. */
    USER("sla_coordinator_user_errors"),
    /** It could not be reached, or did not answer in time. */
    TRANSPORT("sla_coordinator_errors"),
    /** It was not asked, since it is being asked already or too many are. */
    BUSY("sla_coordinator_lock_starvation");

    final String counter;

    Trouble(String counter) {
      this.counter = counter;
    }
  }

  /**
   * Asks the coordinator of a policy about a task; the answer may come before this returns.
   *
   * @param parameters members to add to the request
   * @return false when the coordinator was busy; the answer was no then
   */
  public boolean ask(
      CoordinatorSlaPolicy policy,
      ScheduledTask task,
      Map<String, String> parameters,
      Asker asker) {
    String url = String.valueOf(policy.coordinatorUrl());
    Question question = new Question(url, keyOf(task), asker);
    if (busy.containsKey(url) || isFull()) {
      deny(
          question,
          Trouble.BUSY,
          busy.containsKey(url)
              ? "is being asked about another task"
              : "has to wait until fewer than " + busy.size() + " others are being asked");
      return false;
    }
    attempts.increment();
    CompletableFuture<CoordinatorHttp.Reply> reply;
    try {
      reply = http.post(address(question), body(question, task, parameters));
    } catch (RuntimeException wrong) {
      deny(question, Trouble.USER, "cannot be reached at " + url + ": " + shown(wrong));
      letNext();
      return true;
    }
    busy.put(url, question);
    question.reply = reply;
    question.deadline =
        loop.schedule(
            settings.coordinatorTimeout(),
            () ->
                fail(
                    question,
                    "did not answer within " + settings.coordinatorTimeout().toMillis() + " ms"));
    String statusKey = policy.statusKey();
    var unused =
        reply
            .thenApply(found -> CoordinatorReplies.meaning(found, statusKey))
            .whenComplete(
                (meaning, failure) -> loop.execute(() -> heard(question, meaning, failure)));
    return true;
  }

  private boolean isFull() {
    return busy.size() >= settings.maxCoordinated();
  }

  /** Lets them know when the coordinator of the policy is free, after those who said so before. */
  public void whenFree(CoordinatorSlaPolicy policy, NextAsker asker) {
    String url = String.valueOf(policy.coordinatorUrl());
    if (busy.containsKey(url) || isFull()) {
      next.put(url, asker);
    }
  }

  /** Nothing more is asked of the coordinator for this question. */
  private void end(Question question) {
    if (busy.remove(question.url, question)) {
      letNext();
    }
  }

  /** One more may be asked: it is the turn of who waited longest for one that is not busy. */
  private void letNext() {
    Iterator<Map.Entry<String, NextAsker>> askers = next.entries().iterator();
    while (askers.hasNext()) {
      Map.Entry<String, NextAsker> each = askers.next();
      if (!busy.containsKey(each.getKey())) {
        askers.remove();
        if (each.getValue().isYourTurn()) {
          return;
        }
      }
    }
  }

  private void heard(
      Question question,
      CoordinatorReplies.@Nullable Meaning meaning,
      @Nullable Throwable failure) {
    if (meaning instanceof CoordinatorReplies.Meaning.Said said) {
      if (answers(question)) {
        successes.increment();
        if (said.yes()) {
          question.asker.allowed(() -> end(question));
        } else {
          question.asker.denied(new SlaDenial.Coordinator("said no"));
          end(question);
        }
      }
    } else if (meaning instanceof CoordinatorReplies.Meaning.Nonsense nonsense) {
      if (answers(question)) {
        deny(question, Trouble.USER, nonsense.problem());
        end(question);
      }
    } else {
      fail(question, "could not be asked: " + shown(failure));
    }
  }

  private static String shown(@Nullable Throwable failure) {
    if (failure == null) {
      return "no answer";
    }
    Throwable cause = Throwables.getRootCause(failure);
    return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
  }

  private void fail(Question question, String problem) {
    if (answers(question)) {
      if (question.reply != null) {
        question.reply.cancel(true);
      }
      deny(question, Trouble.TRANSPORT, problem);
      end(question);
    }
  }

  /** Whether this is the first answer to a question that somebody still waits for. */
  private boolean answers(Question question) {
    if (question.answered || busy.get(question.url) != question) {
      return false;
    }
    question.answered = true;
    if (question.deadline != null) {
      question.deadline.cancel();
    }
    return true;
  }

  private void deny(Question question, Trouble trouble, String problem) {
    meters.counter(trouble.counter).increment();
    meters.counter(trouble.counter + "_" + question.task).increment();
    if (trouble != Trouble.BUSY) {
      LOG.atWarn()
          .addKeyValue("task", question.task)
          .addKeyValue("coordinator", question.url)
          .addKeyValue("problem", problem)
          .log("A coordinator gave no usable answer");
    }
    question.asker.denied(new SlaDenial.Coordinator(problem));
  }

  private String keyOf(ScheduledTask task) {
    JobKey job = Objects.requireNonNull(task.assignedTask().task()).job();
    return cluster
        + "/"
        + Objects.requireNonNull(job).role()
        + "/"
        + job.environment()
        + "/"
        + job.name()
        + "/"
        + task.assignedTask().instanceId();
  }

  private static URI address(Question question) {
    String url = question.url;
    int fragment = url.indexOf('#');
    String base = fragment < 0 ? url : url.substring(0, fragment);
    return URI.create(
        base
            + (base.contains("?") ? "&" : "?")
            + "task="
            + URLEncoder.encode(question.task, StandardCharsets.UTF_8));
  }

  private static byte[] body(
      Question question, ScheduledTask task, Map<String, String> parameters) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.putRawValue("taskConfig", new RawValue(SimpleJson.write(ScheduledTask.TYPE, task)));
    body.put("task", question.task);
    parameters.forEach(body::put);
    return body.toString().getBytes(StandardCharsets.UTF_8);
  }

  /** Ends what is under way; nobody is told. */
  @Override
  public void close() {
    for (Question question : List.copyOf(busy.values())) {
      question.answered = true;
      if (question.deadline != null) {
        question.deadline.cancel();
      }
      if (question.reply != null) {
        question.reply.cancel(true);
      }
    }
    busy.clear();
    next.clear();
  }
}
