package io.borealis.bench;

import io.borealis.api.JobKey;
import io.borealis.api.rpc.CreateJobArgs;
import io.borealis.api.rpc.GetJobsArgs;
import io.borealis.api.rpc.GetTierConfigsArgs;
import io.borealis.bench.Figure.Target;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** How near small reads come to a server that only carries Thrift. */
final class SmallReads implements Program {
  private static final int CLIENTS = 8;
  private static final int ROUNDS = 9;
  private static final Duration WARM_UP = Duration.ofSeconds(8);
  private static final Duration ROUND = Duration.ofSeconds(2);
  private static final Duration START = Duration.ofSeconds(60);

  @Override
  public String name() {
    return "small-reads";
  }

  @Override
  public String summary() {
    return "small reads per second ÷ an empty Thrift handler on the same HTTP server";
  }

  @Override
  public List<Figure> run() throws Exception {
    try (Testbed testbed = Testbed.start();
        Child stub = Child.start(StubServer.class.getName())) {
      Testbed.Scheduler scheduler = testbed.scheduler();
      scheduler.awaitLeading();
      JobKey job = Samples.job("hello");
      try (Connection connection = scheduler.connect()) {
        var unused = connection.call("createJob", new CreateJobArgs(Samples.configuration(job, 2)));
      }
      String line = stub.awaitLine("listening at", START);
      int stubPort = Integer.parseInt(line.substring(line.lastIndexOf(' ') + 1));
      byte[] tiers = Connection.request("getTierConfigs", new GetTierConfigsArgs());
      byte[] jobs = Connection.request("getJobs", new GetJobsArgs(job.role()));
      return List.of(
          compare("getTierConfigs/s ÷ empty handler/s", tiers, scheduler.port(), stubPort),
          compare("getJobs/s of a small job ÷ empty handler/s", jobs, scheduler.port(), stubPort));
    }
  }

  private static Figure compare(String name, byte[] request, int scheduler, int stub)
      throws Exception {
    try (Load reads = load(scheduler, request);
        Load empty = load(stub, request)) {
      double unused = reads.perSecond(WARM_UP);
      unused = empty.perSecond(WARM_UP);
      List<Double> ratios = new ArrayList<>();
      List<Double> measured = new ArrayList<>();
      List<Double> reference = new ArrayList<>();
      for (int round = 0; round < ROUNDS; round++) {
        reference.add(empty.perSecond(ROUND));
        measured.add(reads.perSecond(ROUND));
        ratios.add(measured.get(round) / reference.get(round));
      }
      return Figure.ratio(
          name,
          Statistics.median(ratios),
          Target.atLeast(0.8),
          "%,.0f/s ÷ %,.0f/s, %d clients"
              .formatted(Statistics.median(measured), Statistics.median(reference), CLIENTS));
    }
  }

  private static Load load(int port, byte[] request) throws IOException {
    return new Load(CLIENTS, port, number -> request, answer -> {});
  }
}
