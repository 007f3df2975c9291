package io.borealis.bench;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.borealis.api.ScheduledTask;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.Test;

/** Programs are listed, their worlds are as they say, and short ones can be run. */
public class ProgramsTest {
  /** 16 CPUs, of which a task takes 0.1 and its executor 0.25. */
  private static final int ROOM_OF_HOST = 45;

  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private final Main main = new Main(new PrintStream(printed, true, UTF_8));

  @Test
  public void helpListsThePrograms() {
    assertThat(main.run("--help")).isZero();
    assertThat(printed.toString(UTF_8))
        .contains("status-read", "read-without-configs", "task-queries", "scheduling");
  }

  @Test
  public void anUnknownProgramIsRefused() {
    assertThat(main.run("task-querys")).isEqualTo(2);
    assertThat(printed.toString(UTF_8)).contains("there is no program 'task-querys'");
  }

  @Test
  public void queriesFindAsManyTasksAmongFewAsAmongMany() {
    List<Figure> figures = new TaskQueryCost(3_000, 2_500, 1).run();
    assertThat(figures).hasSize(13).allMatch(figure -> Double.isFinite(figure.value()));
    assertThat(figures.toString())
        .contains("1,000 tasks by id, of 3,000 ÷ of 2,500 stored", "1,000 returned: ");
  }

  @Test
  public void hostsHaveRoomForTheirTasks() {
    assertThat(mostOnHost(LargeState.of(0).tasks().all())).isBetween(1, ROOM_OF_HOST);
    assertThat(
            mostOnHost(
                CoordinatedUpdates.tasks(
                    List.of(Samples.job("one"), Samples.job("two"), Samples.job("three")))))
        .isBetween(1, ROOM_OF_HOST);
  }

  private static int mostOnHost(Iterable<ScheduledTask> tasks) {
    Map<String, Integer> counts = new HashMap<>();
    for (ScheduledTask task : tasks) {
      counts.merge(String.valueOf(task.assignedTask().slaveHost()), 1, Integer::sum);
    }
    return counts.values().stream().mapToInt(Integer::intValue).max().orElse(0);
  }
}
