package io.borealis.thrift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import io.borealis.api.AssignedTask;
import io.borealis.api.Container;
import io.borealis.api.JobKey;
import io.borealis.api.Metadata;
import io.borealis.api.Resource;
import io.borealis.api.Response;
import io.borealis.api.ResponseCode;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.TaskConfig;
import io.borealis.api.TaskQuery;
import io.borealis.api.codec.StructType;
import io.borealis.api.rpc.AuroraAdmin;
import io.borealis.api.rpc.ServiceMethod;
import io.borealis.api.rpc.SlaDrainHostsArgs;
import java.util.List;
import org.apache.thrift.TException;
import org.apache.thrift.protocol.TBinaryProtocol;
import org.apache.thrift.transport.TMemoryInputTransport;
import org.junit.Test;

public class JsonCodecTest {
  private static final JsonMapper MAPPER = new JsonMapper();

  @Test
  public void fieldsGoByNameAndWhatIsNotSetIsLeftOut() {
    Response response = Response.builder().responseCode(ResponseCode.OK).build();
    assertThat(JsonCodec.write(Response.TYPE, response))
        .hasToString("{\"responseCode\":\"OK\",\"details\":[]}");
  }

  @Test
  public void emptyCollectionsAreWrittenAsClientsExpect() {
    TaskQuery query =
        TaskQuery.builder().role("www").statuses(ImmutableSet.of(ScheduleStatus.RUNNING)).build();
    assertThat(JsonCodec.write(TaskQuery.TYPE, query))
        .hasToString(
            "{\"taskIds\":[],\"statuses\":[\"RUNNING\"],\"instanceIds\":[],"
                + "\"slaveHosts\":[],\"jobKeys\":[],\"role\":\"www\"}");
  }

  @Test
  public void unionsHaveOneMember() throws Exception {
    assertThat(JsonCodec.write(Resource.TYPE, new Resource.NumCpus(1.5)))
        .hasToString("{\"numCpus\":1.5}");
    assertThat(read(Resource.TYPE, "{'numCpus': 2, 'ramMb': null}"))
        .isEqualTo(new Resource.NumCpus(2));
  }

  @Test
  public void mapsAreObjects() throws Exception {
    AssignedTask task =
        AssignedTask.builder().taskId("t").assignedPorts(ImmutableMap.of("http", 80)).build();
    assertThat(JsonCodec.write(AssignedTask.TYPE, task).get("assignedPorts"))
        .hasToString("{\"http\":80}");
    assertThat(read(AssignedTask.TYPE, "{'taskId': 't', 'assignedPorts': {'http': 80}}"))
        .isEqualTo(task);
  }

  @Test
  public void defaultsOfTheIdlApply() throws Exception {
    TaskConfig task = read(TaskConfig.TYPE, "{}");
    assertThat(task).isEqualTo(TaskConfig.builder().build());
    assertThat(task.container()).isInstanceOf(Container.Mesos.class);
  }

  @Test
  public void numbersKeepTheirSize() throws Exception {
    String json = "{'timeoutSecs': 9007199254740993}";
    assertThat(read(SlaDrainHostsArgs.TYPE, json).timeoutSecs()).isEqualTo(9007199254740993L);
    assertThat(JsonCodec.write(Resource.TYPE, new Resource.RamMb(Long.MAX_VALUE)))
        .hasToString("{\"ramMb\":9223372036854775807}");
  }

  @Test
  public void numbersThatJsonHasNoWordForAreTexts() throws Exception {
    for (double number : new double[] {Double.NaN, Double.NEGATIVE_INFINITY}) {
      Resource resource = new Resource.NumCpus(number);
      assertThat(JsonCodec.read(Resource.TYPE, JsonCodec.write(Resource.TYPE, resource)))
          .isEqualTo(resource);
    }
  }

  @Test
  public void everyRecordedRequestSurvivesTheWayThroughJson() {
    Requests.recorded()
        .forEach(
            (name, body) -> {
              try {
                TBinaryProtocol in = new TBinaryProtocol(new TMemoryInputTransport(body));
                throughJson(AuroraAdmin.METHODS.get(in.readMessageBegin().name), in);
              } catch (TException | JsonFormatException | JsonProcessingException failure) {
                throw new AssertionError(name, failure);
              }
            });
  }

  private static <A> void throughJson(ServiceMethod<?, A> method, TBinaryProtocol in)
      throws TException, JsonFormatException, JsonProcessingException {
    A args = method.args().read(in);
    String json = MAPPER.writeValueAsString(JsonCodec.write(method.args(), args));
    assertThat(json).doesNotContain("null");
    assertThat(JsonCodec.read(method.args(), MAPPER.readTree(json))).isEqualTo(args);
  }

  @Test
  public void errorsNameThePlace() {
    assertError(TaskConfig.TYPE, "{'job': {'rol': 'www'}}")
        .isEqualTo("job.rol: unknown field of JobKey; it has role, environment, name");
    assertError(TaskConfig.TYPE, "{'job': 'www'}")
        .isEqualTo("job: expected an object (JobKey), but found \"www\"");
    assertError(TaskConfig.TYPE, "{'resources': [{'numCpus': 1}, {'ramMb': 'much'}]}")
        .isEqualTo("resources[1].ramMb: expected a whole number, but found \"much\"");
    assertError(TaskConfig.TYPE, "{'resources': [{'numCpus': 1, 'ramMb': 1}]}")
        .startsWith("resources[0]: a Resource has exactly one member, but 2 were given");
    assertError(TaskConfig.TYPE, "{'resources': [{}]}")
        .startsWith("resources[0]: a Resource has exactly one member, but 0 were given");
    assertError(TaskConfig.TYPE, "{'resources': [null]}")
        .isEqualTo("resources[0]: must not be null");
    assertError(TaskConfig.TYPE, "{'resources': {}}")
        .isEqualTo("resources: expected a list, but found an object");
    assertError(TaskConfig.TYPE, "{'taskLinks': {'a': 1}}")
        .isEqualTo("taskLinks[a]: expected a text, but found 1");
    assertError(TaskConfig.TYPE, "{'isService': 1}")
        .isEqualTo("isService: expected true or false, but found 1");
    assertError(TaskConfig.TYPE, "{'priority': 1.5}")
        .isEqualTo("priority: expected a whole number, but found 1.5");
    assertError(TaskConfig.TYPE, "{'priority': 3000000000}")
        .isEqualTo("priority: 3000000000 is not between -2147483648 and 2147483647");
    assertError(TaskConfig.TYPE, "{'priority': 1e400}").startsWith("priority: ");
    assertError(TaskQuery.TYPE, "{'statuses': ['RUNNING', 'running']}")
        .startsWith("statuses[1]: expected one of ")
        .endsWith(", but found \"running\"");
    assertError(TaskQuery.TYPE, "{'statuses': [2]}").startsWith("statuses[0]: expected one of ");
    assertError(JobKey.TYPE, "[]").isEqualTo("expected an object (JobKey), but found a list");
  }

  @Test
  public void halfACharacterIsRefused() throws Exception {
    for (String half : List.of("\\ud83d", "\\ude00", "x\\ud83dx")) {
      assertThatThrownBy(
              () -> read(Metadata.TYPE, "{\"key\":\"k\",\"value\":\"%s\"}".formatted(half)))
          .isInstanceOf(JsonFormatException.class)
          .hasMessage("value: holds half of a surrogate pair");
    }
    assertThat(read(Metadata.TYPE, "{\"key\":\"k\",\"value\":\"\\ud83d\\ude00\"}").value())
        .isEqualTo("\ud83d\ude00");
  }

  @Test
  public void listsKeepTheirOrderAndSetsDropWhatIsTwice() throws Exception {
    assertThat(read(TaskQuery.TYPE, "{'instanceIds': [3, 1, 3]}").instanceIds())
        .containsExactly(3, 1);
    assertThat(read(Response.TYPE, "{'details': [{'message': 'b'}, {'message': 'a'}]}").details())
        .extracting(detail -> detail.message())
        .isEqualTo(ImmutableList.of("b", "a"));
  }

  private static <T> T read(StructType<T> type, String json)
      throws JsonProcessingException, JsonFormatException {
    return JsonCodec.read(type, MAPPER.readTree(json.replace('\'', '"')));
  }

  private static org.assertj.core.api.AbstractStringAssert<?> assertError(
      StructType<?> type, String json) {
    JsonFormatException[] caught = new JsonFormatException[1];
    assertThatThrownBy(() -> read(type, json))
        .isInstanceOfSatisfying(JsonFormatException.class, failure -> caught[0] = failure);
    return assertThat(caught[0].getMessage());
  }
}
