package io.borealis.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.borealis.api.codec.EnumType;
import io.borealis.api.codec.FieldInfo;
import io.borealis.api.codec.StructType;
import io.borealis.api.codec.ValueType;
import io.borealis.api.rpc.AuroraAdmin;
import io.borealis.api.rpc.AuroraSchedulerManager;
import io.borealis.api.rpc.ReadOnlyScheduler;
import io.borealis.api.rpc.ServiceMethod;
import io.borealis.api.storage.StorageConstants;
import io.borealis.api.storage.StorageIdl;
import io.borealis.api.thermos.ThermosIdl;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.Test;

/** Compares the IDL, as generated, with the contract of the original, both ways. */
public class ContractTest {
  private static final int OURS = 1001;

  private final JsonNode api = contract("aurora-api.json");
  private final JsonNode storage = contract("aurora-storage.json");

  @Test
  public void structsOfTheApiAreThoseOfTheContract() {
    assertThat(describe(AuroraIdl.STRUCTS, false)).isEqualTo(describe(api.get("structs")));
  }

  @Test
  public void enumsOfTheApiAreThoseOfTheContract() {
    assertThat(enums(AuroraIdl.ENUMS)).isEqualTo(enums(api.get("enums")));
  }

  @Test
  public void servicesAndMethodsAreThoseOfTheContract() {
    Map<String, String> generated = new TreeMap<>();
    for (ServiceMethod<?, ?> method : AuroraAdmin.METHODS.values()) {
      StringBuilder args = new StringBuilder();
      for (FieldInfo<?> field : method.args().fields()) {
        args.append(" %d:%s %s".formatted(field.id(), field.name(), typeName(field.type())));
      }
      generated.put(method.service() + "." + method.name(), args.toString());
    }
    Map<String, String> contract = new TreeMap<>();
    api.get("services")
        .properties()
        .forEach(
            service ->
                service
                    .getValue()
                    .get("methods")
                    .properties()
                    .forEach(
                        method -> {
                          assertThat(method.getValue().get("returns").asText())
                              .isEqualTo("Response");
                          assertThat(method.getValue().get("oneway").asBoolean()).isFalse();
                          StringBuilder args = new StringBuilder();
                          for (JsonNode arg : method.getValue().get("args")) {
                            args.append(
                                " %d:%s %s"
                                    .formatted(
                                        arg.get("id").asInt(),
                                        arg.get("name").asText(),
                                        arg.get("type").asText()));
                          }
                          contract.put(service.getKey() + "." + method.getKey(), args.toString());
                        }));
    assertThat(generated).isEqualTo(contract);
    assertThat(ReadOnlyScheduler.METHODS.keySet())
        .isSubsetOf(AuroraSchedulerManager.METHODS.keySet());
    assertThat(AuroraAdmin.METHODS).hasSize(45);
  }

  @Test
  public void constantsAreThoseOfTheContract() {
    JsonNode constants = api.get("constants");
    assertThat(constants.size()).isEqualTo(12);
    assertThat(numbers(AuroraConstants.ACTIVE_STATES, ScheduleStatus.TYPE))
        .isEqualTo(numbers(constants.get("ACTIVE_STATES")));
    assertThat(numbers(AuroraConstants.SLAVE_ASSIGNED_STATES, ScheduleStatus.TYPE))
        .isEqualTo(numbers(constants.get("SLAVE_ASSIGNED_STATES")));
    assertThat(numbers(AuroraConstants.LIVE_STATES, ScheduleStatus.TYPE))
        .isEqualTo(numbers(constants.get("LIVE_STATES")));
    assertThat(numbers(AuroraConstants.TERMINAL_STATES, ScheduleStatus.TYPE))
        .isEqualTo(numbers(constants.get("TERMINAL_STATES")));
    assertThat(numbers(AuroraConstants.ACTIVE_JOB_UPDATE_STATES, JobUpdateStatus.TYPE))
        .isEqualTo(numbers(constants.get("ACTIVE_JOB_UPDATE_STATES")));
    assertThat(numbers(AuroraConstants.AWAITNG_PULSE_JOB_UPDATE_STATES, JobUpdateStatus.TYPE))
        .isEqualTo(numbers(constants.get("AWAITNG_PULSE_JOB_UPDATE_STATES")));
    assertThat(
            List.of(
                AuroraConstants.AURORA_EXECUTOR_NAME,
                AuroraConstants.GOOD_IDENTIFIER_PATTERN,
                AuroraConstants.GOOD_IDENTIFIER_PATTERN_JVM,
                AuroraConstants.GOOD_IDENTIFIER_PATTERN_PYTHON,
                AuroraConstants.BYPASS_LEADER_REDIRECT_HEADER_NAME,
                AuroraConstants.TASK_FILESYSTEM_MOUNT_POINT))
        .containsExactly(
            constants.get("AURORA_EXECUTOR_NAME").asText(),
            constants.get("GOOD_IDENTIFIER_PATTERN").asText(),
            constants.get("GOOD_IDENTIFIER_PATTERN_JVM").asText(),
            constants.get("GOOD_IDENTIFIER_PATTERN_PYTHON").asText(),
            constants.get("BYPASS_LEADER_REDIRECT_HEADER_NAME").asText(),
            constants.get("TASK_FILESYSTEM_MOUNT_POINT").asText());
    assertThat(StorageConstants.CURRENT_SCHEMA_VERSION)
        .isEqualTo(storage.get("constants").get("CURRENT_SCHEMA_VERSION").asInt());
  }

  @Test
  public void structsOfTheStorageAreThoseOfTheContractExceptForIdsFrom1001() {
    Map<String, Map<String, String>> generated = describe(StorageIdl.STRUCTS, true);
    Map<String, Map<String, String>> contract = describe(storage.get("structs"));
    for (Map.Entry<String, Map<String, String>> struct : contract.entrySet()) {
      assertThat(generated.get(struct.getKey())).as(struct.getKey()).isEqualTo(struct.getValue());
    }
    // Whatever else there is can only be reached through a member that Aurora skips.
    Set<String> reachable = new TreeSet<>();
    reachable.add("LogEntry");
    StorageIdl.STRUCTS.stream()
        .filter(type -> type.name().equals("LogEntry"))
        .forEach(type -> reach(type, reachable));
    reachable.retainAll(generated.keySet());
    assertThat(contract.keySet()).containsAll(reachable);
  }

  @Test
  public void recordsOfRunnersAreThoseOfTheContractAndNoneOfTheirFieldsMustBeThere() {
    JsonNode thermos = contract("thermos-checkpoint.json");
    Map<String, Map<String, String>> generated = describe(ThermosIdl.STRUCTS, false);
    Map<String, Map<String, String>> contract = describe(thermos.get("structs"));
    // Readers of the original take any number of members, as of a struct.
    assertThat(contract.get("RunnerCkpt").put("kind", "struct")).isEqualTo("union");
    contract
        .values()
        .forEach(
            fields -> fields.replaceAll((id, field) -> field.replace(" default", " optional")));
    assertThat(generated).isEqualTo(contract);
    assertThat(enums(ThermosIdl.ENUMS)).isEqualTo(enums(thermos.get("enums")));
  }

  private static void reach(StructType<?> type, Set<String> reachable) {
    for (FieldInfo<?> field : type.fields()) {
      if (field.id() < OURS) {
        reach(field.type(), reachable);
      }
    }
  }

  private static void reach(ValueType type, Set<String> reachable) {
    if (type instanceof ValueType.StructOf struct) {
      if (reachable.add(struct.name())) {
        reach(struct.type().get(), reachable);
      }
    } else if (type instanceof ValueType.ListOf list) {
      reach(list.element(), reachable);
    } else if (type instanceof ValueType.SetOf set) {
      reach(set.element(), reachable);
    } else if (type instanceof ValueType.MapOf map) {
      reach(map.value(), reachable);
    }
  }

  private static Map<String, Map<String, String>> describe(
      Collection<StructType<?>> types, boolean hideOurs) {
    Map<String, Map<String, String>> structs = new TreeMap<>();
    for (StructType<?> type : types) {
      Map<String, String> fields = new TreeMap<>();
      fields.put("kind", type.kind().name().toLowerCase(Locale.ROOT));
      for (FieldInfo<?> field : type.fields()) {
        if (!hideOurs || field.id() < OURS) {
          // Members of a union are optional by their nature; the IDL does not repeat it.
          String requiredness =
              type.kind() == StructType.Kind.UNION
                  ? "optional"
                  : field.requiredness().name().toLowerCase(Locale.ROOT);
          fields.put(
              "field " + field.id(),
              field.name() + " " + typeName(field.type()) + " " + requiredness);
        }
      }
      structs.put(type.name(), fields);
    }
    return structs;
  }

  private static Map<String, Map<String, Integer>> enums(Collection<EnumType<?>> types) {
    Map<String, Map<String, Integer>> enums = new TreeMap<>();
    for (EnumType<?> type : types) {
      Map<String, Integer> values = new TreeMap<>();
      type.constants().forEach(c -> values.put(c.name(), type.numberOf(c)));
      enums.put(type.name(), values);
    }
    return enums;
  }

  private static Map<String, Map<String, Integer>> enums(JsonNode contract) {
    Map<String, Map<String, Integer>> enums = new TreeMap<>();
    contract
        .properties()
        .forEach(
            e -> {
              Map<String, Integer> values = new TreeMap<>();
              e.getValue().properties().forEach(v -> values.put(v.getKey(), v.getValue().asInt()));
              enums.put(e.getKey(), values);
            });
    return enums;
  }

  private static Map<String, Map<String, String>> describe(JsonNode contract) {
    Map<String, Map<String, String>> structs = new TreeMap<>();
    for (Iterator<Map.Entry<String, JsonNode>> all = contract.properties().iterator();
        all.hasNext(); ) {
      Map.Entry<String, JsonNode> struct = all.next();
      Map<String, String> fields = new TreeMap<>();
      fields.put("kind", struct.getValue().get("kind").asText());
      for (JsonNode field : struct.getValue().get("fields")) {
        fields.put(
            "field " + field.get("id").asInt(),
            field.get("name").asText()
                + " "
                + field.get("type").asText()
                + " "
                + field.get("requiredness").asText());
      }
      structs.put(struct.getKey(), fields);
    }
    return structs;
  }

  private static String typeName(ValueType type) {
    if (type instanceof ValueType.Scalar scalar) {
      return scalar.name().toLowerCase(Locale.ROOT);
    } else if (type instanceof ValueType.EnumOf of) {
      return of.type().name();
    } else if (type instanceof ValueType.StructOf of) {
      return of.name();
    } else if (type instanceof ValueType.ListOf list) {
      return "list<" + typeName(list.element()) + ">";
    } else if (type instanceof ValueType.SetOf set) {
      return "set<" + typeName(set.element()) + ">";
    }
    ValueType.MapOf map = (ValueType.MapOf) type;
    return "map<" + typeName(map.key()) + "," + typeName(map.value()) + ">";
  }

  private static <E extends Enum<E>> Set<Integer> numbers(Set<E> constants, EnumType<E> type) {
    Set<Integer> numbers = new TreeSet<>();
    constants.forEach(c -> numbers.add(type.numberOf(c)));
    return numbers;
  }

  private static Set<Integer> numbers(JsonNode array) {
    Set<Integer> numbers = new TreeSet<>();
    array.forEach(n -> numbers.add(n.asInt()));
    return numbers;
  }

  private static JsonNode contract(String name) {
    try (InputStream in = ContractTest.class.getResourceAsStream("/contract/" + name)) {
      return new ObjectMapper().readTree(in);
    } catch (IOException missing) {
      throw new AssertionError(missing);
    }
  }
}
