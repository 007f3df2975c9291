package io.borealis.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** Who has a work directory, and under what id. */
public class WorkDirTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  @Test
  public void theIdIsChosenOnce() {
    Path root = folder.getRoot().toPath().resolve("deep/work");
    WorkDir.open(root, "agent-here-0badcafe").close();
    try (WorkDir again = WorkDir.open(root, "agent-there-1")) {
      assertThat(again.agentId()).isEqualTo("agent-here-0badcafe");
    }
  }

  @Test
  public void aSecondAgentIsRefusedAsLongAsTheFirstIsThere() {
    Path root = folder.getRoot().toPath();
    WorkDir first = WorkDir.open(root, "agent-1");
    assertThatThrownBy(() -> WorkDir.open(root, "agent-2"))
        .isInstanceOf(AgentException.class)
        .hasMessage(
            "--work-dir: another agent uses %s, the process %d"
                .formatted(root.toAbsolutePath(), ProcessHandle.current().pid()));
    first.close();
    WorkDir.open(root, "agent-2").close();
  }

  @Test
  public void whatIsNoFolderIsRefused() throws Exception {
    Path file = folder.newFile().toPath();
    for (Path path : new Path[] {file, file.resolve("below")}) {
      assertThatThrownBy(() -> WorkDir.open(path, "agent-1"))
          .isInstanceOf(AgentException.class)
          .hasMessageStartingWith("--work-dir: " + path);
    }
  }

  @Test
  public void anIdThatIsNoneIsNamed() throws Exception {
    Path root = folder.getRoot().toPath();
    Files.createDirectories(root.resolve("meta"));
    Files.writeString(root.resolve("meta/agent.id"), "../x\n");
    assertThatThrownBy(() -> WorkDir.open(root, "agent-1"))
        .hasMessageContaining("holds no agent id but '../x'");
  }
}
