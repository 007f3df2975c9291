package io.borealis.agent.observer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** Files of sandboxes over HTTP, and what strangers may try to see instead of them. */
public class SandboxIT {
  private static final String SECRET = "top-secret";
  private static final List<String> DOORS = List.of("download", "file", "filedata", "browse");

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private ObserverHarness observer;
  private Path sandbox;
  private Path outside;

  @Before
  public void start() throws IOException {
    observer = new ObserverHarness(folder.getRoot().toPath(), ResourceSamples.NONE);
    sandbox = observer.task("t", "p");
    Files.writeString(sandbox.resolve("a.txt"), "0123456789");
    Files.createDirectories(sandbox.resolve("d"));
    Files.writeString(sandbox.resolve("d/b.txt"), "bbb");
    // Beside the sandbox, and in that of another task.
    Files.writeString(observer.run("t").resolve("secret"), SECRET);
    outside = observer.task("other", "p");
    Files.writeString(outside.resolve("secret"), SECRET);
  }

  @After
  public void stop() {
    observer.close();
  }

  @Test
  public void noWayOfWritingAPathLeadsOutOfTheSandbox() throws Exception {
    String absolute = outside.resolve("secret").toString();
    List<String> ways =
        List.of(
            "/../secret",
            "/d/../../secret",
            "/%2e%2e/secret",
            "/%2E%2E/secret",
            "/.%2e/secret",
            "/..%2fsecret",
            "/..%2Fsecret",
            "/%2e%2e%2fsecret",
            "/d%2f..%2f..%2fsecret",
            "/%252e%252e/secret",
            "/%252e%252e%252fsecret",
            "/..%252fsecret",
            "/..%5csecret",
            "/..\\secret",
            "/%5c..%5csecret",
            "/..;/secret",
            "/..;a=b/secret",
            "/%2e%2e;/secret",
            "/%c0%ae%c0%ae/secret",
            "/..%c0%afsecret",
            "/%e0%80%ae%e0%80%ae/secret",
            "/..%00/secret",
            "/a.txt%00/../../secret",
            "/a.txt/../../secret",
            "/a.txt%2f..%2f..%2fsecret",
            "/" + absolute,
            "/" + absolute.replace("/", "%2f"),
            "//" + absolute,
            "/d//../../secret",
            "/./../secret",
            "/%2e/%2e%2e/secret",
            "/..%u2215secret",
            "/..%ef%bc%8fsecret",
            "/file:" + absolute,
            "/~/secret",
            "/d/..",
            "/..",
            "/%2e%2e");
    for (String way : ways) {
      for (String door : DOORS) {
        String answer = observer.raw("/" + door + "/t" + way);
        assertThat(answer).as(door + way).doesNotContain(SECRET).doesNotContain(">secret<");
        assertThat(answer).as(door + way).matches("(?s)HTTP/1.1 (400|404|200) .*");
        if (answer.startsWith("HTTP/1.1 200")) {
          // Dots that lead nowhere above are gone before the path is looked at.
          assertThat(door.equals("filedata") ? body(answer) : door + way)
              .as(door + way)
              .isIn("{}", "browse/d/..", "browse/..", "browse/%2e%2e");
        }
      }
    }
    for (String id : List.of("..", "%2e%2e", "t%2f..%2fother", "other%00", "../other")) {
      assertThat(observer.raw("/download/" + id + "/secret")).doesNotContain(SECRET);
    }
    for (String process : List.of("..", "%2e%2e", "..%2f..%2f", "p%2f..%2f..")) {
      assertThat(observer.raw("/logfile/t/" + process + "/0/stdout"))
          .matches("(?s)HTTP/1.1 40[04] .*");
    }
  }

  @Test
  public void linksLeadOnlyToWhatIsInTheSandbox() throws Exception {
    Files.createSymbolicLink(sandbox.resolve("in"), Path.of("d/b.txt"));
    Files.createSymbolicLink(sandbox.resolve("dir-in"), sandbox.resolve("d"));
    Files.createSymbolicLink(sandbox.resolve("out"), outside.resolve("secret"));
    Files.createSymbolicLink(sandbox.resolve("up"), Path.of("../secret"));
    Files.createSymbolicLink(sandbox.resolve("dir-out"), outside);
    Files.createSymbolicLink(sandbox.resolve("twice"), Path.of("dir-out/secret"));
    Files.createSymbolicLink(sandbox.resolve("self"), Path.of("self"));
    Files.createSymbolicLink(sandbox.resolve("root"), Path.of("/"));
    assertThat(observer.text("/download/t/in")).isEqualTo("bbb");
    assertThat(observer.text("/download/t/dir-in/b.txt")).isEqualTo("bbb");
    for (String door : DOORS) {
      for (String link :
          List.of("out", "up", "dir-out", "dir-out/secret", "twice", "self", "root/etc/passwd")) {
        HttpResponse<byte[]> answer = observer.get("/" + door + "/t/" + link);
        assertThat(new String(answer.body(), UTF_8))
            .as(door + "/" + link)
            .isEqualTo(door.equals("filedata") ? "{}" : "Not found");
      }
    }
    assertThat(observer.text("/browse/t")).contains("dir-out").contains("LINK");
  }

  @Test
  public void aLinkThatIsPutThereInBetweenIsNotFollowed() throws Exception {
    Path flip = Files.createDirectories(sandbox.resolve("flip"));
    Files.writeString(flip.resolve("secret"), "mine");
    Path link = Files.createSymbolicLink(sandbox.resolve("link"), outside);
    Path spare = sandbox.resolve("spare");
    AtomicBoolean over = new AtomicBoolean();
    Thread flipper =
        new Thread(
            () -> {
              try {
                while (!over.get()) {
                  Files.move(flip, spare);
                  Files.move(link, flip);
                  Files.move(flip, link);
                  Files.move(spare, flip);
                }
              } catch (IOException e) {
                over.set(true);
              }
            });
    flipper.start();
    int served = 0;
    int tries = 0;
    while (tries < 400 || (served == 0 && tries < 5000)) {
      tries++;
      String answer = observer.text("/download/t/flip/secret");
      assertThat(answer).isIn("mine", "Not found");
      served += answer.equals("mine") ? 1 : 0;
      assertThat(observer.text("/browse/t/flip")).doesNotContain(".logs");
    }
    assertThat(over.getAndSet(true)).as("the links were gone").isFalse();
    flipper.join();
    assertThat(served).isPositive();
  }

  @Test
  public void aStreamCannotMakeAnythingElseASandbox() throws Exception {
    observer.task("liar", "p", "/");
    observer.task("thief", "p", outside.toString());
    observer.task("climber", "p", observer.run("climber") + "/sandbox/../../../..");
    observer.task("odd", "p", "relative");
    observer.task("linked", "p");
    Path own = observer.run("linked").resolve("sandbox");
    Files.move(own, own.resolveSibling("moved"));
    Files.createSymbolicLink(own, outside);
    for (String id : List.of("liar", "thief", "climber", "odd", "linked")) {
      for (String path : List.of("/secret", "/etc/passwd", "/c-1/secret")) {
        assertThat(observer.get("/download/" + id + path).statusCode()).as(id).isEqualTo(404);
      }
      assertThat(observer.get("/browse/" + id).statusCode()).as(id).isEqualTo(404);
    }
  }

  @Test(timeout = 60_000)
  public void pipesAndDevicesAreNotOpened() throws Exception {
    Process made = new ProcessBuilder("mkfifo", sandbox.resolve("pipe").toString()).start();
    assertThat(made.waitFor()).isZero();
    Files.createSymbolicLink(sandbox.resolve("piped"), Path.of("pipe"));
    Files.createSymbolicLink(sandbox.resolve("zero"), Path.of("/dev/zero"));
    for (String door : List.of("download", "file", "filedata")) {
      for (String name : List.of("pipe", "piped", "zero", "d")) {
        assertThat(observer.text("/" + door + "/t/" + name))
            .isEqualTo(door.equals("filedata") ? "{}" : "Not found");
      }
    }
    assertThat(observer.text("/browse/t")).contains("<td>pipe</td><td>OTHER</td>");
    // Nor where the runner's files should be.
    Path runner = observer.paths("other").runner();
    Files.delete(runner);
    assertThat(new ProcessBuilder("mkfifo", runner.toString()).start().waitFor()).isZero();
    assertThat(observer.get("/task/other").statusCode()).isEqualTo(200);
  }

  @Test
  public void namesMayHaveAlmostAnyCharacters() throws Exception {
    for (String name : List.of("a b+c&d=e?f#g", "ä☃", "\"<q>'", "..x", ";v")) {
      Files.writeString(sandbox.resolve(name), name);
      assertThat(observer.text("/download/t/" + Html.segment(name))).isEqualTo(name);
      assertThat(observer.text("/browse/t")).contains("/download/t/" + Html.segment(name));
    }
    // The server takes no chances with what others might decode twice, or take for a slash.
    for (String name : List.of("back\\slash", "per%cent")) {
      Files.writeString(sandbox.resolve(name), name);
      assertThat(observer.get("/download/t/" + Html.segment(name)).statusCode()).isEqualTo(400);
    }
    HttpResponse<byte[]> reply = observer.get("/download/t/" + Html.segment("ä☃"));
    assertThat(reply.headers().map())
        .containsEntry("content-type", List.of("application/octet-stream"))
        .containsEntry("x-content-type-options", List.of("nosniff"))
        .containsEntry(
            "content-disposition", List.of("attachment; filename*=UTF-8''%C3%A4%E2%98%83"));
  }

  @Test
  public void rangesOfFilesAreServed() {
    range(200, "0123456789", null, null);
    range(206, "0", "bytes=0-0", "bytes 0-0/10");
    range(206, "234", "bytes=2-4", "bytes 2-4/10");
    range(206, "789", "bytes=7-", "bytes 7-9/10");
    range(206, "789", "bytes=7-100", "bytes 7-9/10");
    range(206, "789", "bytes=7-99999999999999999999999", "bytes 7-9/10");
    range(206, "89", "bytes=-2", "bytes 8-9/10");
    range(206, "0123456789", "bytes=-50", "bytes 0-9/10");
    range(416, "The file has 10 bytes", "bytes=10-", "bytes */10");
    range(416, "The file has 10 bytes", "bytes=99999999999999999999999-", "bytes */10");
    range(416, "The file has 10 bytes", "bytes=-0", "bytes */10");
    for (String ignored :
        List.of("bytes=4-2", "bytes=", "bytes=-", "bytes=a-b", "lines=0-1", "bytes=0-1,4-5")) {
      range(200, "0123456789", ignored, null);
    }
    HttpResponse<byte[]> head = observer.send("HEAD", "/download/t/a.txt", "Range", "bytes=2-4");
    assertThat(head.statusCode()).isEqualTo(206);
    assertThat(head.body()).isEmpty();
    assertThat(head.headers().firstValue("Content-Length")).hasValue("3");
  }

  private void range(int status, String body, String range, String contentRange) {
    HttpResponse<byte[]> reply =
        range == null
            ? observer.get("/download/t/a.txt")
            : observer.get("/download/t/a.txt", "Range", range);
    assertThat(new String(reply.body(), UTF_8)).as(range).isEqualTo(body);
    assertThat(reply.statusCode()).as(range).isEqualTo(status);
    assertThat(reply.headers().firstValue("Content-Range").orElse(null)).isEqualTo(contentRange);
    if (status != 416) {
      assertThat(reply.headers().firstValue("Accept-Ranges")).hasValue("bytes");
      assertThat(reply.headers().firstValue("Content-Length"))
          .hasValue(Integer.toString(body.length()));
    }
  }

  @Test
  public void anEmptyFileIsServed() throws Exception {
    Files.createFile(sandbox.resolve("empty"));
    assertThat(observer.get("/download/t/empty").statusCode()).isEqualTo(200);
    assertThat(observer.get("/download/t/empty").body()).isEmpty();
    assertThat(observer.json("/filedata/t/empty?offset=0").toString())
        .isEqualTo("{\"offset\":0,\"length\":0,\"data\":\"\"}");
  }

  @Test
  public void aFileOfManyGigabytesIsNotReadAsAWhole() throws Exception {
    long size = 5L << 30;
    try (RandomAccessFile file = new RandomAccessFile(sandbox.resolve("huge").toFile(), "rw")) {
      file.setLength(size);
      file.seek(size - 3);
      file.write("end".getBytes(UTF_8));
    }
    HttpResponse<byte[]> reply = observer.get("/download/t/huge", "Range", "bytes=-5");
    assertThat(new String(reply.body(), UTF_8)).isEqualTo("\0\0end");
    assertThat(reply.headers().firstValue("Content-Range"))
        .hasValue("bytes %d-%d/%d".formatted(size - 5, size - 1, size));
    JsonNode data = observer.json("/filedata/t/huge?offset=" + (size - 3));
    assertThat(data.toString())
        .isEqualTo("{\"offset\":%d,\"length\":3,\"data\":\"end\"}".formatted(size - 3));
    assertThat(observer.json("/filedata/t/huge?offset=0").get("length").asInt())
        .isEqualTo(FileReplies.MAX_CHUNK);
    assertThat(observer.text("/file/t/huge")).contains("end</pre>").contains("?end=");
  }

  @Test
  public void aFileOfManyPiecesArrivesAsItIs() throws Exception {
    byte[] content = new byte[3_000_001];
    new Random(3).nextBytes(content);
    Files.write(sandbox.resolve("big"), content);
    assertThat(observer.get("/download/t/big").body()).isEqualTo(content);
  }

  @Test
  public void theOutputOfAProcessIsFollowedByOffsets() throws Exception {
    Path log = Files.createDirectories(sandbox.resolve(".logs/p/0")).resolve("stdout");
    Files.writeString(log, "one\n");
    JsonNode end = observer.json("/logdata/t/p/0/stdout");
    assertThat(end.toString()).isEqualTo("{\"offset\":4,\"length\":0}");
    assertThat(observer.json("/logdata/t/p/0/stdout?offset=-1")).isEqualTo(end);
    assertThat(observer.json("/logdata/t/p/0/stdout?offset=4").toString())
        .isEqualTo("{\"offset\":4,\"length\":0,\"data\":\"\"}");
    assertThat(observer.json("/logdata/t/p/0/stdout?offset=" + Long.MAX_VALUE).toString())
        .isEqualTo("{\"offset\":9223372036854775807,\"length\":0,\"data\":\"\"}");
    Files.writeString(log, "<two>&\n", StandardOpenOption.APPEND);
    assertThat(observer.json("/logdata/t/p/0/stdout?offset=4&length=-1").toString())
        .isEqualTo("{\"offset\":4,\"length\":7,\"data\":\"&lt;two&gt;&amp;\\n\"}");
    assertThat(observer.json("/logdata/t/p/-1/stdout?offset=4&length=2").get("data").asText())
        .isEqualTo("&lt;t");
    assertThat(observer.text("/logfile/t/p/0/stdout")).isEqualTo("one\n<two>&\n");
    assertThat(new String(observer.get("/logfile/t/p/0/stdout", "Range", "bytes=-3").body(), UTF_8))
        .isEqualTo(">&\n");
    assertThat(observer.text("/download/t/.logs/p/0/stdout")).isEqualTo("one\n<two>&\n");
    for (String bad : List.of("offset=x", "offset=0&length=x", "offset=-2", "offset=0&length=-2")) {
      assertThat(observer.json("/logdata/t/p/0/stdout?" + bad)).as(bad).isEmpty();
    }
    Files.write(log, new byte[] {(byte) 0xff, 'a'});
    assertThat(observer.json("/logdata/t/p/0/stdout?offset=0").get("data").asText())
        .isEqualTo("\uFFFDa");
  }

  private static String body(String answer) {
    return answer.substring(answer.indexOf("\r\n\r\n") + 4);
  }
}
