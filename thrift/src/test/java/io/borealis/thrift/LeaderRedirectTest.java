package io.borealis.thrift;

import static io.borealis.thrift.Requests.text;
import static java.util.concurrent.CompletableFuture.completedFuture;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableMap;
import org.junit.Test;

public class LeaderRedirectTest {
  private LeaderLocation leader = new LeaderLocation.Self();
  private final LeaderRedirect redirect =
      new LeaderRedirect(() -> leader, call -> completedFuture(HttpReply.text(200, "here")));

  @Test
  public void theLeaderServes() {
    assertThat(text(handle(""))).isEqualTo("here");
  }

  @Test
  public void othersPointAtTheLeader() {
    leader = new LeaderLocation.Other("other", 8081);
    HttpReply reply = handle("x=1&y=%20");
    assertThat(reply.status()).isEqualTo(307);
    assertThat(reply.headers()).containsEntry("Location", "http://other:8081/api?x=1&y=%20");
    assertThat(reply.body()).isEmpty();
    assertThat(handle("").headers()).containsEntry("Location", "http://other:8081/api");
  }

  @Test
  public void addressesOfTheSixthVersionAreBracketed() {
    leader = new LeaderLocation.Other("::1", 8081);
    assertThat(handle("").headers()).containsEntry("Location", "http://[::1]:8081/api");
  }

  @Test
  public void withoutALeaderThereIsAPage() {
    leader = new LeaderLocation.None();
    HttpReply reply = handle("");
    assertThat(reply.status()).isEqualTo(503);
    assertThat(reply.contentType()).startsWith("text/html");
    assertThat(text(reply)).contains("No Leader Found");
  }

  @Test
  public void whoInsistsIsServedHere() {
    for (LeaderLocation location :
        new LeaderLocation[] {new LeaderLocation.None(), new LeaderLocation.Other("other", 8081)}) {
      leader = location;
      assertThat(text(handle("", "bypass-leader-redirect", "no"))).isEqualTo("here");
    }
  }

  private HttpReply handle(String query, String... header) {
    ImmutableMap<String, String> headers =
        header.length == 0 ? ImmutableMap.of() : ImmutableMap.of(header[0], header[1]);
    HttpCall call = new HttpCall("POST", "/api", query, headers, new byte[0], "10.0.0.1");
    return redirect.handle(call).toCompletableFuture().join();
  }
}
