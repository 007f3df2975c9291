package io.borealis.thrift;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import io.borealis.api.AssignedTask;
import io.borealis.api.CoordinatorSlaPolicy;
import io.borealis.api.JobKey;
import io.borealis.api.Resource;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.ScheduledTask;
import io.borealis.api.SlaPolicy;
import io.borealis.api.TaskConfig;
import org.junit.Test;

public class SimpleJsonTest {
  /** What coordinators of Aurora's users read. */
  @Test
  public void aTaskIsAnObjectWithNumbersForEnumsAndBooleans() {
    TaskConfig config =
        TaskConfig.builder()
            .job(new JobKey("www", "prod", "a \"b\" ü"))
            .isService(true)
            .production(false)
            .resources(ImmutableSet.of(new Resource.NumCpus(0.5), new Resource.RamMb(1L << 40)))
            .taskLinks(ImmutableMap.of("health", "http://%host%"))
            .slaPolicy(
                new SlaPolicy.CoordinatorSlaPolicy(new CoordinatorSlaPolicy("http://c", "drain")))
            .build();
    ScheduledTask task =
        ScheduledTask.builder()
            .status(ScheduleStatus.RUNNING)
            .assignedTask(
                AssignedTask.builder()
                    .taskId("t")
                    .task(config)
                    .assignedPorts(ImmutableMap.of("http", 80))
                    .instanceId(7)
                    .build())
            .build();
    String json = SimpleJson.write(ScheduledTask.TYPE, task);
    assertThat(json)
        .contains("\"status\":2")
        .contains("\"isService\":1")
        .contains("\"production\":0")
        .contains("\"assignedPorts\":{\"http\":80}")
        .contains("\"instanceId\":7")
        .contains("\"name\":\"a \\\"b\\\" ü\"")
        .contains("[{\"numCpus\":0.5},{\"ramMb\":1099511627776}]")
        .contains("\"taskLinks\":{\"health\":\"http://%host%\"}")
        .contains(
            "\"slaPolicy\":{\"coordinatorSlaPolicy\":"
                + "{\"coordinatorUrl\":\"http://c\",\"statusKey\":\"drain\"}}")
        .doesNotContain("ancestorId");
  }
}
