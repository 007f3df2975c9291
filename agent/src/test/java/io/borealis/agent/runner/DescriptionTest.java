package io.borealis.agent.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.borealis.agent.checkpoint.CheckpointPaths;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

public final class DescriptionTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private CheckpointPaths paths;
  private Description description;

  @Before
  public void makeStreams() throws Exception {
    paths = new CheckpointPaths(folder.getRoot().toPath(), "t");
    description = new Description(paths);
    Files.createDirectories(paths.streams());
  }

  @Test
  public void aDescriptionIsWrittenOnceAndMovedAtTheEnd() throws Exception {
    description.activate("{\"name\": \"ö\"}");
    description.activate("another");
    assertThat(paths.active()).hasContent("{\"name\": \"ö\"}");

    description.finish(1_700_000_000_000L);

    assertThat(paths.active()).doesNotExist();
    assertThat(paths.finished()).hasContent("{\"name\": \"ö\"}");
    assertThat(Files.getLastModifiedTime(paths.finished()).toMillis())
        .isEqualTo(1_700_000_000_000L);
  }

  @Test
  public void whatIsNotActiveCannotBeFinished() {
    assertThatThrownBy(() -> description.finish(0)).isInstanceOf(NoSuchFileException.class);
  }

  @Test
  public void aTaskIsFinishedOnlyOnce() throws Exception {
    description.activate("{}");
    description.finish(0);
    description.activate("{}");

    assertThatThrownBy(() -> description.finish(0)).isInstanceOf(FileAlreadyExistsException.class);
    assertThat(paths.active()).exists();
  }
}
