package io.borealis.scheduler;

import com.google.inject.AbstractModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import io.borealis.runtime.Clock;
import io.borealis.scheduler.TermModule.TermLoops;
import io.borealis.scheduler.cluster.ClusterDriver;
import io.borealis.scheduler.prune.PrunePolicy;
import io.borealis.scheduler.prune.TaskPruner;
import io.borealis.scheduler.reconcile.ReconcilePolicy;
import io.borealis.scheduler.reconcile.Reconciler;
import io.borealis.scheduler.rpc.ReconciliationHandler;
import io.borealis.scheduler.rpc.TaskAdminHandler;
import io.borealis.scheduler.store.Replica;
import io.borealis.scheduler.store.Writes;
import io.borealis.scheduler.task.LossCounters;
import io.borealis.scheduler.task.TaskLifecycle;
import io.micrometer.core.instrument.MeterRegistry;

/** What looks after tasks that run and tasks that have ended. */
final class TaskLifeModule extends AbstractModule {
  @Provides
  @Singleton
  TaskPruner taskPruner(
      PrunePolicy policy,
      TermLoops loops,
      Replica replica,
      Writes writes,
      Clock clock,
      MeterRegistry meters) {
    return new TaskPruner(
        policy, replica::durable, writes, loops.writer(), loops.snapshots(), clock, meters);
  }

  @Provides
  @Singleton
  Reconciler reconciler(
      ReconcilePolicy policy,
      TermLoops loops,
      Replica replica,
      ClusterDriver driver,
      MeterRegistry meters) {
    return new Reconciler(
        policy, replica::durable, driver::reconcile, loops.writer(), loops.snapshots(), meters);
  }

  @Provides
  @Singleton
  LossCounters losses(MeterRegistry meters) {
    return new LossCounters(meters);
  }

  @Provides
  @Singleton
  TaskAdminHandler taskAdmin(
      Writes writes,
      Replica replica,
      TaskLifecycle lifecycle,
      PrunePolicy policy,
      MeterRegistry meters) {
    return new TaskAdminHandler(writes, replica::durable, lifecycle, policy.batchSize(), meters);
  }

  @Provides
  @Singleton
  ReconciliationHandler reconciliation(Reconciler reconciler) {
    return new ReconciliationHandler(reconciler);
  }
}
