package io.borealis.scheduler.prune;

import static org.assertj.core.api.Assertions.assertThat;

import io.borealis.api.JobKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.Test;

/** The order in which tasks are forgotten, against rules that look at every task each time. */
public class HistoriesTest {
  private static final PrunePolicy POLICY =
      new PrunePolicy(Duration.ofMillis(100), 4, Duration.ofMillis(20), 1000);

  private final Histories histories = new Histories(POLICY);
  private final Map<JobKey, LinkedHashMap<String, Long>> model =
      new TreeMap<>(Comparator.comparing(JobKey::name));

  @Test
  public void whateverHappensTheSameIsForgottenAsByLookingAtAll() {
    for (int seed = 0; seed < 200; seed++) {
      live(new Random(seed), "seed " + seed);
    }
  }

  @Test
  public void whatIsKeptForEverIsNeverDue() {
    PrunePolicy forEver =
        new PrunePolicy(Duration.ofMillis(Long.MAX_VALUE), 4, Duration.ofMillis(20), 1000);
    Histories kept = new Histories(forEver);
    kept.add(new JobKey("r", "e", "j"), "t", 1_000);
    assertThat(kept.takeDue(1_000_000, 10)).isEmpty();
  }

  private void live(Random random, String seed) {
    long now = random.nextInt(1000) - 500L;
    model.keySet().forEach(job -> histories.put(job, new LinkedHashMap<>()));
    model.clear();
    for (int step = 0; step < 100; step++) {
      JobKey job = new JobKey("r", "e", "job" + random.nextInt(3));
      String id = "t" + random.nextInt(20);
      switch (random.nextInt(5)) {
        case 0, 1 -> {
          String fresh = "s" + step;
          histories.add(job, fresh, now);
          model.computeIfAbsent(job, unused -> new LinkedHashMap<>()).put(fresh, now);
        }
        case 2 -> {
          List<String> there =
              new ArrayList<>(model.getOrDefault(job, new LinkedHashMap<>()).keySet());
          String gone = there.isEmpty() ? id : there.get(random.nextInt(there.size()));
          histories.remove(job, gone);
          model.getOrDefault(job, new LinkedHashMap<>()).remove(gone);
        }
        default -> {
          assertThat(histories.nextDueMs()).as(seed).isEqualTo(nextDue());
          now += random.nextInt(40);
          List<String> expected = takeDue(now);
          assertThat(histories.takeDue(now, 1000))
              .as(seed)
              .containsExactlyInAnyOrderElementsOf(expected);
        }
      }
    }
  }

  private Long nextDue() {
    Long next = null;
    for (LinkedHashMap<String, Long> job : model.values()) {
      int place = 0;
      for (long ended : job.values()) {
        long due = ended + (job.size() - place++ > POLICY.keptPerJob() ? 20 : 100);
        next = next == null ? due : Math.min(next, due);
      }
    }
    return next;
  }

  private List<String> takeDue(long now) {
    List<String> due = new ArrayList<>();
    for (LinkedHashMap<String, Long> job : model.values()) {
      int place = 0;
      int size = job.size();
      for (Map.Entry<String, Long> task : job.entrySet()) {
        boolean tooMany = size - place++ > POLICY.keptPerJob();
        if (task.getValue() + (tooMany ? 20 : 100) <= now) {
          due.add(task.getKey());
        }
      }
      due.forEach(job::remove);
    }
    return due;
  }

  @Test
  public void noMoreThanIsAskedForIsTaken() {
    JobKey job = new JobKey("r", "e", "j");
    for (int i = 0; i < 5; i++) {
      histories.add(job, "t" + i, i);
    }
    assertThat(histories.takeDue(1000, 2)).containsExactly("t0", "t1");
    assertThat(histories.takeDue(1000, 2)).containsExactly("t2", "t3");
    assertThat(histories.takeDue(1000, 2)).containsExactly("t4");
    assertThat(histories.takeDue(1000, 2)).isEmpty();
    assertThat(histories.nextDueMs()).isNull();
  }
}
