package io.borealis.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.borealis.api.JobInstanceUpdateEvent;
import io.borealis.api.JobUpdateDetails;
import io.borealis.api.JobUpdateEvent;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.codec.StructType;
import io.borealis.cli.Cluster.Member;
import io.borealis.thrift.JsonCodec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.After;
import org.junit.Test;

/** Updates followed by their events on real schedulers that die meanwhile. */
public class EventsIT {
  private static final int INSTANCES = 30;

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private Cluster cluster;

  @After
  public void stop() {
    threads.shutdownNow();
    if (cluster != null) {
      cluster.close();
    }
  }

  @Test
  public void anUpdateIsFollowedOnAStandbyWhileLeadersDieAndResumedElsewhere() throws Exception {
    cluster = new Cluster(Ensemble.shared(), "events");
    Member first = cluster.start(3);
    List<Member> standbys = cluster.followers(first);
    Calls.createRunning(first.wire(), "hello", INSTANCES);
    JobUpdateKey key = Calls.start(first.wire(), Jobs.update("hello", "two", INSTANCES, 2));
    long started = first.number("store_transaction");
    for (Member standby : standbys) {
      Await.until(
          standby + " knows the update",
          Duration.ofSeconds(30),
          () -> standby.number("store_transaction") >= started);
    }
    AtomicInteger port = new AtomicInteger(standbys.get(0).port());
    Follower roaming = Follower.of(key, threads, port::get);
    Follower loyal = Follower.of(key, threads, standbys.get(1)::port);
    awaitMessages(roaming, 6);

    first.daemon().kill();
    Member second = cluster.awaitLeaderBut(first);
    awaitMessages(roaming, 12);
    assertThat(roaming.connections()).as("a stream outlives the leader").isEqualTo(1);

    // Whoever leads now: this one loses its server, and goes on at the other.
    port.set(standbys.get(1).port());
    standbys.get(0).daemon().kill();
    Member last = second.equals(standbys.get(1)) ? second : cluster.awaitLeaderBut(standbys.get(0));
    UpdateHistory.awaitRolledForwardOnce(last.wire(), key, INSTANCES, 2);
    roaming.done().get(60, TimeUnit.SECONDS);
    loyal.done().get(60, TimeUnit.SECONDS);

    assertThat(roaming.connections()).isEqualTo(2);
    assertThat(loyal.connections()).isEqualTo(1);
    JobUpdateDetails details = UpdateHistory.of(last.wire(), key);
    assertTold(roaming, details);
    assertTold(loyal, details);
    assertThat(roaming.again(last.port())).isEqualTo(204);
    last.awaitNumber("update_event_streams", 0);
  }

  private static void awaitMessages(Follower follower, int count) {
    Await.until(
        count + " messages", Duration.ofSeconds(60), () -> follower.messages().size() >= count);
  }

  /** Every event was told once, in the order of its list, and the ids count them. */
  private static void assertTold(Follower follower, JobUpdateDetails details) {
    assertThat(told(follower, "update"))
        .isEqualTo(json(JobUpdateEvent.TYPE, details.updateEvents()));
    assertThat(told(follower, "instance"))
        .isEqualTo(json(JobInstanceUpdateEvent.TYPE, details.instanceEvents()));
    assertThat(told(follower, "end")).containsExactly("{\"status\":\"ROLLED_FORWARD\"}");
    List<String> ids = new ArrayList<>();
    int updates = 0;
    int instances = 0;
    for (Follower.Message message : follower.messages()) {
      switch (message.event()) {
        case "update" -> updates++;
        case "instance" -> instances++;
        default -> {
          continue;
        }
      }
      ids.add(updates + "." + instances);
    }
    assertThat(follower.messages().stream().map(Follower.Message::id).filter(id -> id != null))
        .isEqualTo(ids);
    int last = follower.messages().size() - 1;
    assertThat(follower.messages().get(last).event()).isEqualTo("end");
    assertThat(follower.messages().get(last - 1).data()).contains("ROLLED_FORWARD");
  }

  private static List<String> told(Follower follower, String event) {
    return follower.messages().stream()
        .filter(message -> message.event().equals(event))
        .map(Follower.Message::data)
        .toList();
  }

  private static <T> List<String> json(StructType<T> type, List<T> events) {
    return events.stream().map(event -> JsonCodec.write(type, event).toString()).toList();
  }
}
