package io.borealis.scheduler.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import io.borealis.api.Constraint;
import io.borealis.api.Container;
import io.borealis.api.DockerImage;
import io.borealis.api.Image;
import io.borealis.api.InstanceKey;
import io.borealis.api.JobConfiguration;
import io.borealis.api.JobKey;
import io.borealis.api.JobUpdate;
import io.borealis.api.JobUpdateKey;
import io.borealis.api.JobUpdateRequest;
import io.borealis.api.JobUpdateStatus;
import io.borealis.api.LimitConstraint;
import io.borealis.api.MesosContainer;
import io.borealis.api.Metadata;
import io.borealis.api.PartitionPolicy;
import io.borealis.api.Response;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.TaskConfig;
import io.borealis.api.TaskConstraint;
import io.borealis.api.TaskQuery;
import io.borealis.api.codec.Bytes;
import io.borealis.api.codec.FieldInfo;
import io.borealis.api.codec.StructType;
import io.borealis.api.codec.ValueType;
import io.borealis.api.rpc.AddInstancesArgs;
import io.borealis.api.rpc.AuroraAdmin;
import io.borealis.api.rpc.CreateJobArgs;
import io.borealis.api.rpc.GetJobUpdateDiffArgs;
import io.borealis.api.rpc.GetPendingReasonArgs;
import io.borealis.api.rpc.GetTasksStatusArgs;
import io.borealis.api.rpc.PauseJobUpdateArgs;
import io.borealis.api.rpc.PopulateJobConfigArgs;
import io.borealis.api.rpc.PulseJobUpdateArgs;
import io.borealis.api.rpc.RestartShardsArgs;
import io.borealis.api.rpc.ResumeJobUpdateArgs;
import io.borealis.api.rpc.ServiceMethod;
import io.borealis.api.rpc.StartJobUpdateArgs;
import io.borealis.scheduler.store.UpdateRecord;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.thrift.TException;
import org.apache.thrift.protocol.TBinaryProtocol;
import org.apache.thrift.transport.TMemoryBuffer;
import org.apache.thrift.transport.TMemoryInputTransport;
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
  public void callsWithSenselessArgumentsAreAnswered() throws TException {
    populate();
    ImmutableList<ServiceMethod<? super AuroraAdmin, ?>> methods =
        ImmutableList.copyOf(AuroraAdmin.METHODS.values());
    for (int seed = 0; seed < ROUNDS; seed++) {
      answer(seed, methods.get(seed % methods.size()), null);
    }
    assertWritable();
  }

  @Test
  public void callsWithOneSenselessPartAreAnswered() throws TException {
    populate();
    JobUpdateKey update = new JobUpdateKey(new JobKey("shop", "prod", "shop"), "u1");
    TaskQuery query =
        TaskQuery.builder().role("shop").environment("prod").jobName("cart").limit(2).build();
    for (int seed = 0; seed < ROUNDS; seed++) {
      JobKey key = new JobKey("shop", "prod", "new" + seed);
      TaskConfig config = full().toBuilder().job(key).build();
      JobConfiguration job = Samples.job(2).toBuilder().key(key).taskConfig(config).build();
      JobUpdateRequest request =
          Samples.request(config, 3).toBuilder()
              .metadata(ImmutableSet.of(new Metadata("a", "b")))
              .build();
      answer(seed, method("createJob"), new CreateJobArgs(job));
      answer(seed, method("populateJobConfig"), new PopulateJobConfigArgs(job));
      answer(seed, method("startJobUpdate"), new StartJobUpdateArgs(request, "go"));
      answer(seed, method("getJobUpdateDiff"), new GetJobUpdateDiffArgs(request));
      answer(seed, method("getTasksStatus"), new GetTasksStatusArgs(query));
      answer(seed, method("getPendingReason"), new GetPendingReasonArgs(query));
      answer(seed, method("pauseJobUpdate"), new PauseJobUpdateArgs(update, "wait"));
      answer(seed, method("resumeJobUpdate"), new ResumeJobUpdateArgs(update, "go"));
      answer(seed, method("pulseJobUpdate"), new PulseJobUpdateArgs(update));
      answer(
          seed, method("addInstances"), new AddInstancesArgs(new InstanceKey(Samples.JOB, 0), 1));
      answer(
          seed, method("restartShards"), new RestartShardsArgs(Samples.JOB, ImmutableSet.of(0, 1)));
    }
    assertWritable();
  }

  /** What got in can be written and read again, or the next entry of the journal could not. */
  private void assertWritable() throws TException {
    for (ScheduledTask task : test.state().tasks().all()) {
      assertComesBack(ScheduledTask.TYPE, task);
    }
    for (UpdateRecord update : test.state().updates().active()) {
      assertComesBack(JobUpdate.TYPE, update.update());
    }
  }

  private static <T> void assertComesBack(StructType<T> type, T value) throws TException {
    TMemoryBuffer buffer = new TMemoryBuffer(1024);
    type.write(new TBinaryProtocol(buffer), value);
    TMemoryInputTransport written =
        new TMemoryInputTransport(buffer.getArray(), 0, buffer.length());
    assertThat(type.read(new TBinaryProtocol(written))).isEqualTo(value);
  }

  /** A configuration with something in most of its fields. */
  private static TaskConfig full() {
    return Samples.config().toBuilder()
        .tier("preemptible")
        .constraints(
            ImmutableSet.of(
                Samples.dedicated("shop/web"),
                new Constraint("host", new TaskConstraint.Limit(new LimitConstraint(1)))))
        .container(
            new Container.Mesos(
                MesosContainer.builder()
                    .image(new Image.Docker(new DockerImage("web", "1")))
                    .build()))
        .taskLinks(ImmutableMap.of("http", "http://%host%"))
        .metadata(ImmutableSet.of(new Metadata("a", "b")))
        .partitionPolicy(new PartitionPolicy(true, 5L))
        .build();
  }

  /** The table says which arguments belong to which method. */
  @SuppressWarnings("unchecked")
  private static <A> ServiceMethod<AuroraAdmin, A> method(String name) {
    return (ServiceMethod<AuroraAdmin, A>) AuroraAdmin.METHODS.get(name);
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

  private <A> void answer(
      int seed, ServiceMethod<? super AuroraAdmin, A> method, @Nullable A sensible) {
    Random random = new Random(seed);
    A args =
        sensible == null
            ? struct(method.args(), random, 0)
            : altered(method.args(), sensible, random);
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
    // Sometimes none: a member of a later release, or a slip.
    int member = random.nextInt(values.length + 1);
    for (int i = 0; i < values.length; i++) {
      boolean set = union ? i == member : random.nextInt(depth == 0 ? 20 : 8) != 0;
      values[i] = set ? value(fields.get(i).type(), random, depth + 1) : null;
    }
    return type.create(values);
  }

  /** The same, but a part here or there is another. */
  private static <T> T altered(StructType<T> type, T sensible, Random random) {
    List<FieldInfo<T>> fields = type.fields();
    @Nullable Object[] values = new Object[fields.size()];
    for (int i = 0; i < values.length; i++) {
      Object value = fields.get(i).getter().apply(sensible);
      values[i] =
          value != null && random.nextInt(15) != 0
              ? alteredWithin(fields.get(i).type(), value, random)
              : random.nextInt(15) == 0 ? value(fields.get(i).type(), random, 1) : value;
    }
    boolean union = type.kind() == StructType.Kind.UNION;
    return union && Stream.of(values).filter(Objects::nonNull).count() > 1
        ? struct(type, random, 1)
        : type.create(values);
  }

  private static Object alteredWithin(ValueType type, Object value, Random random) {
    if (type instanceof ValueType.StructOf of) {
      return alteredStruct(of.type().get(), value, random);
    } else if (type instanceof ValueType.SetOf set) {
      return ((ImmutableSet<?>) value)
          .stream()
              .map(element -> alteredWithin(set.element(), element, random))
              .collect(ImmutableSet.toImmutableSet());
    }
    return value;
  }

  /** The value is of the type it was declared with. */
  @SuppressWarnings("unchecked")
  private static <T> Object alteredStruct(StructType<T> type, Object value, Random random) {
    return altered(type, (T) value, random);
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
