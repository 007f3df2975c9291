package io.borealis.agent.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** How commands enter the cgroups of a task; plain files stand for those. */
public class GroupEntryTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private static TaskGroup group(List<Path> files, OptionalLong maxProcesses) {
    return new TaskGroup() {
      @Override
      public ImmutableList<Path> processFiles() {
        return ImmutableList.copyOf(files);
      }

      @Override
      public OptionalLong maxProcesses() {
        return maxProcesses;
      }

      @Override
      public ImmutableSet<Integer> pids() {
        return ImmutableSet.of();
      }

      @Override
      public boolean kill() {
        return false;
      }

      @Override
      public Optional<String> memoryExceeded(long residentBytes) {
        return Optional.empty();
      }

      @Override
      public boolean remove() {
        return true;
      }
    };
  }

  private static String run(TaskGroup group, String command) throws Exception {
    List<String> words = new ArrayList<>(GroupEntry.words(group));
    words.addAll(List.of("/bin/bash", "-c", command));
    Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return said;
  }

  @Test
  public void aCommandIsInAllCgroupsBeforeItBegins() throws Exception {
    Path one = folder.getRoot().toPath().resolve("one cgroup");
    Path two = folder.getRoot().toPath().resolve("two");
    String pid = run(group(List.of(one, two), OptionalLong.empty()), "echo $$");
    assertThat(one).hasContent(pid);
    assertThat(two).hasContent(pid);
  }

  @Test
  public void aCgroupThatIsGoneKeepsNoCommandFromRunning() throws Exception {
    Path gone = folder.getRoot().toPath().resolve("gone/cgroup.procs");
    assertThat(run(group(List.of(gone), OptionalLong.empty()), "echo ran")).isEqualTo("ran\n");
  }

  @Test
  public void withoutCgroupsTheNumberOfProcessesIsBound() throws Exception {
    assertThat(run(group(List.of(), OptionalLong.of(77)), "ulimit -u")).isEqualTo("77\n");
  }
}
