package io.borealis.thrift;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSortedMap;
import io.borealis.api.TaskConfig;
import io.borealis.api.codec.OutputBuffer;
import io.borealis.api.codec.StructType;
import io.borealis.api.rpc.AuroraAdmin;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.apache.thrift.TException;
import org.apache.thrift.protocol.TMessage;
import org.apache.thrift.protocol.TProtocol;
import org.apache.thrift.transport.TMemoryInputTransport;

/** Requests for tests. */
final class Requests {
  static final CallContexts CONTEXTS =
      new CallContexts(Authenticator.NONE, () -> "made-up", () -> 0, Duration.ofSeconds(30));

  private Requests() {}

  static HttpCall post(String path, byte[] body, String... headers) {
    return call("POST", path, body, headers);
  }

  static HttpCall post(String path, String body, String... headers) {
    return call("POST", path, body.getBytes(UTF_8), headers);
  }

  static HttpCall call(String method, String path, byte[] body, String... headers) {
    ImmutableMap.Builder<String, String> map = ImmutableMap.builder();
    for (int i = 0; i < headers.length; i += 2) {
      map.put(headers[i], headers[i + 1]);
    }
    return new HttpCall(method, path, "", map.buildOrThrow(), body, "10.0.0.1");
  }

  static String text(HttpReply reply) {
    return new String(reply.body(), UTF_8);
  }

  /** A request in the binary protocol, said in another one. */
  static byte[] inProtocol(byte[] binary, ThriftProtocol protocol) {
    try {
      TProtocol in = ThriftProtocol.BINARY.reading(new TMemoryInputTransport(binary));
      TMessage header = in.readMessageBegin();
      OutputBuffer buffer = new OutputBuffer(binary.length, protocol.writing(), TaskConfig.TYPE);
      TProtocol out = buffer.protocol();
      out.writeMessageBegin(header);
      copy(AuroraAdmin.METHODS.get(header.name).args(), in, out);
      out.writeMessageEnd();
      return buffer.toByteArray();
    } catch (TException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static <A> void copy(StructType<A> type, TProtocol in, TProtocol out) throws TException {
    type.write(out, type.read(in));
  }

  /** Requests as real clients send them, in the binary protocol, by file name. */
  static ImmutableSortedMap<String, byte[]> recorded() {
    try (Stream<Path> files =
        Files.list(Path.of(Requests.class.getResource("/requests").toURI()))) {
      List<Path> paths = files.filter(path -> path.toString().endsWith(".bin")).toList();
      ImmutableSortedMap.Builder<String, byte[]> requests = ImmutableSortedMap.naturalOrder();
      for (Path path : paths) {
        requests.put(path.getFileName().toString(), Files.readAllBytes(path));
      }
      return requests.buildOrThrow();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    } catch (URISyntaxException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
