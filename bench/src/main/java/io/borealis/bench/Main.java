package io.borealis.bench;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Maps;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs programs and prints their figures. Exit codes: 0 measured, whether targets are met or not; 1
 * a program failed; 2 wrongly called.
 */
public final class Main {
  private static final ImmutableMap<String, Program> PROGRAMS =
      Maps.uniqueIndex(
          ImmutableList.<Program>of(
              new DurableWrites(),
              new IdleLatency(),
              new SmallReads(),
              StatusRead.ofTasks(),
              StatusRead.withoutConfigs(),
              new TaskQueryCost(),
              new StartUpdate(),
              new Updates(),
              new CoordinatedUpdates(),
              new Explaining(),
              new Scheduling(),
              new Preempting(),
              new Failover(),
              new ColdStart(),
              new SnapshotPause(),
              new HeapPerTask()),
          Program::name);

  private static final String USAGE =
      """
      Usage: borealis-bench [--runs N] [NAME…]

      Runs the programs named, or all. With --runs each is run N times and the median is shown.

        --list   what programs there are
        --help   this text

      """;

  private final PrintStream out;
  private int runs = 1;

  Main(PrintStream out) {
    this.out = out;
  }

  /** Runs what is named on the command line. */
  public static void main(String[] args) {
    // Figures are the output; what daemons log they log in processes of their own.
    System.setProperty("logback.configurationFile", "bench-logback.xml");
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    System.exit(new Main(out).run(args));
  }

  /** The exit code. */
  int run(String... args) {
    List<Program> chosen = new ArrayList<>();
    for (int i = 0; i < args.length; i++) {
      switch (args[i]) {
        case "--list" -> {
          list();
          return 0;
        }
        case "--help", "-h" -> {
          out.print(USAGE);
          list();
          return 0;
        }
        case "--runs" -> {
          if (i + 1 == args.length || !args[i + 1].matches("[1-9]\\d?")) {
            return wrong("--runs needs a number from 1 to 99");
          }
          runs = Integer.parseInt(args[++i]);
        }
        default -> {
          Program program = PROGRAMS.get(args[i]);
          if (program == null) {
            return wrong("there is no program '" + args[i] + "'");
          }
          chosen.add(program);
        }
      }
    }
    return measure(chosen.isEmpty() ? PROGRAMS.values() : chosen);
  }

  private int wrong(String what) {
    out.println("borealis-bench: " + what);
    out.print(USAGE);
    list();
    return 2;
  }

  private void list() {
    for (Program program : PROGRAMS.values()) {
      out.printf("  %-22s %s%n", program.name(), program.summary());
    }
  }

  private int measure(Iterable<Program> programs) {
    out.println(Machine.describe());
    if (runs > 1) {
      out.println("median of " + runs + " runs");
    }
    out.println();
    out.print(Figure.head());
    int exit = 0;
    for (Program program : programs) {
      try {
        medians(program).forEach(figure -> out.print(figure.rows()));
      } catch (Exception | LinkageError | AssertionError failure) {
        out.println(program.name() + " failed: " + failure);
        failure.printStackTrace();
        exit = 1;
      }
    }
    return exit;
  }

  /** Each figure of the run in which it was the median. */
  private List<Figure> medians(Program program) throws Exception {
    Map<String, List<Figure>> byName = new LinkedHashMap<>();
    for (int i = 0; i < runs; i++) {
      for (Figure figure : program.run()) {
        byName.computeIfAbsent(figure.name(), name -> new ArrayList<>()).add(figure);
      }
    }
    List<Figure> medians = new ArrayList<>();
    for (List<Figure> figures : byName.values()) {
      figures.sort(Comparator.comparingDouble(Figure::value));
      medians.add(figures.get(figures.size() / 2));
    }
    return medians;
  }
}
