package io.borealis.scheduler.agents;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableMap;
import io.borealis.thrift.HttpCall;
import io.borealis.thrift.HttpReply;
import java.util.Optional;
import org.junit.Test;

public class AgentAccessTest {
  private static HttpCall call(String address, ImmutableMap<String, String> headers) {
    return new HttpCall("POST", "/agent/poll", "", headers, new byte[0], address);
  }

  private static HttpReply from(String address) {
    return new AgentAccess(Optional.empty()).refusal(call(address, ImmutableMap.of()));
  }

  private static HttpReply with(String authorization) {
    return new AgentAccess(Optional.of("open sesame"))
        .refusal(call("127.0.0.1", ImmutableMap.of("authorization", authorization)));
  }

  @Test
  public void withoutASecretOnlyThisMachineIsLetIn() {
    assertThat(from("127.0.0.1")).isNull();
    assertThat(from("127.1.2.3")).isNull();
    assertThat(from("::1")).isNull();
    assertThat(from("[0:0:0:0:0:0:0:1]")).isNull();
    for (String address :
        new String[] {"10.0.0.7", "::ffff:10.0.0.7", "fe80::1", "localhost", ""}) {
      assertThat(from(address).status()).as(address).isEqualTo(401);
      assertThat(new String(from(address).body(), UTF_8)).contains("--agent-secret-file");
    }
  }

  @Test
  public void withASecretOnlyThoseWhoKnowItAreFromWhereverTheyAre() {
    assertThat(with("Bearer open sesame")).isNull();
    for (String wrong :
        new String[] {
          "", "open sesame", "Bearer ", "Bearer open", "Bearer open sesame!", "Basic x"
        }) {
      assertThat(with(wrong).status()).as(wrong).isEqualTo(401);
    }
    assertThat(
            new AgentAccess(Optional.of("open sesame"))
                .refusal(call("127.0.0.1", ImmutableMap.of()))
                .status())
        .isEqualTo(401);
  }
}
