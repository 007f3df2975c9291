package io.borealis.scheduler;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.junit.ArchUnitRunner;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import java.time.Instant;
import java.util.Date;
import java.util.Timer;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import org.junit.runner.RunWith;

/** The direction of dependencies, and where time, threads and Thrift may be touched. */
@RunWith(ArchUnitRunner.class)
@AnalyzeClasses(packages = "io.borealis", importOptions = ImportOption.DoNotIncludeTests.class)
public class ArchitectureTest {
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
          .whereLayer("scheduler")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("thrift")
          .mayOnlyBeAccessedByLayers("scheduler")
          .whereLayer("config")
          .mayOnlyBeAccessedByLayers("thrift", "scheduler");

  @ArchTest
  public static final ArchRule PACKAGES_HAVE_NO_CYCLES =
      SlicesRuleDefinition.slices()
          .matching("io.borealis.scheduler.(*)..")
          .should()
          .beFreeOfCycles();

  @ArchTest
  public static final ArchRule THE_STORE_KNOWS_NO_FEATURE =
      noClasses()
          .that()
          .resideInAnyPackage("io.borealis.scheduler.store..", "io.borealis.scheduler.journal..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
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
          .resideInAPackage("io.borealis.scheduler..")
          .and()
          .resideOutsideOfPackage("io.borealis.scheduler.runtime..")
          .should()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .callMethod(System.class, "nanoTime")
          .orShould()
          .callMethod(Instant.class, "now")
          .orShould()
          .callConstructor(Date.class)
          .orShould()
          .callMethod(Thread.class, "sleep", long.class)
          .orShould()
          .callMethod(Thread.class, "start")
          .orShould()
          .dependOnClassesThat()
          .belongToAnyOf(
              Executors.class,
              ThreadPoolExecutor.class,
              ScheduledThreadPoolExecutor.class,
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
