package io.borealis.scheduler.rpc;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import io.borealis.api.Response;
import io.borealis.api.codec.Bytes;
import io.borealis.api.codec.FieldInfo;
import io.borealis.api.codec.StructType;
import io.borealis.api.codec.ValueType;
import io.borealis.api.rpc.AuroraAdmin;
import io.borealis.api.rpc.ServiceMethod;
import io.borealis.thrift.HttpReply;
import io.borealis.thrift.JsonCodec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.Test;

/**
 * Each method of the API in each form, with arguments that are missing, empty or garbage. What
 * arguments that make no sense come to is in {@code HostileCallsTest}.
 */
public class EveryMethodTest {
  /**
   * The answers when nothing is given, and when all arguments are there with nothing in them, where
   * that is not the same. On an empty cluster without backups.
   */
  private static final String ANSWERS =
      """
      getRoleSummary | OK []
      getJobSummary | OK []
      getTasksStatus | ERROR [query must be set] | ERROR [Invalid job key format: //]
      getTasksWithoutConfigs | ERROR [query must be set] | ERROR [Invalid job key format: //]
      getPendingReason | ERROR [query must be set] | ERROR [Invalid job key format: //]
      getConfigSummary | ERROR [job must be set] | ERROR [job // is not a valid job key]
      getJobs | OK []
      getQuota | ERROR [Argument cannot be blank]
      populateJobConfig | ERROR [description must be set] | INVALID_REQUEST [Invalid configuration: Instance count must be positive.]
      getJobUpdateSummaries | ERROR [jobUpdateQuery must be set] | OK []
      getJobUpdateDetails | ERROR [Either key or query must be set.] | OK []
      getJobUpdateDiff | ERROR [request must be set] | INVALID_REQUEST [Tier contains illegal characters: ]
      getTierConfigs | OK []
      createJob | ERROR [description must be set] | INVALID_REQUEST [Instance count must be positive.]
      scheduleCronJob | ERROR [description must be set] | ERROR [description.key // is not a valid job key]
      descheduleCronJob | ERROR [job must be set] | ERROR [job // is not a valid job key]
      startCronJob | ERROR [job must be set] | ERROR [job // is not a valid job key]
      restartShards | ERROR [job must be set] | ERROR [job // is not a valid job key]
      killTasks | ERROR [job must be set] | ERROR [job // is not a valid job key]
      addInstances | ERROR [key must be set] | ERROR [key.jobKey // is not a valid job key]
      replaceCronTemplate | ERROR [config must be set] | ERROR [config.key // is not a valid job key]
      startJobUpdate | ERROR [request must be set] | INVALID_REQUEST [Updates are not supported for non-service tasks.]
      pauseJobUpdate | ERROR [key must be set] | ERROR [key.job // is not a valid job key]
      resumeJobUpdate | ERROR [key must be set] | ERROR [key.job // is not a valid job key]
      abortJobUpdate | ERROR [key must be set] | ERROR [key.job // is not a valid job key]
      rollbackJobUpdate | ERROR [key must be set] | ERROR [key.job // is not a valid job key]
      pulseJobUpdate | ERROR [key must be set] | ERROR [key.job // is not a valid job key]
      setQuota | ERROR [Argument cannot be blank]
      forceTaskState | ERROR [Argument cannot be blank]
      performBackup | ERROR [There are no backups: this scheduler has no --backup-dir.]
      listBackups | ERROR [There are no backups: this scheduler has no --backup-dir.]
      stageRecovery | ERROR [backupId must be set] | ERROR [There are no backups: this scheduler has no --backup-dir.]
      queryRecovery | ERROR [query must be set] | ERROR [No backup loaded.]
      deleteRecoveryTasks | ERROR [query must be set] | ERROR [No backup loaded.]
      commitRecovery | ERROR [No backup loaded.]
      unloadRecovery | OK []
      startMaintenance | ERROR [hosts must be set] | OK []
      drainHosts | ERROR [hosts must be set] | OK []
      maintenanceStatus | ERROR [hosts must be set] | OK []
      endMaintenance | ERROR [hosts must be set] | OK []
      slaDrainHosts | ERROR [hosts must be set] | OK []
      snapshot | OK []
      triggerExplicitTaskReconciliation | ERROR [settings must be set] | INVALID_REQUEST [Batch size must be greater than zero.]
      triggerImplicitTaskReconciliation | OK []
      pruneTasks | ERROR [query must be set] | ERROR [Invalid job key format: //]
      """;

  private final TestApi test = new TestApi();
  private final TestEndpoints http = new TestEndpoints(test);

  @Test
  public void whateverIsMissingTheAnswerIsTheOneInTheRules() {
    Map<String, List<String>> answers = new LinkedHashMap<>();
    for (String row : Splitter.on('\n').omitEmptyStrings().split(ANSWERS)) {
      List<String> cells = Splitter.on(" | ").splitToList(row);
      answers.put(cells.get(0), cells.subList(1, cells.size()));
    }
    assertThat(answers.keySet()).isEqualTo(AuroraAdmin.METHODS.keySet());
    int entries = test.store.entries();
    answers.forEach(
        (name, expected) -> {
          assertAnswers(AuroraAdmin.METHODS.get(name), false, expected.get(0));
          assertAnswers(AuroraAdmin.METHODS.get(name), true, expected.get(expected.size() - 1));
        });
    assertThat(test.store.entries()).as("nothing is written").isEqualTo(entries);
  }

  private <A> void assertAnswers(
      ServiceMethod<? super AuroraAdmin, A> method, boolean given, String expected) {
    A args = struct(method.args(), given);
    for (TestEndpoints.Form form : TestEndpoints.Form.values()) {
      Response answer = http.response(form, form.message(method.name(), method.args(), args));
      assertThat(TestEndpoints.told(answer)).as(method.name()).isEqualTo(expected);
      assertThat(answer.serverInfo()).as(method.name()).isNotNull();
    }
    String json = JsonCodec.write(method.args(), args).toString();
    assertThat(http.plainAnswer(method.name(), json)).as(method.name()).isEqualTo(expected);
  }

  @Test
  public void whatIsNoMessageIsABadRequestForEveryMethod() {
    for (ServiceMethod<? super AuroraAdmin, ?> method : AuroraAdmin.METHODS.values()) {
      for (TestEndpoints.Form form : TestEndpoints.Form.values()) {
        assertSurvives(method, form);
      }
      for (String body : List.of("[]", "{", "hello", "1", "null", "{\"x\":1,\"x\":2}", "\0")) {
        assertThat(http.plain(method.name(), body).status())
            .as(method.name() + " " + body)
            .isEqualTo(400);
      }
    }
    assertThat(test.store.entries()).as("nothing is written").isZero();
  }

  /** Cut off anywhere it is refused; damaged it may still be a call, but it is answered. */
  private <A> void assertSurvives(
      ServiceMethod<? super AuroraAdmin, A> method, TestEndpoints.Form form) {
    byte[] whole = form.message(method.name(), method.args(), struct(method.args(), true));
    for (int length = 0; length < whole.length - 1; length++) {
      HttpReply reply = http.post(form, Arrays.copyOf(whole, length));
      assertThat(reply.status()).as("%s, %d bytes", method.name(), length).isEqualTo(400);
    }
    for (int seed = 0; seed < 30; seed++) {
      byte[] damaged = whole.clone();
      Random random = new Random(seed);
      // Not the name, or it would be another method.
      int from = Math.min(whole.length - 1, method.name().length() + 12);
      damaged[from + random.nextInt(damaged.length - from)] = (byte) random.nextInt(256);
      HttpReply reply = http.post(form, damaged);
      assertThat(reply.status()).as("%s, seed %d", method.name(), seed).isIn(200, 400);
      assertThat(new String(reply.body(), UTF_8)).doesNotContain("Internal error", "Exception");
    }
  }

  @Test
  public void argumentsOfAnotherKindAreNamedByEveryMethod() {
    for (ServiceMethod<? super AuroraAdmin, ?> method : AuroraAdmin.METHODS.values()) {
      for (FieldInfo<?> field : method.args().fields()) {
        for (String wrong : List.of("true", "[[]]", "{\"no such member\":1}")) {
          HttpReply reply = http.plain(method.name(), "{\"%s\":%s}".formatted(field.name(), wrong));
          assertThat(reply.status()).as(method.name() + " " + field.name()).isEqualTo(400);
          assertThat(new String(reply.body(), UTF_8))
              .contains("Failed to parse parameter " + field.name());
        }
      }
    }
  }

  /** A struct of which nothing is set, or everything with nothing in it. */
  private static <T> T struct(StructType<T> type, boolean given) {
    List<@Nullable Object> values = new ArrayList<>();
    for (FieldInfo<T> field : type.fields()) {
      values.add(given ? empty(field.type()) : null);
    }
    return type.create(values.toArray());
  }

  private static @Nullable Object empty(ValueType type) {
    if (type instanceof ValueType.StructOf of) {
      StructType<?> struct = of.type().get();
      // A union with nothing in it is nothing that can be sent.
      return struct.kind() == StructType.Kind.UNION ? null : struct(struct, true);
    } else if (type instanceof ValueType.EnumOf of) {
      return of.type().constants().get(0);
    } else if (type instanceof ValueType.ListOf) {
      return ImmutableList.of();
    } else if (type instanceof ValueType.SetOf) {
      return ImmutableSet.of();
    } else if (type instanceof ValueType.MapOf) {
      return ImmutableMap.of();
    }
    return switch ((ValueType.Scalar) type) {
      case BOOL -> false;
      case I16 -> (short) 0;
      case I32 -> 0;
      case I64 -> 0L;
      case DOUBLE -> 0.0;
      case STRING -> "";
      case BINARY -> Bytes.copyOf(new byte[0]);
    };
  }
}
