package io.borealis.scheduler.events;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.borealis.api.JobUpdateAction;
import io.borealis.api.JobUpdateStatus;
import io.borealis.runtime.VirtualRuntimes;
import io.borealis.scheduler.store.Replica;
import io.borealis.thrift.HttpReply;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import org.junit.Test;

/** Streams of updates over replicas on virtual time: what clients get, whatever they do. */
public class UpdateStreamsTest {
  private static final Duration LOOK = Duration.ofSeconds(15);
  private static final String END = "event: end|data: {\"status\":\"ROLLED_FORWARD\"}";

  private final VirtualRuntimes runtimes = new VirtualRuntimes();

  /** A process: what it has read, and the streams it serves. */
  private final class Process {
    final Histories history;
    final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    final Replica replica;
    final UpdateStreams streams;

    Process(Histories history, int upTo, int limit) {
      this.history = history;
      this.replica = history.replica(upTo);
      this.streams = new UpdateStreams(replica, runtimes.newLoop("events"), meters, limit);
      streams.start();
    }

    Process(Histories history, int upTo) {
      this(history, upTo, 1000);
    }

    /** Reads the journal so far, all at once as far as the streams can see. */
    void read(int upTo) {
      history.show(replica, upTo);
      runtimes.runReady();
    }

    Client follow(String lastEventId) {
      Client client = Client.follow(streams, lastEventId);
      runtimes.runReady();
      return client;
    }

    HttpReply get(String path, Map<String, String> headers) {
      return Client.ask(runtimes, streams, "GET", path, headers);
    }

    int open() {
      return (int) meters.get("update_event_streams").gauge().value();
    }

    int tooSlow() {
      return (int) meters.get("update_event_streams_slow_closed").counter().count();
    }
  }

  private static String text(HttpReply reply) {
    return new String(reply.body(), UTF_8);
  }

  /** The messages of a whole history, told at once. */
  private List<String> whole(Histories history) {
    return new Process(history, history.size()).follow(null).messages();
  }

  @Test
  public void aWholeUpdateToTheLetter() {
    Client client = new Process(Histories.whole(), Histories.whole().size()).follow(null);
    assertThat(client.text())
        .startsWith(
            """
            retry: 2000

            event: update
            id: 1.0
            data: {"status":"ROLLING_FORWARD","timestampMs":1700000000000,"user":"jane"}

            event: instance
            id: 1.1
            data: {"instanceId":0,"timestampMs":1700000000000,"action":"INSTANCE_UPDATING"}

            """)
        .contains(
            """
            event: update
            id: 2.3
            data: {"status":"ROLL_FORWARD_PAUSED","timestampMs":1700000000083,"user":"jane",\
            "message":"look\\nat this: ä"}

            """)
        .endsWith(
            """
            event: update
            id: 4.6
            data: {"status":"ROLLED_FORWARD","timestampMs":1700000000128,"user":"jane"}

            event: end
            data: {"status":"ROLLED_FORWARD"}

            """);
    assertThat(client.ended()).isTrue();
  }

  @Test
  public void eachEventIsToldWhenItIsReadAndTheLastOneEndsTheStream() {
    Histories history = Histories.whole();
    Process process = new Process(history, 1);
    Client client = process.follow(null);
    assertThat(client.messages()).hasSize(1);
    assertThat(process.open()).isEqualTo(1);
    for (int i = 2; i < history.size(); i++) {
      process.read(i);
      assertThat(client.messages()).hasSize(i);
    }
    process.read(history.size());
    assertThat(client.messages()).isEqualTo(whole(history)).endsWith(END);
    assertThat(client.ended()).isTrue();
    assertThat(process.open()).isZero();
  }

  @Test
  public void fromEveryIdOnEveryProcessTheRestFollowsWhetherItLagsOrNot() {
    Histories history = Histories.whole();
    List<String> all = whole(history);
    for (int known = 1; known < history.size(); known++) {
      for (int i = 0; i < all.size() - 2; i++) {
        Process process = new Process(history, known);
        Client client = process.follow(Client.id(all.get(i)));
        for (int read = known + 1; read <= history.size(); read++) {
          process.read(read);
        }
        assertThat(client.messages())
            .as("from %s at %d", all.get(i), known)
            .isEqualTo(all.subList(i + 1, all.size()));
        assertThat(client.ended()).isTrue();
      }
    }
  }

  @Test
  public void aHundredThatComeAtAnyTimeAreToldTheSame() {
    Histories history = Histories.whole();
    Process process = new Process(history, 1);
    List<Client> clients = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      Client client = process.follow(null);
      if (i % 3 == 0) {
        client.stall();
      }
      clients.add(client);
      process.read(Math.min(history.size() - 1, 1 + i / 10));
    }
    process.read(history.size());
    clients.forEach(Client::read);
    runtimes.runReady();
    assertThat(clients).extracting(Client::messages).containsOnly(whole(history));
    assertThat(process.open()).isZero();
  }

  @Test
  public void whoHasSeenTheEndIsToldThatThereIsNoMore() {
    Histories history = Histories.whole();
    Process process = new Process(history, history.size());
    HttpReply reply = process.get(Histories.PATH, Map.of("last-event-id", "4.6"));
    assertThat(reply.status()).isEqualTo(204);
    assertThat(process.get(Histories.PATH + "?lastEventId=4.6", Map.of()).status()).isEqualTo(204);
    for (String bogus : new String[] {"5.6", "4.7", "0.50"}) {
      assertThat(process.get(Histories.PATH, Map.of("last-event-id", bogus)).status())
          .as(bogus)
          .isEqualTo(400);
    }
    // A browser that comes back tells more than the address it was given first.
    HttpReply newer =
        process.get(Histories.PATH + "?x=1&lastEventId=1.0", Map.of("last-event-id", "4.6"));
    assertThat(newer.status()).isEqualTo(204);
    assertThat(process.open()).isZero();
  }

  @Test
  public void anUpdateThatIsPrunedEndsTheStream() {
    Histories history = Histories.whole().prune();
    Process process = new Process(history, history.size() - 2);
    Client client = process.follow("1.0");
    Client stalled = process.follow(null);
    stalled.stall();
    process.read(history.size());
    assertThat(client.messages()).endsWith("event: end|data: {\"pruned\":true}");
    assertThat(client.ended()).isTrue();
    stalled.read();
    runtimes.runReady();
    assertThat(stalled.messages()).endsWith("event: end|data: {\"pruned\":true}");
    HttpReply after = process.get(Histories.PATH, Map.of("last-event-id", "1.0"));
    assertThat(after.status()).isEqualTo(404);
    assertThat(text(after)).isEqualTo("There is no update www-data/prod/hello/u-1");
    assertThat(process.open()).isZero();
  }

  @Test
  public void whatWaitsForAClientIsOnePieceHoweverMuchHappens() {
    Histories history = new Histories().begin();
    for (int i = 0; i < 2000; i++) {
      history.later(1);
      history.add(history.event(i, JobUpdateAction.INSTANCE_UPDATING));
    }
    history.add(history.event(JobUpdateStatus.ROLLED_FORWARD, null));
    Process process = new Process(history, 1);
    Client client = process.follow(null);
    client.stall();
    process.read(2);
    process.read(history.size());
    assertThat(client.messages()).hasSize(2);
    int taken = client.text().length();
    client.read();
    client.stall();
    runtimes.runReady();
    assertThat(client.text().length() - taken)
        .isBetween(UpdateStream.PIECE_CHARS, UpdateStream.PIECE_CHARS + 200);
    client.read();
    runtimes.runReady();
    assertThat(client.messages()).isEqualTo(whole(history)).hasSize(2003);
  }

  @Test
  public void whoNeedsTooLongForAPieceIsGivenUpAndGoesOnElsewhere() {
    Histories history = Histories.whole();
    Process process = new Process(history, 1);
    Client client = process.follow(null);
    client.stall();
    process.read(3);
    runtimes.advance(LOOK.multipliedBy(2));
    assertThat(client.aborted()).isTrue();
    assertThat(process.tooSlow()).isEqualTo(1);
    assertThat(process.open()).isZero();
    List<String> all = new ArrayList<>(client.messages());
    Client again = new Process(history, history.size()).follow(Client.id(all.get(all.size() - 1)));
    all.addAll(again.messages());
    assertThat(all).isEqualTo(whole(history));
    process.read(history.size());
  }

  @Test
  public void whoTakesPiecesSlowlyIsNotGivenUp() {
    Histories history = Histories.whole();
    Process process = new Process(history, 1);
    Client client = process.follow(null);
    for (int i = 2; i <= history.size(); i++) {
      client.stall();
      process.read(i);
      runtimes.advance(LOOK.minusSeconds(1));
      client.read();
      runtimes.runReady();
    }
    assertThat(client.messages()).isEqualTo(whole(history));
    assertThat(process.tooSlow()).isZero();
  }

  @Test
  public void whoIsGoneIsForgotten() {
    Process process = new Process(Histories.whole(), 1);
    Client gone = process.follow(null);
    Client silent = process.follow(null);
    gone.stall();
    silent.stall();
    process.read(2);
    gone.vanish(new IOException("reset"));
    silent.vanish(new TimeoutException("no progress"));
    runtimes.runReady();
    assertThat(process.open()).isZero();
    assertThat(process.tooSlow()).isEqualTo(1);
    process.read(3);
    runtimes.advance(LOOK);
    assertThat(runtimes.pending()).isEmpty();
  }

  @Test
  public void inSilenceACommentSaysThatWeAreThere() {
    Process process = new Process(Histories.whole(), 1);
    Client client = process.follow("1.0");
    assertThat(client.text()).isEqualTo("retry: 2000\n\n");
    runtimes.advance(LOOK.multipliedBy(3));
    assertThat(client.text()).isEqualTo("retry: 2000\n\n:\n\n:\n\n:\n\n");
    assertThat(client.messages()).isEmpty();
  }

  @Test
  public void aBurstOfStatesIsOnePassAndNoneWhenNobodyWatches() {
    Histories history = Histories.whole();
    Process process = new Process(history, 1);
    history.show(process.replica, 3);
    assertThat(runtimes.pending()).isEmpty();
    Client client = process.follow(null);
    history.show(process.replica, 8);
    assertThat(runtimes.pending()).containsExactlyInAnyOrder(Duration.ZERO, LOOK);
    runtimes.runReady();
    assertThat(client.messages()).hasSize(8);
  }

  @Test
  public void noMoreThanTheLimitAreServedAtATime() {
    Histories history = Histories.whole();
    Process process = new Process(history, 1, 2);
    Client first = process.follow(null);
    Client second = process.follow(null);
    HttpReply third = process.get(Histories.PATH, Map.of());
    assertThat(third.status()).isEqualTo(503);
    assertThat(third.headers()).containsEntry("Retry-After", "5");
    assertThat(text(third)).isEqualTo("There are 2 streams already, which is --max-event-streams");
    process.read(history.size());
    assertThat(List.of(first.ended(), second.ended())).containsExactly(true, true);
    assertThat(process.get(Histories.PATH, Map.of()).status()).isEqualTo(200);
  }

  @Test
  public void streamsEndWhenTheProcessStops() {
    Histories history = Histories.whole();
    Process process = new Process(history, 1);
    Client client = process.follow(null);
    Client stalled = process.follow(null);
    stalled.stall();
    process.read(2);
    process.streams.close();
    assertThat(process.get(Histories.PATH, Map.of()).status()).isEqualTo(503);
    runtimes.runReady();
    assertThat(client.ended()).isTrue();
    assertThat(client.messages()).hasSize(2);
    assertThat(stalled.aborted()).isTrue();
    assertThat(process.open()).isZero();
    assertThat(process.tooSlow()).isZero();
  }

  @Test
  public void beforeTheFirstStateWasReadNobodyIsToldThatThereIsNoSuchUpdate() {
    UpdateStreams streams =
        new UpdateStreams(
            Histories.whole().replica(0),
            runtimes.newLoop("events"),
            new SimpleMeterRegistry(),
            10);
    HttpReply reply = Client.ask(runtimes, streams, "GET", Histories.PATH, Map.of());
    assertThat(reply.status()).isEqualTo(503);
    assertThat(reply.headers()).containsEntry("Retry-After", "5");
    streams.start();
    assertThat(Client.ask(runtimes, streams, "GET", Histories.PATH, Map.of()).status())
        .isEqualTo(404);
  }

  @Test
  public void anUpdateThatAStandbyDoesNotKnowYetIsWaitedFor() {
    Histories history = Histories.whole();
    Process process = new Process(history, 0);
    CompletableFuture<HttpReply> early =
        Client.send(process.streams, "GET", Histories.PATH, Map.of());
    runtimes.advance(Duration.ofMillis(1_999));
    assertThat(early).isNotDone();
    process.read(history.size());
    assertThat(early.join().stream()).isNotNull();

    CompletableFuture<HttpReply> vain =
        Client.send(process.streams, "GET", Histories.PATH + "x", Map.of());
    runtimes.advance(Duration.ofMillis(1_999));
    assertThat(vain).isNotDone();
    runtimes.advance(Duration.ofMillis(1));
    assertThat(vain.join().status()).isEqualTo(404);
  }

  @Test
  public void badRequestsAreToldWhatIsWrong() {
    Process process = new Process(Histories.whole(), 1);
    HttpReply id = process.get(Histories.PATH, Map.of("last-event-id", "7"));
    assertThat(id.status()).isEqualTo(400);
    assertThat(text(id))
        .isEqualTo(
            "Last-Event-ID: '7' must be <update events>.<instance events> seen so far, such as 2.15");
    HttpReply parameter = process.get(Histories.PATH + "?lastEventId=x", Map.of());
    assertThat(parameter.status()).isEqualTo(400);
    assertThat(text(parameter)).startsWith("lastEventId: 'x' must be <update events>.");
    for (String path :
        new String[] {
          "/events",
          "/events/",
          "/events/updates",
          "/events/updates/a/b/c",
          "/events/updates/a/b/c/",
          "/events/updates/a/b/c/d/e",
          "/events/updates//b/c/d",
          "/events/jobs/a/b/c/d"
        }) {
      HttpReply reply = process.get(path, Map.of());
      assertThat(reply.status()).as(path).isEqualTo(404);
      assertThat(text(reply)).contains("/events/updates/<role>/<environment>/<job>/<update id>");
    }
    assertThat(process.get("/events/updates/a/b/c/%zz", Map.of()).status()).isEqualTo(400);
    assertThat(text(process.get("/events/updates/a+/%C3%A4/c%2Fc/d%25", Map.of())))
        .isEqualTo("There is no update a+/ä/c/c/d%");
    for (String method : new String[] {"POST", "HEAD", "PUT", "DELETE", "OPTIONS"}) {
      HttpReply reply = Client.ask(runtimes, process.streams, method, Histories.PATH, Map.of());
      assertThat(reply.status()).as(method).isEqualTo(405);
      assertThat(reply.headers()).containsEntry("Allow", "GET");
    }
    assertThat(process.open()).isZero();
  }
}
