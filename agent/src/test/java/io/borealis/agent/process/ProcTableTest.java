package io.borealis.agent.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** Reading of /proc, from files that look like it. */
public class ProcTableTest {
  private static final int OWN_UID = 500;

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  @Test
  public void aNameMayHoldBlanksAndParenthesesAndLookLikeAnotherProcess() throws Exception {
    process(7, "a) R 1 1 1 (b", 'S', 3, 4, 5, 250);
    ProcEntry entry = reader().read().get(7).orElseThrow();
    assertThat(entry)
        .isEqualTo(
            new ProcEntry(
                7,
                3,
                4,
                5,
                'S',
                2,
                -5,
                250,
                1002.5,
                33,
                100 << 10,
                2000 << 10,
                1.5,
                0.25,
                "a) R 1 1 1 (b"));
  }

  @Test
  public void whatVanishesWhileItIsReadIsLeftOut() throws Exception {
    process(7, "stays", 'S', 1, 7, 7, 0);
    Files.createDirectories(folder.getRoot().toPath().resolve("8"));
    Files.createDirectories(folder.getRoot().toPath().resolve("9"));
    write("9/stat", "9 (cut off");
    Files.createDirectories(folder.getRoot().toPath().resolve("notapid"));
    assertThat(reader().read().all().keySet()).containsExactly(7);
  }

  @Test
  public void zombiesAreNotAlive() throws Exception {
    process(7, "leader", 'Z', 1, 7, 7, 0);
    process(8, "member", 'R', 7, 7, 7, 0);
    ProcTable table = reader().read();
    assertThat(table.get(7).orElseThrow().isAlive()).isFalse();
    assertThat(table.isOurs(7, 1000, OptionalInt.empty())).isFalse();
    assertThat(table.session(7)).extracting(ProcEntry::pid).containsExactly(8);
  }

  @Test
  public void descendantsAreFoundOverGenerationsAndNotInCircles() {
    ProcTable table =
        new ProcTable(
            ImmutableList.of(
                entry(10, 1),
                entry(11, 10),
                entry(12, 11),
                entry(13, 10),
                entry(20, 1),
                // Seen while pids were used again: each is the parent of the other.
                entry(30, 31),
                entry(31, 30)),
            OWN_UID);
    assertThat(table.descendants(10))
        .extracting(ProcEntry::pid)
        .containsExactlyInAnyOrder(11, 12, 13);
    assertThat(table.descendants(12)).isEmpty();
    assertThat(table.descendants(30)).extracting(ProcEntry::pid).containsExactly(31);
    assertThat(table.ancestry(12)).containsExactlyInAnyOrder(12, 11, 10);
    assertThat(table.ancestry(30)).containsExactlyInAnyOrder(30, 31);
  }

  @Test
  public void aPidIsOursWhenTimeAndUserAreRight() {
    ProcTable table = new ProcTable(ImmutableList.of(entry(10, 1), withUid(11, OWN_UID)), OWN_UID);
    assertThat(table.isOurs(10, 1000, OptionalInt.empty())).isTrue();
    assertThat(table.isOurs(10, 1009.9, OptionalInt.of(33))).isTrue();
    assertThat(table.isOurs(10, 990.1, OptionalInt.of(33))).isTrue();
    assertThat(table.isOurs(10, 1010, OptionalInt.of(33))).isFalse();
    assertThat(table.isOurs(10, 990, OptionalInt.of(33))).isFalse();
    assertThat(table.isOurs(10, 1000, OptionalInt.of(34))).isFalse();
    // Root may have become another user since.
    assertThat(table.isOurs(10, 1000, OptionalInt.of(0))).isTrue();
    // A coordinator keeps the user of the agent.
    assertThat(table.isOurs(11, 1000, OptionalInt.of(34))).isTrue();
    assertThat(table.isOurs(12, 1000, OptionalInt.empty())).isFalse();
  }

  @Test
  public void onlyTheExactHomeCounts() throws Exception {
    process(7, "x", 'S', 1, 7, 7, 0);
    write("7/environ", "XHOME=/sandbox\0HOME=/sandbox\0HOME=/other\0");
    assertThat(reader().home(7)).hasValue("/sandbox");
    assertThat(reader().home(8)).isEmpty();
  }

  @Test
  public void thisMachineIsReadRight() {
    ProcTable table = ProcReader.ofThisMachine().read();
    ProcEntry self = table.get(ProcReader.ownPid()).orElseThrow();
    double started =
        ProcessHandle.current().info().startInstant().orElseThrow().toEpochMilli() / 1000.0;
    assertThat(self.startSeconds()).isBetween(started - 1.5, started + 1.5);
    assertThat(self.residentBytes()).isGreaterThan(10 << 20);
    assertThat(self.threads()).isGreaterThan(3);
    assertThat(self.ppid()).isEqualTo((int) ProcessHandle.current().parent().orElseThrow().pid());
    assertThat(table.all().keySet()).contains(1);
  }

  private static ProcEntry entry(int pid, int ppid) {
    return new ProcEntry(pid, ppid, pid, pid, 'S', 1, 0, 0, 1000, 33, 0, 0, 0, 0, "x");
  }

  private static ProcEntry withUid(int pid, int uid) {
    return new ProcEntry(pid, 1, pid, pid, 'S', 1, 0, 0, 1000, uid, 0, 0, 0, 0, "x");
  }

  private ProcReader reader() throws Exception {
    write("stat", "cpu 1 2 3\nbtime 1000\nprocesses 4\n");
    return new ProcReader(folder.getRoot().toPath());
  }

  private void process(
      int pid, String name, char state, int ppid, int group, int session, long startTicks)
      throws Exception {
    Files.createDirectories(folder.getRoot().toPath().resolve(Integer.toString(pid)));
    write(
        pid + "/stat",
        "%d (%s) %c %d %d %d 0 -1 4194304 1 2 3 4 150 25 7 8 20 -5 2 0 %d 99 25 1 2 3\n"
            .formatted(pid, name, state, ppid, group, session, startTicks));
    write(
        pid + "/status",
        "Name:\tx\nUid:\t33\t34\t34\t34\nVmSize:\t    2000 kB\nVmRSS:\t     100 kB\n");
  }

  private void write(String file, String content) throws Exception {
    Path path = folder.getRoot().toPath().resolve(file);
    Files.write(path, content.getBytes(StandardCharsets.ISO_8859_1));
  }
}
