package io.borealis.cli;

import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.google.common.collect.ImmutableSet;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.junit.ArchUnitRunner;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import java.util.Date;
import java.util.Timer;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import org.junit.runner.RunWith;

/** The direction of dependencies, and where time, threads and Thrift may be touched. */
@RunWith(ArchUnitRunner.class)
@AnalyzeClasses(packages = "io.borealis", importOptions = ImportOption.DoNotIncludeTests.class)
public class ArchitectureTest {
  private static final ImmutableSet<String> CLOCKS_AND_WAITS =
      ImmutableSet.of(
          "java.lang.System.currentTimeMillis",
          "java.lang.System.nanoTime",
          "java.lang.Thread.sleep",
          "java.lang.Thread.start",
          "java.util.concurrent.TimeUnit.sleep",
          // Each of them hides a thread that waits.
          "java.util.concurrent.CompletableFuture.orTimeout",
          "java.util.concurrent.CompletableFuture.completeOnTimeout",
          "java.util.concurrent.CompletableFuture.delayedExecutor");

  private static final DescribedPredicate<JavaMethodCall> READS_A_CLOCK_OR_WAITS =
      DescribedPredicate.describe(
          "reads a clock or waits",
          call -> {
            String owner = call.getTargetOwner().getName();
            return CLOCKS_AND_WAITS.contains(owner + "." + call.getName())
                || (owner.startsWith("java.time.") && call.getName().equals("now"));
          });

  @ArchTest
  public static final ArchRule MODULES_POINT_ONE_WAY =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .layer("api")
          .definedBy("io.borealis.api..")
          .layer("config")
          .definedBy("io.borealis.config..")
          .layer("thrift")
          .definedBy("io.borealis.thrift..")
          .layer("scheduler")
          .definedBy("io.borealis.scheduler..")
          .layer("agent")
          .definedBy("io.borealis.agent..")
          .whereLayer("scheduler")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("agent")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("thrift")
          .mayOnlyBeAccessedByLayers("scheduler", "agent")
          .whereLayer("config")
          .mayOnlyBeAccessedByLayers("thrift", "scheduler", "agent");

  @ArchTest
  public static final ArchRule PACKAGES_HAVE_NO_CYCLES =
      SlicesRuleDefinition.slices()
          .matching("io.borealis.scheduler.(*)..")
          .should()
          .beFreeOfCycles();

  @ArchTest
  public static final ArchRule PACKAGES_OF_THE_AGENT_HAVE_NO_CYCLES =
      SlicesRuleDefinition.slices().matching("io.borealis.agent.(*)..").should().beFreeOfCycles();

  @ArchTest
  public static final ArchRule ONLY_THE_AGENT_AS_A_WHOLE_KNOWS_ALL_ITS_PARTS =
      noClasses()
          .that()
          .resideInAPackage("io.borealis.agent.(*)..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.borealis.agent");

  @ArchTest
  public static final ArchRule JOBS_AND_PLANS_TOUCH_NO_FILES =
      noClasses()
          .that()
          .resideInAnyPackage("io.borealis.agent.job..", "io.borealis.agent.plan..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("java.nio.file..", "io.borealis.agent.process..");

  @ArchTest
  public static final ArchRule THE_STORE_KNOWS_NO_FEATURE =
      noClasses()
          .that()
          .resideInAnyPackage("io.borealis.scheduler.store..", "io.borealis.scheduler.journal..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.borealis.scheduler.backup..",
              "io.borealis.scheduler.cron..",
              "io.borealis.scheduler.maintenance..",
              "io.borealis.scheduler.task..",
              "io.borealis.scheduler.update..",
              "io.borealis.scheduler.scheduling..",
              "io.borealis.scheduler.cluster..",
              "io.borealis.scheduler.rpc..",
              "io.borealis.scheduler.leader..",
              "io.borealis.thrift..");

  @ArchTest
  public static final ArchRule TIME_AND_THREADS_COME_FROM_THE_RUNTIME =
      noClasses()
          .that()
          .resideInAPackage("io.borealis..")
          .and()
          .resideOutsideOfPackage("io.borealis.runtime..")
          .and()
          // The JVM takes nothing else than a thread as its last action.
          .doNotHaveFullyQualifiedName("io.borealis.cli.Daemons$Ending")
          .should()
          .callMethodWhere(READS_A_CLOCK_OR_WAITS)
          .orShould()
          .callConstructor(Date.class)
          .orShould()
          .callConstructorWhere(target(owner(assignableTo(Thread.class))))
          .orShould()
          .dependOnClassesThat()
          .belongToAnyOf(
              Executors.class,
              ThreadPoolExecutor.class,
              ScheduledThreadPoolExecutor.class,
              ForkJoinPool.class,
              Timer.class);

  @ArchTest
  public static final ArchRule LIBTHRIFT_STAYS_IN_API_THRIFT_AND_THE_CODEC =
      noClasses()
          .that()
          .resideInAPackage("io.borealis.scheduler..")
          .and()
          .haveSimpleNameNotStartingWith("EntryCodec")
          .should()
          .dependOnClassesThat(resideInAPackage("org.apache.thrift.."));
}
