package io.borealis.scheduler.sla;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.borealis.api.codec.Bytes;
import io.borealis.runtime.EventLoop;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Coordinators that say yes, no or nothing of use, at once, late or never, as it is drawn; until
 * they are calmed. Remembers of which tasks somebody was told that they may go. For one thread.
 */
public final class MoodyCoordinators implements CoordinatorHttp {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final EventLoop network;
  private final Random random;
  private final int latestMs;
  private final Set<String> letGo = new HashSet<>();
  private boolean calm;
  private boolean stubborn;

  /**
   * @param network where answers travel
   * @param latest how late answers may be
   */
  public MoodyCoordinators(EventLoop network, Random random, Duration latest) {
    this.network = network;
    this.random = random;
    this.latestMs = (int) latest.toMillis();
  }

  /**
   * From now on all answers come soon and are the same.
   *
   * @param never whether that is a no
   */
  public void calm(boolean never) {
    calm = true;
    stubborn = never;
  }

  /** Whether a coordinator let the task go, and was heard. */
  public boolean letGo(String taskId) {
    return letGo.contains(taskId);
  }

  @Override
  public CompletableFuture<Reply> post(URI uri, byte[] body) {
    CompletableFuture<Reply> reply = new CompletableFuture<>();
    int dice = calm ? (stubborn ? 5 : 0) : random.nextInt(10);
    String task = taskIn(body);
    Runnable answer =
        switch (dice) {
          case 0, 1, 2, 3, 4 ->
              () -> {
                // Nobody hears it after the deadline.
                if (reply.complete(reply(200, "{\"drain\": true}"))) {
                  letGo.add(task);
                }
              };
          case 5, 6 -> () -> reply.complete(reply(200, "{\"drain\": false}"));
          case 7 -> () -> reply.complete(reply(500, "{\"drain\": true}"));
          case 8 -> () -> reply.completeExceptionally(new IOException("connection reset"));
          default -> () -> {};
        };
    int within = calm || random.nextInt(4) > 0 ? 50 : latestMs;
    var unused = network.schedule(Duration.ofMillis(random.nextInt(within)), answer);
    return reply;
  }

  private static Reply reply(int status, String body) {
    return new Reply(status, Bytes.copyOf(body.getBytes(StandardCharsets.UTF_8)), true);
  }

  private static String taskIn(byte[] body) {
    try {
      return JSON.readTree(body).at("/taskConfig/assignedTask/taskId").textValue();
    } catch (IOException malformed) {
      throw new AssertionError(malformed);
    }
  }
}
