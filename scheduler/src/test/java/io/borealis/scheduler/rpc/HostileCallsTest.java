package io.borealis.scheduler.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import io.borealis.api.JobKey;
import io.borealis.api.JobUpdateStatus;
import io.borealis.api.Response;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.TaskConfig;
import io.borealis.api.codec.Bytes;
import io.borealis.api.codec.FieldInfo;
import io.borealis.api.codec.StructType;
import io.borealis.api.codec.ValueType;
import io.borealis.api.rpc.AuroraAdmin;
import io.borealis.api.rpc.ServiceMethod;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.Test;

/**
 * Arguments that are well-formed and senseless: parts missing, numbers at the ends of their range,
 * keys that break every rule. Each call gets an answer; none ends in a fault of ours.
 */
public class HostileCallsTest {
  private static final int ROUNDS = Integer.getInteger("borealis.fuzz.rounds", 1500);
  private static final ImmutableList<String> TEXTS =
      ImmutableList.of(
          "",
          " ",
          "shop",
          "prod",
          "cart",
          "cron",
          "AuroraExecutor",
          "preferred",
          "preemptible",
          "dedicated",
          "a b",
          "x\ny",
          "../..",
          "*/shop",
          "\0",
          "\u00e4\ud83d\ude00",
          "u1",
          "y".repeat(256),
          "z".repeat(5000));
  private static final int[] INTS = {
    0,
    0,
    1,
    1,
    2,
    3,
    20,
    -1,
    4000,
    4001,
    Integer.MAX_VALUE,
    Integer.MAX_VALUE - 1,
    Integer.MIN_VALUE
  };
  private static final double[] DOUBLES = {
    0.1,
    1,
    1,
    0,
    -0.0,
    -1,
    50,
    100,
    1e308,
    Double.MIN_VALUE,
    Double.NaN,
    Double.POSITIVE_INFINITY,
    Double.NEGATIVE_INFINITY
  };

  private final TestApi test = new TestApi();

  @Test
  public void callsWithSenselessArgumentsAreAnswered() {
    populate();
    ImmutableList<ServiceMethod<? super AuroraAdmin, ?>> methods =
        ImmutableList.copyOf(AuroraAdmin.METHODS.values());
    for (int seed = 0; seed < ROUNDS; seed++) {
      Random random = new Random(seed);
      answer(seed, methods.get(seed % methods.size()), random);
    }
  }

  /** Something of everything, so that calls find what they ask for. */
  private void populate() {
    TaskConfig config = test.haveRunning(0, 1, 2);
    var unusedPending = test.have(config, ScheduleStatus.PENDING, 3);
    var unusedFailed = test.have(config, ScheduleStatus.FAILED, 4);
    test.haveCron(new JobKey("shop", "prod", "cron"));
    TaskConfig other = Samples.stored(new JobKey("shop", "prod", "shop"));
    var unusedOther = test.have(other, ScheduleStatus.RUNNING, 0, 1);
    test.haveUpdate(Updates.of(other.job(), "u1", other, 2), JobUpdateStatus.ROLL_FORWARD_PAUSED);
    test.haveQuota("shop", 100, 100_000, 100_000);
  }

  private <A> void answer(int seed, ServiceMethod<? super AuroraAdmin, A> method, Random random) {
    A args = struct(method.args(), random, 0);
    try {
      Response answer = test.get(method.call(test.api, test.call(), args));
      assertThat(answer.responseCode()).isNotNull();
      assertThat(answer.details()).allMatch(detail -> detail.message() != null);
    } catch (AssertionError | RuntimeException fault) {
      throw new AssertionError("seed %d: %s %s".formatted(seed, method.name(), args), fault);
    }
  }

  private static <T> T struct(StructType<T> type, Random random, int depth) {
    List<FieldInfo<T>> fields = type.fields();
    @Nullable Object[] values = new Object[fields.size()];
    boolean union = type.kind() == StructType.Kind.UNION;
    int member = random.nextInt(Math.max(1, values.length));
    for (int i = 0; i < values.length; i++) {
      boolean set = union ? i == member : random.nextInt(depth == 0 ? 20 : 8) != 0;
      values[i] = set ? value(fields.get(i).type(), random, depth + 1) : null;
    }
    return type.create(values);
  }

  private static Object value(ValueType type, Random random, int depth) {
    if (type instanceof ValueType.EnumOf of) {
      return of.type().constants().get(random.nextInt(of.type().constants().size()));
    } else if (type instanceof ValueType.StructOf of) {
      return struct(of.type().get(), random, depth);
    } else if (type instanceof ValueType.ListOf list) {
      return ImmutableList.copyOf(several(list.element(), random, depth));
    } else if (type instanceof ValueType.SetOf set) {
      return ImmutableSet.copyOf(several(set.element(), random, depth));
    } else if (type instanceof ValueType.MapOf map) {
      return ImmutableMap.of(value(map.key(), random, depth), value(map.value(), random, depth));
    }
    return switch ((ValueType.Scalar) type) {
      case BOOL -> random.nextBoolean();
      case I16 -> (short) INTS[random.nextInt(INTS.length)];
      case I32 -> INTS[random.nextInt(INTS.length)];
      case I64 -> random.nextInt(8) == 0 ? Long.MAX_VALUE : INTS[random.nextInt(INTS.length)];
      case DOUBLE -> DOUBLES[random.nextInt(DOUBLES.length)];
      case STRING -> TEXTS.get(random.nextInt(TEXTS.size()));
      case BINARY -> Bytes.copyOf(new byte[random.nextInt(4)]);
    };
  }

  private static List<Object> several(ValueType element, Random random, int depth) {
    ImmutableList.Builder<Object> elements = ImmutableList.builder();
    for (int n = random.nextInt(4); n > 0; n--) {
      elements.add(value(element, random, depth));
    }
    return elements.build();
  }
}
