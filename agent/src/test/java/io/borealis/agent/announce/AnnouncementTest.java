package io.borealis.agent.announce;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableMap;
import org.junit.Test;

public class AnnouncementTest {
  @Test
  public void theBytesOfAMemberAreThoseOthersWrite() {
    Announcement announcement =
        new Announcement(
            "agent-7.example.com",
            31100,
            ImmutableMap.of("http", 31100, "admin", 31101, "aurora", 31100, "health", 31101),
            3);
    assertThat(new String(announcement.toBytes(), UTF_8))
        .isEqualTo(
            "{\"serviceEndpoint\": {\"host\": \"agent-7.example.com\", \"port\": 31100},"
                + " \"additionalEndpoints\": {\"http\": {\"host\": \"agent-7.example.com\","
                + " \"port\": 31100}, \"admin\": {\"host\": \"agent-7.example.com\", \"port\":"
                + " 31101}, \"aurora\": {\"host\": \"agent-7.example.com\", \"port\": 31100},"
                + " \"health\": {\"host\": \"agent-7.example.com\", \"port\": 31101}},"
                + " \"status\": \"ALIVE\", \"shard\": 3}");
  }

  @Test
  public void namesAreQuoted() {
    Announcement announcement = new Announcement("h\"", 0, ImmutableMap.of("a\\b", 1), 0);
    assertThat(new String(announcement.toBytes(), UTF_8))
        .isEqualTo(
            "{\"serviceEndpoint\": {\"host\": \"h\\\"\", \"port\": 0}, \"additionalEndpoints\":"
                + " {\"a\\\\b\": {\"host\": \"h\\\"\", \"port\": 1}}, \"status\": \"ALIVE\","
                + " \"shard\": 0}");
  }

  @Test
  public void theUsualPlaceFollowsFromTheJob() {
    assertThat(AnnouncePaths.of("/aurora", "www", "prod", "hello"))
        .isEqualTo("/aurora/www/prod/hello");
    assertThat(AnnouncePaths.of("/", "www", "prod", "hello")).isEqualTo("/www/prod/hello");
  }

  @Test
  public void aPathThatIsNoneIsRefusedWithTheReason() {
    assertThat(AnnouncePaths.problem("/a/b")).isEmpty();
    assertThat(AnnouncePaths.problem("/").orElse("")).contains("root");
    assertThat(AnnouncePaths.problem("a/b").orElse("")).contains("a/b");
    assertThat(AnnouncePaths.problem("/a//b").orElse("")).contains("/a//b");
    assertThat(AnnouncePaths.problem("").orElse("")).contains("cannot be announced");
  }
}
