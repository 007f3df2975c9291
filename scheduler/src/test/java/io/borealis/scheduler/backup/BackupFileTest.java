package io.borealis.scheduler.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.borealis.scheduler.journal.EntryCodec;
import io.borealis.scheduler.journal.EntryCodecFields;
import io.borealis.scheduler.store.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** Backups as files. */
public class BackupFileTest {
  /** 2026-11-22 13:55:07 UTC. */
  private static final long NOW = 1_795_355_707_000L;

  private static final long MINUTE = 60_000;

  @Rule public final TemporaryFolder temporary = new TemporaryFolder();

  private final EntryCodec codec = new EntryCodec();
  private Path folder;
  private BackupDirectory directory;

  @Before
  public void prepare() throws IOException {
    folder = temporary.getRoot().toPath().resolve("backups");
    directory = new BackupDirectory(folder, "west", 3, ZoneOffset.UTC);
    directory.prepare();
  }

  @Test
  public void aStateComesBackAsItWas() throws Exception {
    for (long seed = 0; seed < 40; seed++) {
      State state = BackupSamples.state(seed);
      BackupContent content = directory.load(directory.save(state, NOW), codec);
      assertThat(content.unreadable()).as("seed %d", seed).isEmpty();
      assertThat(content.converted()).as("seed %d", seed).isEmpty();
      assertThat(content.ours()).isTrue();
      assertThat(content.cluster()).isEqualTo("west");
      assertThat(BackupSamples.bytes(content.state()))
          .as("seed %d", seed)
          .isEqualTo(BackupSamples.bytes(state));
      assertThat(content.state().stampMs()).isEqualTo(state.stampMs());
      assertThat(content.state().transaction()).isEqualTo(state.transaction());
    }
  }

  @Test
  public void anEmptyStateComesBackToo() throws Exception {
    BackupContent content = directory.load(directory.save(State.EMPTY, NOW), codec);
    assertThat(BackupSamples.bytes(content.state())).isEqualTo(BackupSamples.bytes(State.EMPTY));
    assertThat(content.ours()).isTrue();
  }

  /** Aurora skips ids it does not know; what it knows stands before and has its types. */
  @Test
  public void aBackupIsOnePlainSnapshotStructWithOurFieldsBehindThoseOfAurora() throws Exception {
    byte[] bytes = Files.readAllBytes(folder.resolve(directory.save(BackupSamples.state(1), NOW)));
    List<String> fields = EntryCodecFields.of(bytes);
    assertThat(fields.subList(0, 8))
        .containsExactly("1:10", "3:14", "4:14", "5:14", "6:12", "8:14", "10:14", "13:14");
    assertThat(fields.subList(8, fields.size()))
        .allSatisfy(field -> assertThat(field).matches("1\\d\\d\\d:.*"))
        .last()
        .isEqualTo("1099:10");
  }

  @Test
  public void onlyFilesWithTheNameOfABackupAreListedAndCount() throws Exception {
    String name = directory.save(BackupSamples.small(), NOW);
    for (String other :
        List.of(
            name + ".copy",
            name + "-00",
            "scheduler-backup-",
            "scheduler-backup-2026-13-22-13-55",
            "scheduler-backup-2026-02-30-13-55",
            "scheduler-backup-2026-11-22-24-00",
            "scheduler-backup-2026-1-22-13-55",
            "scheduler-backup-+2026-11-22-13-55",
            "temp_" + name)) {
      Files.createFile(folder.resolve(other));
    }
    Files.createDirectory(folder.resolve("scheduler-backup-2026-11-22-13-56"));
    Files.createFile(folder.resolve("scheduler-backup-2024-02-29-23-59"));
    assertThat(directory.list()).containsExactly("scheduler-backup-2024-02-29-23-59", name);
    assertThat(directory.save(BackupSamples.small(), NOW + MINUTE * 60)).isNotEqualTo(name);
    assertThat(directory.list()).as("others take nobody's place").hasSize(3);
  }

  @Test
  public void aBackupThatIsCutOffAnywhereIsRefused() throws Exception {
    Path file = folder.resolve(directory.save(BackupSamples.small(), NOW));
    byte[] bytes = Files.readAllBytes(file);
    for (int length = 0; length < bytes.length; length++) {
      Files.write(file, Arrays.copyOf(bytes, length));
      int cut = length;
      assertThatThrownBy(() -> BackupDirectory.load(file, codec))
          .as("%d of %d bytes", cut, bytes.length)
          .isInstanceOf(BackupException.class)
          .hasMessageStartingWith("Failed to decode backup " + file + ": ");
    }
  }

  @Test
  public void aBackupWithAnyBitsFlippedIsRefused() throws Exception {
    Path file = folder.resolve(directory.save(BackupSamples.small(), NOW));
    byte[] bytes = Files.readAllBytes(file);
    for (int at = 0; at < bytes.length; at++) {
      // Of the last bytes, which hold the checksum and where it is, every bit.
      int masks = at < bytes.length - 16 ? 1 : 8;
      for (int i = 0; i < masks; i++) {
        byte[] damaged = bytes.clone();
        damaged[at] ^= (byte) (1 << ((at + i) % 8));
        Files.write(file, damaged);
        assertThatThrownBy(() -> BackupDirectory.load(file, codec))
            .as("bit %d of byte %d of %d", (at + i) % 8, at, bytes.length)
            .isInstanceOf(BackupException.class)
            .hasMessageStartingWith("Failed to decode backup ");
      }
    }
  }

  @Test
  public void whatIsWrongIsSaidWithItsPlace() throws Exception {
    Path file = folder.resolve(directory.save(BackupSamples.state(2), NOW));
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, 100));
    assertThatThrownBy(() -> BackupDirectory.load(file, codec))
        .hasMessageContaining("at byte ")
        .hasMessageContaining(" of 100: ");

    Files.write(file, Arrays.copyOf(bytes, bytes.length + 5));
    assertThatThrownBy(() -> BackupDirectory.load(file, codec))
        .hasMessageContaining("it ends at byte %d, but 5 more follow".formatted(bytes.length));

    bytes[200] ^= 1;
    Files.write(file, bytes);
    assertThatThrownBy(() -> BackupDirectory.load(file, codec)).hasMessageContaining("checksum");
  }

  @Test
  public void namesAreOfTheMinuteInTheTimeZoneAndTheNewestAreKept() throws Exception {
    assertThat(directory.save(State.EMPTY, NOW)).isEqualTo("scheduler-backup-2026-11-22-13-55");
    assertThat(directory.save(State.EMPTY, NOW + 1)).isEqualTo("scheduler-backup-2026-11-22-13-55");
    assertThat(directory.list()).hasSize(1);
    for (int i = 1; i < 5; i++) {
      var unused = directory.save(State.EMPTY, NOW + i * MINUTE);
    }
    assertThat(directory.list())
        .containsExactly(
            "scheduler-backup-2026-11-22-13-57",
            "scheduler-backup-2026-11-22-13-58",
            "scheduler-backup-2026-11-22-13-59");
    BackupDirectory east = new BackupDirectory(folder, "west", 3, ZoneId.of("America/Los_Angeles"));
    assertThat(east.save(State.EMPTY, NOW)).isEqualTo("scheduler-backup-2026-11-22-05-55");
  }

  @Test
  public void whatACrashLeftIsRemovedAndWhatIsNotOursStays() throws Exception {
    Files.writeString(folder.resolve("temp_scheduler-backup-2026-11-22-13-55"), "half");
    Files.writeString(folder.resolve("notes.txt"), "ours are others");
    directory.prepare();
    for (int i = 0; i < 5; i++) {
      var unused = directory.save(State.EMPTY, NOW + i * MINUTE);
    }
    try (var files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .hasSize(4)
          .contains("notes.txt")
          .noneMatch(name -> name.startsWith("temp_"));
    }
    assertThat(directory.list()).doesNotContain("notes.txt");
  }

  @Test
  public void aFolderThatCannotBeMadeIsSaidAtOnce() throws Exception {
    Path file = temporary.newFile("file").toPath();
    BackupDirectory impossible =
        new BackupDirectory(file.resolve("backups"), "west", 3, ZoneOffset.UTC);
    assertThatThrownBy(impossible::prepare).isInstanceOf(IOException.class);
  }

  @Test
  public void namesThatLeadElsewhereAreRefused() {
    for (String name : new String[] {"", " ", ".", "..", "../x", "a/b", "/etc/passwd", "a\\b"}) {
      assertThatThrownBy(() -> directory.load(name, codec))
          .as(name)
          .isInstanceOf(BackupException.class)
          .hasMessage("'" + name + "' cannot be the name of a backup.");
    }
    assertThatThrownBy(() -> directory.load("nope", codec))
        .hasMessage("Backup " + folder.resolve("nope") + " does not exist.");
  }
}
