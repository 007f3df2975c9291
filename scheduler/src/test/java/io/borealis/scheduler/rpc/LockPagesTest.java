package io.borealis.scheduler.rpc;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.collect.ImmutableMap;
import io.borealis.api.ExecutorConfig;
import io.borealis.api.JobUpdateStatus;
import io.borealis.api.Lock;
import io.borealis.api.LockKey;
import io.borealis.api.TaskConfig;
import io.borealis.api.storage.Op;
import io.borealis.api.storage.SaveJobLock;
import io.borealis.scheduler.http.LockPages;
import io.borealis.scheduler.store.UpdateRecord;
import io.borealis.thrift.AuditLog;
import io.borealis.thrift.CallContexts;
import io.borealis.thrift.HttpCall;
import io.borealis.thrift.HttpReply;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.Test;

/** The locks of jobs over HTTP, and what their release does to State and says to the audit log. */
public class LockPagesTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String PATH = "/locks/" + Identifiers.path(Samples.JOB);
  private static final String LOST = "Updater has lost its exclusive lock, unable to proceed.";

  private static final TaskConfig NEW =
      Samples.config().toBuilder()
          .executorConfig(new ExecutorConfig("AuroraExecutor", "2"))
          .build();

  private final TestApi api = new TestApi();
  private final List<String> audit = new ArrayList<>();
  private @Nullable LockHandler leading = api.api.locks();
  private final LockPages pages =
      new LockPages(
          api::state,
          () -> leading,
          new CallContexts(
              call -> "ann", () -> "r1", api.store.clock()::nanoTime, Duration.ofSeconds(30)),
          new AuditLog(audit::add));

  private HttpReply ask(String method, String path, String query) {
    HttpCall call = new HttpCall(method, path, query, ImmutableMap.of(), new byte[0], "10.0.0.1");
    CompletableFuture<HttpReply> reply =
        (path.equals("/locks") ? pages.list(call) : pages.release(call)).toCompletableFuture();
    api.store.runtimes().runReady();
    return reply.join();
  }

  private static JsonNode json(HttpReply reply) {
    try {
      return JSON.readTree(new String(reply.body(), UTF_8));
    } catch (IOException malformed) {
      throw new AssertionError(malformed);
    }
  }

  private void assertRefused(int status, String error, String method, String path, String query) {
    int entries = api.store.entries();
    HttpReply reply = ask(method, path, query);
    assertThat(json(reply)).hasToString("{\"error\":\"" + error + "\"}");
    assertThat(reply.status()).isEqualTo(status);
    assertThat(api.store.entries()).isEqualTo(entries);
  }

  /** Starts an update of three instances, one at a time. */
  private UpdateRecord update() {
    api.haveRunning(0, 1, 2);
    var unused = api.result(api.api.startJobUpdate(api.call(), Samples.request(NEW, 3), null));
    return api.state().updates().ofJob(Samples.JOB).iterator().next();
  }

  private UpdateRecord now(UpdateRecord update) {
    return api.state().updates().get(update.key());
  }

  private void haveLock() {
    Lock lock =
        Lock.builder()
            .key(new LockKey.Job(Samples.JOB))
            .token("t")
            .user("bob")
            .timestampMs(5)
            .message("by hand")
            .build();
    api.store.change(tx -> tx.change(new Op.SaveJobLock(new SaveJobLock(lock))));
  }

  @Test
  public void locksAreListedWithTheUpdatesThatHaveThem() {
    assertThat(json(ask("GET", "/locks", ""))).hasToString("[]");
    UpdateRecord update = update();
    JsonNode lock = json(ask("GET", "/locks", "")).get(0);
    assertThat(lock.at("/key/job/role").asText()).isEqualTo(Samples.JOB.role());
    assertThat(lock.at("/key/job/environment").asText()).isEqualTo(Samples.JOB.environment());
    assertThat(lock.at("/key/job/name").asText()).isEqualTo(Samples.JOB.name());
    assertThat(lock.path("token").asText()).isEqualTo(update.progress().lockToken());
    assertThat(lock.path("user").asText()).isEqualTo("ann");
    assertThat(lock.path("timestampMs").asLong()).isEqualTo(update.createdMs());
    assertThat(lock.path("message").asText()).isEqualTo("Update " + update.key().id());
    assertThat(lock.path("update"))
        .hasToString(
            "{\"id\":\"update-1\",\"status\":\"ROLLING_FORWARD\",\"instances\":3,\"done\":0,"
                + "\"working\":1,\"failed\":0}");
    assertThat(lock.path("says").asText()).contains("which is ROLLING_FORWARD: 0 of 3 instances");
  }

  @Test
  public void aDryRunSaysWhatWillHappenAndChangesNothing() {
    UpdateRecord update = update();
    int entries = api.store.entries();
    HttpReply reply = ask("DELETE", PATH, "dryRun=true");
    assertThat(reply.status()).isEqualTo(200);
    assertThat(json(reply).path("released").asBoolean()).isFalse();
    assertThat(json(reply).at("/says/0").asText()).contains("for update update-1");
    assertThat(json(reply).at("/says/1").asText()).contains(LOST).contains("stay as they are");
    assertThat(api.store.entries()).isEqualTo(entries);
    assertThat(now(update)).isEqualTo(update);
    assertThat(audit).isEmpty();
  }

  @Test
  public void aReleaseEndsTheUpdateThatHasTheLock() {
    UpdateRecord update = update();
    int tasks = api.active(Samples.JOB).size();
    int entries = api.store.entries();
    HttpReply reply = ask("DELETE", PATH, "");
    assertThat(reply.status()).isEqualTo(200);
    assertThat(json(reply).path("released").asBoolean()).isTrue();
    assertThat(json(reply).path("says")).hasSize(2);
    assertThat(api.store.entries()).isEqualTo(entries + 1);
    assertThat(api.state().locks().get(Samples.JOB)).isNull();
    assertThat(now(update).status()).isEqualTo(JobUpdateStatus.ERROR);
    var last = now(update).events().get(now(update).events().size() - 1);
    assertThat(last.user()).isEqualTo("ann");
    assertThat(last.message()).isEqualTo(LOST);
    assertThat(api.active(Samples.JOB)).hasSize(tasks);
    assertThat(audit)
        .containsExactly(
            "user=ann method=releaseLock job="
                + Identifiers.path(Samples.JOB)
                + " id=r1 from=10.0.0.1 outcome=OK");
  }

  @Test
  public void aLockThatNoUpdateHasJustGoes() {
    haveLock();
    assertThat(json(ask("GET", "/locks", "")).get(0).path("update").isNull()).isTrue();
    HttpReply reply = ask("DELETE", PATH, "dryRun=false");
    assertThat(json(reply).at("/says/1").asText())
        .isEqualTo("The lock goes; nothing else changes.");
    assertThat(api.state().locks().get(Samples.JOB)).isNull();
  }

  @Test
  public void aJobThatIsNotLockedIsNotFound() {
    String error = Identifiers.path(Samples.JOB) + " is not locked";
    assertRefused(404, error, "DELETE", PATH, "dryRun=true");
    assertThat(audit).isEmpty();
    assertRefused(404, error, "DELETE", PATH, "");
    assertThat(audit).hasSize(1).first().asString().endsWith("outcome=INVALID_REQUEST");
  }

  @Test
  public void nothingButAWellFormedDeleteReleases() {
    haveLock();
    String path = "The path must be /locks/<role>/<environment>/<name>";
    assertRefused(400, path, "DELETE", "/locks/", "");
    assertRefused(400, path, "DELETE", "/locks/a/b", "");
    assertRefused(400, path, "DELETE", PATH + "/x", "");
    assertRefused(400, path, "DELETE", "/locks/a/b%2f/c", "");
    String query = "The query can only be dryRun=true or dryRun=false";
    assertRefused(400, query, "DELETE", PATH, "dryrun=true");
    assertRefused(400, query, "DELETE", PATH, "dryRun=yes");
    for (String method : List.of("GET", "POST", "PUT", "OPTIONS")) {
      assertRefused(405, "Method not allowed: " + method, method, PATH, "");
      assertThat(ask(method, PATH, "").headers()).containsEntry("Allow", "DELETE");
    }
    assertThat(audit).isEmpty();
    assertThat(api.state().locks().get(Samples.JOB)).isNotNull();
  }

  @Test
  public void whoDoesNotLeadRefuses() {
    haveLock();
    leading = null;
    assertRefused(503, "Storage is not READY", "DELETE", PATH, "dryRun=true");
    assertRefused(503, "Storage is not READY", "DELETE", PATH, "");
    assertThat(audit).hasSize(1).first().asString().endsWith("outcome=ERROR_TRANSIENT");
  }

  @Test
  public void aWriterThatHasClosedRefuses() {
    haveLock();
    api.store.writer().close();
    assertRefused(503, "Storage is not READY", "DELETE", PATH, "");
    assertThat(audit).hasSize(1).first().asString().endsWith("outcome=ERROR_TRANSIENT");
  }
}
