package io.borealis.scheduler.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.borealis.runtime.VirtualRuntimes;
import io.borealis.scheduler.journal.EntryCodec;
import io.borealis.scheduler.store.State;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.ZoneOffset;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** When a leader writes a backup that nobody asked for. */
public class PeriodicBackupsTest {
  private static final Duration INTERVAL = Duration.ofHours(1);

  @Rule public final TemporaryFolder temporary = new TemporaryFolder();

  private final VirtualRuntimes runtimes = new VirtualRuntimes();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private BackupDirectory directory;

  @Before
  public void prepare() throws IOException {
    directory = new BackupDirectory(temporary.getRoot().toPath(), "west", 9, ZoneOffset.UTC);
    directory.prepare();
  }

  private PeriodicBackups begin(BackupDirectory folder) {
    Backups backups =
        new Backups(folder, INTERVAL, new EntryCodec(), Runnable::run, runtimes.clock(), meters);
    PeriodicBackups periodic =
        new PeriodicBackups(
            backups, () -> State.EMPTY, runtimes.newLoop("writer"), runtimes.clock());
    periodic.start();
    runtimes.runReady();
    return periodic;
  }

  private double written() {
    return meters.counter("scheduler_backup_success").count();
  }

  @Test
  public void theFirstComesAfterAnIntervalAndThenOneAfterEach() {
    PeriodicBackups periodic = begin(directory);
    runtimes.advance(INTERVAL.minusSeconds(1));
    assertThat(written()).isZero();
    runtimes.advance(Duration.ofSeconds(1));
    assertThat(written()).isEqualTo(1);
    runtimes.advance(INTERVAL);
    assertThat(written()).isEqualTo(2);
    periodic.close();
    runtimes.advance(INTERVAL.multipliedBy(3));
    assertThat(written()).isEqualTo(2);
  }

  @Test
  public void aChangeOfLeadersDoesNotPutItOff() throws IOException {
    Path newest = temporary.getRoot().toPath().resolve(directory.save(State.EMPTY, 0));
    long made = runtimes.clock().wallMillis() - Duration.ofMinutes(40).toMillis();
    Files.setLastModifiedTime(newest, FileTime.fromMillis(made));
    PeriodicBackups unused = begin(directory);
    runtimes.advance(Duration.ofMinutes(19));
    assertThat(written()).isZero();
    runtimes.advance(Duration.ofMinutes(1));
    assertThat(written()).isEqualTo(1);
  }

  @Test
  public void oneThatIsOverdueComesOnceTheLeaderHasSettled() throws IOException {
    Path newest = temporary.getRoot().toPath().resolve(directory.save(State.EMPTY, 0));
    Files.setLastModifiedTime(newest, FileTime.fromMillis(0));
    PeriodicBackups unused = begin(directory);
    runtimes.advance(Duration.ofSeconds(59));
    assertThat(written()).isZero();
    runtimes.advance(Duration.ofSeconds(1));
    assertThat(written()).isEqualTo(1);
  }

  @Test
  public void oneThatFailedIsTriedAgainSooner() throws IOException {
    PeriodicBackups unused = begin(directory);
    temporary.delete();
    runtimes.advance(INTERVAL);
    assertThat(meters.counter("scheduler_backup_failed").count()).isEqualTo(1);
    directory.prepare();
    runtimes.advance(Duration.ofMinutes(5));
    assertThat(written()).isEqualTo(1);
  }

  @Test
  public void withoutAFolderThereAreNone() {
    PeriodicBackups unused = begin(null);
    runtimes.advance(INTERVAL.multipliedBy(3));
    assertThat(written()).isZero();
    assertThat(meters.counter("scheduler_backup_failed").count()).isZero();
  }
}
