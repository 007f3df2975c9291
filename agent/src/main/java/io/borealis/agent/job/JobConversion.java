package io.borealis.agent.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import io.borealis.api.AssignedTask;
import io.borealis.api.Metadata;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Makes of jobs as their authors write them what a scheduler takes, and refuses those that could
 * not run. Immutable.
 */
public final class JobConversion {
  /** Enough for the jobs of many. */
  private static final int MAX_LENGTH = 16 << 20;

  private static final String EXECUTOR = "executor_config";

  private final String user;
  private final ImmutableMap<String, String> bindings;
  private final ImmutableSet<Metadata> metadata;

  /**
   * @param user who submits the jobs
   * @param bindings what further references stand for, by address
   * @param metadata what every job has in addition to its own
   */
  public JobConversion(String user, Map<String, String> bindings, Set<Metadata> metadata) {
    this.user = user;
    this.bindings = ImmutableMap.copyOf(bindings);
    this.metadata = ImmutableSet.copyOf(metadata);
  }

  /**
   * The jobs of a text, which is a job in JSON or an object with a list of them, {@code jobs}.
   *
   * @throws InvalidTaskException if it is neither, or one of them breaks a rule
   */
  public ImmutableList<ConvertedJob> convert(String json) throws InvalidTaskException {
    JsonNode root = Loader.parse(json, MAX_LENGTH);
    if (!root.hasNonNull("jobs")) {
      return ImmutableList.of(convert(root, Place.ROOT));
    }
    Place place = Place.ROOT.member("jobs");
    if (!root.get("jobs").isArray()) {
      throw place.invalid("must be a list");
    }
    ImmutableList.Builder<ConvertedJob> jobs = ImmutableList.builder();
    int index = 0;
    for (JsonNode job : root.get("jobs")) {
      jobs.add(convert(job, place.item(index++)));
    }
    return jobs.build();
  }

  private ConvertedJob convert(JsonNode json, Place place) throws InvalidTaskException {
    Value.Struct loaded = Loader.load(json, Schema.JOB, place);
    // What is meant for an executor is not looked into: it may be of any kind.
    Value.Struct job =
        Interpolator.interpolate(without(loaded, EXECUTOR), place, Bindings.ofAuthor(bindings));
    References.requireOnly(JobConversion::isKnownLater, job, place);
    ImmutableSet<String> ports = ports(job, place);
    checkAsExecutor(job, place, ports);

    Fields fields = new Fields(References.unescape(job), place);
    Fields executor =
        new Fields(new Fields(loaded, place).fields(EXECUTOR).struct(), place.member(EXECUTOR));
    JobReader reader = new JobReader(fields, user, metadata, ports);
    return new ConvertedJob(
        fields.text("cluster"),
        reader.job(executor.text("name"), data(executor, job)),
        UpdateReader.settings(fields.fields("update_config")));
  }

  private static String data(Fields executor, Value.Struct job) throws InvalidTaskException {
    if (!executor.text("name").equals(JobReader.EXECUTOR_NAME)) {
      return executor.text("data");
    }
    Map<String, Value> members = new LinkedHashMap<>(job.members());
    members.put(EXECUTOR, executor.struct());
    members.remove("instances");
    members.remove("update_config");
    String data = ValueJson.write(new Value.Struct(Schema.JOB, ImmutableMap.copyOf(members)));
    if (data.length() > Loader.MAX_LENGTH) {
      throw executor.place().invalid("the job is too large for its executor");
    }
    return data;
  }

  private static ImmutableSet<String> ports(Value.Struct job, Place place)
      throws InvalidTaskException {
    Fields fields = new Fields(job, place);
    Fields task = fields.fields("task");
    ImmutableSet<String> referenced = new TaskTemplate(task.struct(), task.place()).ports();
    if (!fields.has("announce")) {
      return referenced;
    }
    Fields announce = fields.fields("announce");
    return new Portmap(announce.map("portmap"), announce.place().member("portmap"))
        .wanted(referenced);
  }

  /** Does what the executor of an instance will do. */
  private static void checkAsExecutor(Value.Struct job, Place place, Set<String> ports)
      throws InvalidTaskException {
    ImmutableMap.Builder<String, Integer> numbers = ImmutableMap.builder();
    int number = 1;
    for (String port : ports) {
      numbers.put(port, number++);
    }
    AssignedTask assigned =
        AssignedTask.builder().taskId("task").assignedPorts(numbers.buildOrThrow()).build();
    Value.Struct bound = Interpolator.interpolate(job, place, Bindings.ofExecutor(0, "localhost"));
    TaskInstance unused = TaskInstance.read(new Fields(bound, place), assigned);
  }

  private static boolean isKnownLater(Reference reference) {
    return switch (reference.address()) {
      case "mesos.instance", "mesos.hostname", "thermos.task_id" -> true;
      default -> reference.isBelow("thermos", "ports");
    };
  }

  private static Value.Struct without(Value.Struct struct, String member) {
    Map<String, Value> members = new LinkedHashMap<>(struct.members());
    members.remove(member);
    return new Value.Struct(struct.type(), ImmutableMap.copyOf(members));
  }
}
