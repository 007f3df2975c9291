package io.borealis.scheduler.agents;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.net.InetAddresses;
import io.borealis.thrift.HttpCall;
import io.borealis.thrift.HttpReply;
import java.net.InetAddress;
import java.security.MessageDigest;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Lets agents in that know the secret, and without one only those of this machine. Immutable. */
final class AgentAccess {
  private static final String SCHEME = "Bearer ";
  private static final int UNAUTHORIZED = 401;

  @SuppressWarnings("Immutable") // Never written.
  private final byte @Nullable [] secret;

  AgentAccess(Optional<String> secret) {
    this.secret = secret.map(text -> text.getBytes(UTF_8)).orElse(null);
  }

  /** What a caller is told that may not come in; null for one that may. */
  @Nullable HttpReply refusal(HttpCall call) {
    byte[] expected = secret;
    if (expected == null) {
      return isLocal(call.remoteAddress())
          ? null
          : refused("Without --agent-secret-file only agents of this machine are let in");
    }
    String given = call.header("Authorization");
    if (given == null || !given.startsWith(SCHEME)) {
      return refused("The secret of --agent-secret-file is missing");
    }
    // Takes the same time wherever the first difference is.
    return MessageDigest.isEqual(expected, given.substring(SCHEME.length()).getBytes(UTF_8))
        ? null
        : refused("The secret is not that of --agent-secret-file");
  }

  private static boolean isLocal(String address) {
    String bare = address.startsWith("[") ? address.substring(1, address.length() - 1) : address;
    if (!InetAddresses.isInetAddress(bare)) {
      return false;
    }
    InetAddress from = InetAddresses.forString(bare);
    return from.isLoopbackAddress();
  }

  private static HttpReply refused(String why) {
    return HttpReply.text(UNAUTHORIZED, why).with("WWW-Authenticate", "Bearer");
  }
}
