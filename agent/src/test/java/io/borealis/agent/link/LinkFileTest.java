package io.borealis.agent.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

public class LinkFileTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private Path file() {
    return folder.getRoot().toPath().resolve("link");
  }

  @Test
  public void aNewWorkDirectoryKnowsNothing() throws Exception {
    assertThat(new LinkFile(file()).load()).isEqualTo(LinkMemory.Facts.NONE);
  }

  @Test
  public void whatWasSavedIsThereAgain() throws Exception {
    LinkMemory.Facts facts = new LinkMemory.Facts(7, 3, "west-1");
    new LinkFile(file()).save(new LinkMemory.Facts(6, 3, null));
    assertThat(new LinkFile(file()).load()).isEqualTo(new LinkMemory.Facts(6, 3, null));
    new LinkFile(file()).save(facts);
    assertThat(new LinkFile(file()).load()).isEqualTo(facts);
  }

  /** As on a full disk, which takes no new file. */
  @Test
  public void whereNoNewFileCanBeMadeTheOldOneIsWrittenOver() throws Exception {
    new LinkFile(file()).save(new LinkMemory.Facts(12345, 3, "some-long-name"));
    Files.createDirectory(file().resolveSibling("link.new"));
    new LinkFile(file()).save(new LinkMemory.Facts(12346, 4, "west-1"));
    assertThat(new LinkFile(file()).load()).isEqualTo(new LinkMemory.Facts(12346, 4, "west-1"));
    Files.delete(file());
    assertThatThrownBy(() -> new LinkFile(file()).save(LinkMemory.Facts.NONE))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("link.new");
  }

  @Test
  public void aDamagedFileIsNotTakenForANewOne() throws Exception {
    Files.writeString(file(), "epoch=x\nstarts=1\n");
    assertThatThrownBy(() -> new LinkFile(file()).load())
        .isInstanceOf(IOException.class)
        .hasMessageContaining(file().toString());
    Files.writeString(file(), "");
    assertThatThrownBy(() -> new LinkFile(file()).load())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("it has no");
  }

  @Test
  public void everyStartNumbersItsRegistrationsAboveAllBefore() throws Exception {
    Fence first = new Fence(new LinkFile(file()));
    long one = first.nextRegistration();
    assertThat(first.nextRegistration()).isGreaterThan(one);
    assertThat(new Fence(new LinkFile(file())).nextRegistration())
        .isGreaterThan(first.nextRegistration());
  }

  @Test
  public void anOlderLeaderIsRefusedAlsoAfterARestart() throws Exception {
    Fence before = new Fence(new LinkFile(file()));
    assertThat(before.obey(5, "c")).isTrue();
    assertThat(before.obey(4, "c")).isFalse();
    Fence after = new Fence(new LinkFile(file()));
    assertThat(after.epoch()).isEqualTo(5);
    assertThat(after.frameworkId()).isEqualTo("c");
    assertThat(after.obey(4, "c")).isFalse();
    assertThat(after.obey(5, "c")).isTrue();
  }

  @Test
  public void aFullDiskDoesNotKeepANewLeaderAway() throws Exception {
    LinkMemory full =
        new LinkMemory() {
          private boolean started;

          @Override
          public Facts load() {
            return Facts.NONE;
          }

          @Override
          public void save(Facts facts) throws IOException {
            if (started) {
              throw new IOException("No space left on device");
            }
            started = true;
          }
        };
    Fence fence = new Fence(full);
    assertThat(fence.obey(5, "c")).isTrue();
    assertThat(fence.obey(4, "c")).isFalse();
  }
}
