package io.borealis.bench;

import com.google.common.collect.ImmutableSet;
import io.borealis.api.JobKey;
import io.borealis.api.ResponseCode;
import io.borealis.api.Result;
import io.borealis.api.ScheduleStatus;
import io.borealis.api.TaskQuery;
import io.borealis.api.rpc.CreateJobArgs;
import io.borealis.api.rpc.GetTasksStatusArgs;
import io.borealis.api.rpc.GetTasksWithoutConfigsArgs;
import io.borealis.bench.Figure.Target;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What the status of a large job costs beyond the writing of its bytes. */
final class StatusRead implements Program {
  private static final int HOSTS = 400;
  private static final int ROUNDS = 5;
  private static final Duration WARM_UP = Duration.ofSeconds(6);
  private static final Duration ROUND = Duration.ofSeconds(3);
  private static final Duration START = Duration.ofSeconds(60);

  private final String name;
  private final String call;
  private final int tasks;

  /**
   * @param call what is measured, a call that has a query
   * @param tasks of the job that is asked for
   */
  private StatusRead(String name, String call, int tasks) {
    this.name = name;
    this.call = call;
    this.tasks = tasks;
  }

  /** Whole tasks. */
  static StatusRead ofTasks() {
    return new StatusRead("status-read", "getTasksStatus", 1_000);
  }

  /** Tasks of which what only executors understand is left out. */
  static StatusRead withoutConfigs() {
    return new StatusRead("read-without-configs", "getTasksWithoutConfigs", 10_000);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String summary() {
    return "CPU of %s of %,d tasks ÷ writing the same bytes, binary and JSON"
        .formatted(call, tasks);
  }

  @Override
  public List<Figure> run() throws Exception {
    JobKey job = Samples.job("hello");
    TaskQuery ofJob = TaskQuery.builder().jobKeys(ImmutableSet.of(job)).build();
    byte[] query =
        call.equals("getTasksStatus")
            ? Connection.request(call, new GetTasksStatusArgs(ofJob))
            : Connection.request(call, new GetTasksWithoutConfigsArgs(ofJob));
    try (Testbed testbed = Testbed.start();
        Child stub = Child.start(StubServer.class.getName())) {
      Testbed.Scheduler scheduler =
          testbed.scheduler(
              "--simulated-hosts",
              Integer.toString(HOSTS),
              "--max-tasks-per-job",
              Integer.toString(tasks));
      scheduler.awaitLeading();
      try (Connection connection = scheduler.connect()) {
        var unused =
            connection.call("createJob", new CreateJobArgs(Samples.configuration(job, tasks)));
        awaitRunning(connection, query);
      }
      String line = stub.awaitLine("listening at", START);
      int stubPort = Integer.parseInt(line.substring(line.lastIndexOf(' ') + 1));
      return List.of(
          compare("binary", Connection.BINARY, query, scheduler, stub, stubPort, 5),
          compare("JSON", Connection.JSON, query, scheduler, stub, stubPort, 20));
    }
  }

  private void awaitRunning(Connection connection, byte[] query) throws Exception {
    long end = System.nanoTime() + START.toNanos();
    while (running(connection.post(query, Connection.BINARY)) < tasks) {
      if (System.nanoTime() - end > 0) {
        throw new IllegalStateException("the job does not run");
      }
      Thread.sleep(200);
    }
  }

  private static long running(byte[] answer) throws IOException {
    var response = Connection.answer(answer);
    return response.responseCode() == ResponseCode.OK
            && response.result() instanceof Result.ScheduleStatusResult result
        ? result.value().tasks().stream()
            .filter(task -> task.status() == ScheduleStatus.RUNNING)
            .count()
        : 0;
  }

  private Figure compare(
      String protocol,
      String accept,
      byte[] query,
      Testbed.Scheduler scheduler,
      Child stub,
      int stubPort,
      double target)
      throws Exception {
    Path file = Files.createTempFile("status", ".bytes");
    try (Connection status = scheduler.connect();
        Connection buffer = new Connection(stubPort, "/buffer?" + file)) {
      byte[] reply = status.post(query, accept);
      Files.write(file, reply);
      double unused = cpuMicros(scheduler.process(), status, query, accept, WARM_UP);
      unused = cpuMicros(stub, buffer, query, accept, WARM_UP);
      List<Double> reads = new ArrayList<>();
      List<Double> writes = new ArrayList<>();
      List<Double> ratios = new ArrayList<>();
      for (int round = 0; round < ROUNDS; round++) {
        writes.add(cpuMicros(stub, buffer, query, accept, ROUND));
        reads.add(cpuMicros(scheduler.process(), status, query, accept, ROUND));
        ratios.add(reads.get(round) / writes.get(round));
      }
      return Figure.ratio(
          "%s of %,d ÷ the same bytes, %s".formatted(call, tasks, protocol),
          Statistics.median(ratios),
          Target.atMost(target),
          "%,.0f µs ÷ %,.0f µs of CPU, %,d KiB"
              .formatted(Statistics.median(reads), Statistics.median(writes), reply.length / 1024));
    } finally {
      Files.delete(file);
    }
  }

  /** CPU that one answer costs the process. */
  private static double cpuMicros(
      Child process, Connection connection, byte[] query, String accept, Duration duration)
      throws IOException {
    long start = System.nanoTime();
    double cpu = process.cpuSeconds();
    int answers = 0;
    for (; System.nanoTime() - start < duration.toNanos(); answers++) {
      byte[] unused = connection.post(query, accept);
    }
    return (process.cpuSeconds() - cpu) * 1e6 / answers;
  }
}
