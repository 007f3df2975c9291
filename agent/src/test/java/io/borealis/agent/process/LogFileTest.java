package io.borealis.agent.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** When a log is put aside. */
public class LogFileTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();
  private Path file;

  @Before
  public void name() {
    file = folder.getRoot().toPath().resolve("stdout");
  }

  @Test
  public void aFileIsPutAsideOnceItHasTheSizeAndTheOldestGoes() throws Exception {
    LogFile log = LogFile.rotating(file, 4, 2);
    write(log, "abc");
    assertThat(file).hasContent("abc");
    write(log, "d");
    assertThat(file).hasContent("");
    assertThat(backup(1)).hasContent("abcd");
    write(log, "more than four");
    assertThat(backup(1)).hasContent("more than four");
    assertThat(backup(2)).hasContent("abcd");
    write(log, "12345");
    assertThat(backup(1)).hasContent("12345");
    assertThat(backup(2)).hasContent("more than four");
    assertThat(backup(3)).doesNotExist();
    write(log, "x");
    assertThat(file).hasContent("x");
  }

  @Test
  public void aRotatedFileBeginsEmptyAndAnotherGoesOn() throws Exception {
    Files.writeString(file, "before ");
    write(LogFile.appending(file), "after");
    assertThat(file).hasContent("before after");
    LogFile.rotating(file, 100, 1);
    assertThat(file).hasContent("");
  }

  @Test
  public void withoutALimitNothingIsPutAside() throws Exception {
    LogFile log = LogFile.appending(file);
    for (int i = 0; i < 100; i++) {
      write(log, "x".repeat(LogFile.CHUNK));
    }
    assertThat(Files.size(file)).isEqualTo(100L * LogFile.CHUNK);
    assertThat(folder.getRoot().list()).containsExactly("stdout");
  }

  @Test
  public void backupsThatSomebodyRemovedDoNotMatter() throws Exception {
    LogFile log = LogFile.rotating(file, 1, 3);
    write(log, "a");
    write(log, "b");
    Files.delete(backup(1));
    write(log, "c");
    assertThat(backup(1)).hasContent("c");
    assertThat(backup(2)).doesNotExist();
    assertThat(backup(3)).hasContent("a");
    Files.delete(file);
    write(log, "d");
    write(log, "e");
    assertThat(backup(1)).hasContent("e");
  }

  @Test
  public void whatCannotBeWrittenIsDroppedUntilItCan() throws Exception {
    Path directory = folder.getRoot().toPath().resolve("logs");
    LogFile log = LogFile.appending(directory.resolve("stdout"));
    write(log, "lost");
    Files.createDirectory(directory);
    write(log, "kept");
    assertThat(directory.resolve("stdout")).hasContent("kept");
  }

  @Test
  public void sizesAndNumbersBelowOneAreRefused() {
    assertThatThrownBy(() -> new LogPlan(LogPlan.Destination.FILE, LogPlan.Mode.ROTATE, 0, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("0 bytes");
    assertThatThrownBy(() -> new LogPlan(LogPlan.Destination.FILE, LogPlan.Mode.ROTATE, 1, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("0 backups");
    assertThat(new LogPlan(LogPlan.Destination.FILE, LogPlan.Mode.STANDARD, 0, 0)).isNotNull();
  }

  private Path backup(int number) {
    return file.resolveSibling("stdout." + number);
  }

  private static void write(LogFile log, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    log.write(bytes, bytes.length);
  }
}
