package io.borealis.scheduler.leader;

import io.borealis.scheduler.journal.StubJournal;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** A journal that is caught up and taken over when a test says so. For one thread. */
final class FakeJournal extends StubJournal {
  private final List<String> log;
  private final List<CompletableFuture<Void>> waiting = new ArrayList<>();
  @Nullable CompletableFuture<Long> takeOver;
  private long epoch;

  FakeJournal(List<String> log) {
    this.log = log;
  }

  /** What waited for it goes on. */
  void catchUp() {
    List<CompletableFuture<Void>> now = List.copyOf(waiting);
    waiting.clear();
    now.forEach(waiter -> waiter.complete(null));
  }

  @Override
  public CompletionStage<Void> whenCaughtUp() {
    CompletableFuture<Void> waiter = new CompletableFuture<>();
    waiting.add(waiter);
    return waiter;
  }

  @Override
  public CompletionStage<Long> takeOver(String leaderId) {
    log.add("take over");
    return takeOver == null ? CompletableFuture.completedFuture(++epoch) : takeOver;
  }

  @Override
  public void stepDown() {
    log.add("step down");
  }

  @Override
  public String epochPath() {
    return "/epoch";
  }
}
